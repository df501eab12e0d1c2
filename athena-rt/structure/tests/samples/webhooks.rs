//! Alertmanager, S3 and GitHub's push.

use std::collections::BTreeMap;

use athena_rt::prelude::*;
use serde_json::Value;

use super::comes_back;

#[structure]
#[serde(rename_all = "camelCase")]
struct Alerts {
    version: String,
    group_key: String,
    truncated_alerts: u32,
    status: Status,
    receiver: String,
    group_labels: BTreeMap<String, String>,
    common_labels: BTreeMap<String, String>,
    common_annotations: BTreeMap<String, String>,
    #[serde(rename = "externalURL")]
    external_url: String,
    alerts: Vec<Alert>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Alert {
    status: Status,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    fingerprint: String,
}

#[structure]
#[serde(rename_all = "lowercase")]
enum Status {
    Firing,
    Resolved,
}

#[test]
fn alertmanager() {
    comes_back::<Alerts>(include_str!("alertmanager.json"));
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct Notification {
    records: Vec<Record>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Record {
    event_version: String,
    event_source: String,
    aws_region: String,
    event_time: String,
    event_name: String,
    user_identity: Identity,
    request_parameters: BTreeMap<String, String>,
    response_elements: ResponseElements,
    s3: S3,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Identity {
    principal_id: String,
}

#[structure]
struct ResponseElements {
    #[serde(rename = "x-amz-request-id")]
    request_id: String,
    #[serde(rename = "x-amz-id-2")]
    id: String,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct S3 {
    s3_schema_version: String,
    configuration_id: String,
    bucket: Bucket,
    object: Object,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Bucket {
    name: String,
    owner_identity: Identity,
    arn: String,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Object {
    key: String,
    size: u64,
    e_tag: String,
    version_id: Option<String>,
    sequencer: String,
}

#[test]
fn s3() {
    comes_back::<Notification>(include_str!("s3.json"));
}

#[structure]
struct Push {
    r#ref: String,
    before: String,
    after: String,
    repository: Repository,
    pusher: Pusher,
    created: bool,
    deleted: bool,
    forced: bool,
    #[default(None)]
    base_ref: Option<String>,
    compare: String,
    commits: Vec<Value>,
    #[default(None)]
    head_commit: Option<Value>,
}

#[structure]
struct Repository {
    id: u64,
    node_id: String,
    name: String,
    full_name: String,
    private: bool,
    owner: Owner,
    #[default(None)]
    description: Option<String>,
    fork: bool,
    created_at: i64,
    #[default(None)]
    license: Option<Value>,
    topics: Vec<String>,
    default_branch: String,
}

#[structure]
struct Owner {
    name: String,
    login: String,
    id: u64,
    #[serde(rename = "type")]
    kind: OwnerKind,
    site_admin: bool,
}

#[structure]
enum OwnerKind {
    User,
    Organization,
}

#[structure]
struct Pusher {
    name: String,
    email: Option<String>,
}

#[test]
fn a_push_to_github() {
    comes_back::<Push>(include_str!("push.json"));
}
