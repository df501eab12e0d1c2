//! OCI images, Docker, Terraform, npm, cargo, `EventBridge` and `OpenTelemetry`.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use athena_rt::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::comes_back;

/// A digest, `sha256:..`, as crates that know OCI have it.
#[derive(Clone, Debug, PartialEq)]
struct Digest {
    algorithm: String,
    hex: String,
}

impl Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm, self.hex)
    }
}

impl FromStr for Digest {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (algorithm, hex) = text.split_once(':').ok_or("a digest has an algorithm")?;
        Ok(Self { algorithm: algorithm.to_owned(), hex: hex.to_owned() })
    }
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Manifest {
    schema_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<MediaType>,
    config: Descriptor,
    layers: Vec<Descriptor>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

#[structure]
enum MediaType {
    #[serde(rename = "application/vnd.oci.image.manifest.v1+json")]
    Manifest,
    #[serde(rename = "application/vnd.oci.image.config.v1+json")]
    Config,
    #[serde(
        rename = "application/vnd.oci.image.layer.v1.tar+gzip",
        alias = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    )]
    Layer,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: MediaType,
    #[field(text)]
    digest: Digest,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    platform: Option<Platform>,
}

#[structure]
struct Platform {
    architecture: String,
    os: String,
    #[serde(rename = "os.version", skip_serializing_if = "Option::is_none")]
    os_version: Option<String>,
}

#[test]
fn manifests_of_oci_images() {
    comes_back::<Manifest>(
        r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:b5b2","size":7023},
            "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:9834","size":32654,
              "platform":{"architecture":"amd64","os":"windows","os.version":"10.0.14393.1066"}}],
            "annotations":{"com.example.key1":"value1"}}"#,
    );
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct DockerContainer {
    id: String,
    names: Vec<String>,
    ports: Vec<Port>,
    labels: HashMap<String, String>,
    #[default(None)]
    mounts: Option<Vec<Value>>,
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct Port {
    #[serde(rename = "IP")]
    ip: Option<IpAddr>,
    private_port: u16,
    public_port: Option<u16>,
    #[serde(rename = "Type")]
    kind: String,
}

#[test]
fn containers_of_docker() {
    comes_back::<Vec<DockerContainer>>(
        r#"[{"Id":"8dfa","Names":["/boring"],"Ports":[{"IP":"::","PrivatePort":80,"PublicPort":8080,"Type":"tcp"},
            {"PrivatePort":53,"Type":"udp"}],"Labels":{"com.example.vendor":"Acme"},"Mounts":null}]"#,
    );
}

#[structure]
struct Plan {
    format_version: String,
    resource_changes: Vec<ResourceChange>,
}

#[structure]
struct ResourceChange {
    address: String,
    /// A number for `count`, a text for `for_each`.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<Index>,
    change: PlannedChange,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[structure]
#[serde(untagged)]
enum Index {
    Count(u64),
    Each(String),
}

#[structure]
struct PlannedChange {
    actions: Vec<PlannedAction>,
    #[default(None)]
    before: Option<Value>,
    #[default(None)]
    after: Option<Value>,
    after_unknown: Value,
}

#[structure]
#[derive(Eq, Copy)]
#[serde(rename_all = "kebab-case")]
enum PlannedAction {
    NoOp,
    Create,
    Delete,
}

#[test]
fn a_plan_of_terraform() {
    comes_back::<Plan>(
        r#"{"format_version":"1.2","resource_changes":[
            {"address":"aws_instance.a[0]","index":0,"mode":"managed","change":{"actions":["delete","create"],
              "before":{"ami":"a","tags":null},"after":{"ami":"b"},"after_unknown":{"id":true}}},
            {"address":"aws_instance.b[\"x\"]","index":"x","change":{"actions":["no-op"],"before":null,"after":null,
              "after_unknown":false}}]}"#,
    );
}

#[structure]
#[serde(rename_all = "camelCase")]
struct PackageLock {
    name: String,
    lockfile_version: u8,
    requires: bool,
    packages: BTreeMap<String, LockedPackage>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct LockedPackage {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    dev: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    dependencies: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bin: Option<Bin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    funding: Option<Funding>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[structure]
#[serde(untagged)]
enum Bin {
    One(String),
    Named(BTreeMap<String, String>),
}

#[structure]
#[serde(untagged)]
enum Funding {
    Url(String),
    Object { url: String },
    List(Vec<Funding>),
}

#[test]
fn a_package_lock_of_npm() {
    comes_back::<PackageLock>(
        r#"{"name":"app","lockfileVersion":3,"requires":true,"packages":{
            "":{"name":"app","dependencies":{"a":"^1.0.0"}},
            "node_modules/a":{"version":"1.0.3","resolved":"https://example.com/a.tgz","integrity":"sha512-x==","dev":true,
              "bin":{"a":"cli.js"},"engines":{"node":">=12"},"funding":[{"url":"https://a.example"},"https://b.example"]},
            "node_modules/b":{"version":"2.0.0","bin":"b.js","funding":{"url":"https://c.example"}}}}"#,
    );
}

/// As the crate `cargo_metadata` has it.
#[derive(Clone, Serialize, Deserialize, Debug, PartialEq, Eq, Hash)]
#[structure]
#[serde(transparent)]
struct PackageId {
    /// The underlying string.
    repr: String,
}

