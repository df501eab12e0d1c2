//! CloudEvents, Debezium, JSON Patch, JSON-RPC, GeoJSON.

use std::collections::BTreeMap;

use athena_rt::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::comes_back;

#[structure]
struct CloudEvent {
    #[serde(rename = "specversion")]
    spec_version: SpecVersion,
    id: String,
    source: String,
    r#type: String,
    subject: Option<String>,
    time: Option<athena_rt::Timestamp>,
    #[serde(rename = "datacontenttype", alias = "contenttype")]
    data_content_type: Option<String>,
    data: Option<Value>,
    #[serde(flatten)]
    extensions: BTreeMap<String, String>,
}

#[structure]
#[serde(transparent)]
struct SpecVersion(String);

#[test]
fn cloud_events() {
    comes_back::<CloudEvent>(include_str!("cloudevents.json"));
}

#[structure]
struct Change {
    schema: Column,
    payload: Payload,
}

#[structure]
struct Column {
    r#type: String,
    optional: bool,
    name: Option<String>,
    field: Option<String>,
    version: Option<u32>,
    parameters: Option<BTreeMap<String, String>>,
    fields: Option<Vec<Column>>,
}

#[structure]
struct Payload {
    #[default(None)]
    before: Option<BTreeMap<String, Value>>,
    #[default(None)]
    after: Option<BTreeMap<String, Value>>,
    source: Source,
    op: char,
    ts_ms: i64,
    #[default(None)]
    transaction: Option<Value>,
}

#[structure]
struct Source {
    version: String,
    connector: String,
    name: String,
    ts_ms: i64,
    snapshot: String,
    db: String,
    table: String,
    server_id: u32,
    #[default(None)]
    gtid: Option<String>,
    file: String,
    pos: u64,
    row: u32,
}

#[test]
fn debezium() {
    comes_back::<Change>(include_str!("debezium.json"));
}

#[derive(Serialize, Deserialize)]
#[structure]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: Value },
    Remove { path: String },
    Move { from: String, path: String },
}

#[test]
fn json_patch() {
    comes_back::<Vec<Operation>>(include_str!("patch.json"));
}

#[structure]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
}

#[structure]
#[serde(untagged)]
enum Params {
    Named(BTreeMap<String, Value>),
    Positional(Vec<Value>),
}

#[structure]
struct Request {
    jsonrpc: String,
    method: String,
    params: Option<Params>,
    id: Option<Id>,
}

#[structure]
struct RpcError {
    code: i32,
    message: String,
    data: Option<Value>,
}

#[structure]
struct Response {
    jsonrpc: String,
    result: Option<Value>,
    error: Option<RpcError>,
    #[default(None)]
    id: Option<Id>,
}

#[test]
fn json_rpc() {
    comes_back::<Request>(include_str!("rpcreq.json"));
    comes_back::<Response>(include_str!("rpcres.json"));
}

#[structure]
#[serde(tag = "type")]
enum Geometry {
    Point { coordinates: (f64, f64) },
    Polygon { coordinates: Vec<Vec<(f64, f64)>> },
}

#[structure]
#[serde(tag = "type")]
enum Feature {
    Feature {
        #[default(None)]
        geometry: Option<Geometry>,
        #[default(None)]
        properties: Option<BTreeMap<String, Value>>,
    },
}

#[structure]
#[serde(tag = "type")]
enum Collection {
    FeatureCollection { features: Vec<Feature> },
}

#[test]
fn geo_json() {
    comes_back::<Collection>(include_str!("geo2.json"));
}