#[derive(Clone, Serialize, Deserialize, Debug)]
#[structure]
struct CargoMetadata {
    packages: Vec<CargoPackage>,
    workspace_members: Vec<PackageId>,
    #[default(None)]
    resolve: Option<Value>,
    target_directory: PathBuf,
    version: usize,
    #[serde(rename = "metadata", default)]
    workspace_metadata: Value,
}

#[derive(Clone, Serialize, Deserialize, Debug)]
#[structure]
struct CargoPackage {
    name: String,
    id: PackageId,
    #[default(None)]
    license: Option<String>,
    dependencies: Vec<CargoDependency>,
    targets: Vec<CargoTarget>,
    features: BTreeMap<String, Vec<String>>,
    edition: CargoEdition,
    #[default(None)]
    publish: Option<Vec<String>>,
}

#[derive(Clone, Copy, Serialize, Deserialize, Debug, Default, PartialEq, Eq)]
#[structure]
enum CargoEdition {
    #[serde(rename = "2015")]
    E2015,
    #[default]
    #[serde(rename = "2024")]
    E2024,
}

#[derive(Clone, Serialize, Deserialize, Debug)]
#[structure]
struct CargoDependency {
    name: String,
    #[serde(deserialize_with = "or_normal")]
    kind: CargoKind,
    optional: bool,
    #[default(None)]
    rename: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize, Debug, Default, PartialEq, Eq)]
#[structure]
#[serde(rename_all = "lowercase")]
enum CargoKind {
    #[default]
    Normal,
    Dev,
    #[serde(other)]
    Unknown,
}

/// `null` is the usual kind.
fn or_normal<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<CargoKind, D::Error> {
    Option::<CargoKind>::deserialize(deserializer).map(Option::unwrap_or_default)
}

#[derive(Clone, Serialize, Deserialize, Debug)]
#[structure]
#[serde(rename_all = "kebab-case")]
struct CargoTarget {
    name: String,
    kind: Vec<String>,
    #[serde(default)]
    required_features: Vec<String>,
    src_path: PathBuf,
    #[serde(default = "yes")]
    doctest: bool,
}

fn yes() -> bool {
    true
}

#[test]
fn metadata_of_cargo() {
    comes_back::<CargoMetadata>(
        r#"{"packages":[{"name":"a","id":"path+file:///a#0.1.0","license":null,
            "dependencies":[{"name":"serde","kind":"dev","optional":false,"rename":null}],
            "targets":[{"name":"a","kind":["lib"],"required-features":[],"src-path":"/a/src/lib.rs","doctest":true}],
            "features":{"default":["std"],"std":[]},"edition":"2024","publish":[]}],
            "workspace_members":["path+file:///a#0.1.0"],"resolve":null,"target_directory":"/a/target","version":1,
            "metadata":{"docs":{"all-features":true}}}"#,
    );
    let kind = |text: &str| {
        let text = format!(r#"{{"name":"a","kind":{text},"optional":true,"rename":null}}"#);
        athena_rt::structure::json::decode::<CargoDependency>(&text).unwrap().kind
    };
    assert_eq!((kind("null"), kind(r#""build-dep""#)), (CargoKind::Normal, CargoKind::Unknown));
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
struct EventBridge<T> {
    version: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    time: athena_rt::Timestamp,
    resources: Vec<String>,
    detail: T,
}

#[structure]
#[serde(rename_all = "kebab-case")]
struct InstanceState {
    instance_id: String,
    state: String,
}

#[test]
fn events_of_event_bridge() {
    comes_back::<EventBridge<InstanceState>>(
        r#"{"version":"0","detail-type":"EC2 Instance State-change Notification","time":"2026-11-29T18:43:48Z",
            "resources":["arn:aws:ec2:i-abcd"],"detail":{"instance-id":"i-abcd","state":"running"}}"#,
    );
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Span {
    trace_id: String,
    span_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    parent_span_id: String,
    name: String,
    kind: u8,
    /// A 64-bit number, which OTLP writes as text.
    #[field(text)]
    start_time_unix_nano: u64,
    attributes: Vec<KeyValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<SpanStatus>,
}

#[structure]
#[derive(Default)]
struct SpanStatus {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
}

#[structure]
struct KeyValue {
    key: String,
    value: AnyValue,
}

#[structure]
#[serde(rename_all = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "what a user of serde writes")]
enum AnyValue {
    StringValue(String),
    BoolValue(bool),
    IntValue(IntText),
    ArrayValue { values: Vec<AnyValue> },
    BytesValue(Vec<u8>),
}

/// An integer as text.
#[structure]
#[serde(try_from = "String", into = "String")]
struct IntText(i64);

impl TryFrom<String> for IntText {
    type Error = std::num::ParseIntError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<IntText> for String {
    fn from(number: IntText) -> Self {
        number.0.to_string()
    }
}

#[test]
fn spans_of_open_telemetry() {
    comes_back::<Span>(
        r#"{"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","parentSpanId":"EEE19B7EC3C1B173",
            "name":"I'm a server span","kind":2,"startTimeUnixNano":"1544712660000000000","attributes":[
            {"key":"a","value":{"stringValue":"x"}},{"key":"b","value":{"intValue":"-9223372036854775808"}},
            {"key":"c","value":{"arrayValue":{"values":[{"boolValue":true},{"bytesValue":"AQI="}]}}}],"status":{}}"#,
    );
}
