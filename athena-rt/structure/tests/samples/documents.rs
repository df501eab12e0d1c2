//! OTLP, ECS, SARIF, jCal, FHIR, ISO 20022, a typed configuration and pages.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use athena_rt::prelude::*;
use serde_json::{Map, Value};

use super::comes_back;

#[structure]
#[serde(rename_all = "camelCase")]
struct Traces {
    resource_spans: Vec<ResourceSpans>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct ResourceSpans {
    resource: Resource,
    scope_spans: Vec<ScopeSpans>,
}

#[structure]
struct Resource {
    attributes: Vec<Attribute>,
}

#[structure]
struct ScopeSpans {
    spans: Vec<Span>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Span {
    trace_id: String,
    span_id: String,
    name: String,
    kind: u8,
    #[field(text)]
    start_time_unix_nano: u64,
    #[field(text)]
    end_time_unix_nano: u64,
    attributes: Vec<Attribute>,
}

#[structure]
struct Attribute {
    key: String,
    value: AnyValue,
}

#[structure]
#[serde(rename_all = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "names of the format")]
enum AnyValue {
    StringValue(String),
    BoolValue(bool),
    /// A number as text, as in ProtoJSON.
    IntValue(String),
    DoubleValue(f64),
    ArrayValue {
        values: Vec<AnyValue>,
    },
}

#[test]
fn spans_of_otlp() {
    comes_back::<Traces>(
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"api"}}]},
            "scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174",
             "name":"GET /","kind":2,"startTimeUnixNano":"1544712660000000000","endTimeUnixNano":"18446744073709551615",
             "attributes":[{"key":"n","value":{"intValue":"-9223372036854775808"}},{"key":"d","value":{"doubleValue":0.5}},
              {"key":"l","value":{"arrayValue":{"values":[{"boolValue":true},{"stringValue":""}]}}}]}]}]}]}"#,
    );
}

#[structure]
struct EcsLog {
    #[serde(rename = "@timestamp")]
    timestamp: String,
    #[serde(rename = "log.level")]
    level: String,
    #[serde(rename = "ecs.version")]
    version: String,
    message: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, Value>,
    event: EcsEvent,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[structure]
struct EcsEvent {
    dataset: String,
    duration: u64,
}

#[test]
fn a_line_of_ecs() {
    comes_back::<EcsLog>(
        r#"{"@timestamp":"2026-11-29T11:00:00.000Z","log.level":"info","ecs.version":"1.6.0","message":"done",
            "labels":{"customer":7,"beta":true},"event":{"dataset":"api.log","duration":1250000},
            "http":{"request":{"method":"get"}},"process.pid":4242}"#,
    );
}

#[structure]
struct Sarif {
    #[serde(rename = "$schema")]
    schema: String,
    version: String,
    runs: Vec<Run>,
}

#[structure]
struct Run {
    tool: SarifTool,
    results: Vec<Finding>,
}

#[structure]
struct SarifTool {
    driver: Driver,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    semantic_version: Option<String>,
    rules: Vec<Map<String, Value>>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: String,
    level: FindingLevel,
    message: Text,
    locations: Vec<Place>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    properties: Map<String, Value>,
}

#[structure]
#[serde(rename_all = "lowercase")]
enum FindingLevel {
    None,
    Note,
    Warning,
    Error,
}

#[structure]
struct Text {
    text: String,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: Physical,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[structure]
struct Artifact {
    uri: String,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_column: Option<u32>,
}

#[test]
fn findings_of_sarif() {
    comes_back::<Sarif>(
        r#"{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{
            "tool":{"driver":{"name":"clippy","semanticVersion":"0.1.95","rules":[{"id":"needless_return",
             "shortDescription":{"text":"x"},"defaultConfiguration":{"level":"warning"}}]}},
            "results":[{"ruleId":"needless_return","level":"warning","message":{"text":"unneeded `return`"},
             "locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/lib.rs"},"region":{"startLine":7}}}],
             "properties":{"tags":["style"]}}]}]}"#,
    );
}

/// RFC 7265: name, properties, components. A structure without names for its fields can't contain itself.
#[structure]
struct Component(String, Vec<Property>, Vec<Value>);

/// Name, parameters, type, value.
#[structure]
struct Property(String, BTreeMap<String, String>, String, Value);

#[test]
fn a_calendar_of_jcal() {
    comes_back::<Component>(
        r#"["vcalendar",[["version",{},"text","2.0"],["prodid",{},"text","-//a//b//EN"]],
            [["vevent",[["dtstart",{"tzid":"Europe/Vienna"},"date-time","2026-11-29T10:00:00"],
              ["sequence",{},"integer",2],
              ["rrule",{},"recur",{"freq":"WEEKLY","byday":["MO","TH"]}]],[]]]]"#,
    );
}

#[structure]
#[serde(tag = "resourceType")]
enum FhirResource {
    Patient {
        id: String,
        name: Vec<HumanName>,
        #[serde(rename = "birthDate")]
        birth_date: String,
        #[serde(rename = "_birthDate", default, skip_serializing_if = "Option::is_none")]
        birth_date_extension: Option<Value>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        contained: Vec<FhirResource>,
    },
    Observation {
        id: String,
        status: String,
        code: Value,
        #[serde(flatten)]
        value: ObservedValue,
    },
}

#[structure]
#[serde(rename_all = "camelCase")]
#[allow(clippy::enum_variant_names, reason = "names of the format")]
enum ObservedValue {
    ValueQuantity { value: f64, unit: String },
    ValueString(String),
    ValueBoolean(bool),
}

#[structure]
struct HumanName {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    given: Vec<String>,
}

#[test]
fn resources_of_fhir() {
    comes_back::<FhirResource>(
        r#"{"resourceType":"Patient","id":"p1","name":[{"family":"Chalmers","given":["Peter","James"]}],
            "birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"http://a.example/t","valueDateTime":"1974-12-25T14:35"}]},
            "contained":[{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"weight"},
             "valueQuantity":{"value":6.3,"unit":"kg"}},
             {"resourceType":"Observation","id":"o2","status":"final","code":{},"valueBoolean":true}]}"#,
    );
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct Payment {
    grp_hdr: GroupHeader,
    cdt_trf_tx_inf: Vec<Transfer>,
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct GroupHeader {
    msg_id: String,
    cre_dt_tm: String,
    nb_of_txs: String,
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct Transfer {
    pmt_id: BTreeMap<String, String>,
    intr_bk_sttlm_amt: Amount,
    chrg_br: ChargeBearer,
    dbtr: Party,
    cdtr: Party,
}

#[structure]
struct Amount {
    #[serde(rename = "@Ccy")]
    currency: String,
    #[serde(rename = "#text")]
    value: String,
}

#[structure]
#[serde(rename_all = "UPPERCASE")]
enum ChargeBearer {
    Debt,
    Cred,
    Shar,
    Slev,
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct Party {
    nm: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pstl_adr: Option<Map<String, Value>>,
}

#[test]
fn a_payment_of_iso_20022() {
    comes_back::<Payment>(
        r##"{"GrpHdr":{"MsgId":"M1","CreDtTm":"2026-11-29T11:00:00Z","NbOfTxs":"1"},
            "CdtTrfTxInf":[{"PmtId":{"EndToEndId":"E1","UETR":"8a562c67"},
             "IntrBkSttlmAmt":{"@Ccy":"EUR","#text":"1234.50"},"ChrgBr":"SHAR",
             "Dbtr":{"Nm":"A","PstlAdr":{"Ctry":"AT","AdrLine":["x","y"]}},"Cdtr":{"Nm":"B"}}]}"##,
    );
}

#[structure]
#[serde(rename_all = "kebab-case")]
struct Configuration {
    listen: SocketAddr,
    #[serde(default)]
    log_level: LogLevel,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    backends: Vec<Backend>,
    limits: BTreeMap<u16, u64>,
}

#[structure]
#[serde(rename_all = "lowercase")]
#[derive(Default)]
enum LogLevel {
    Warn,
    #[default]
    Info,
}

#[structure]
#[serde(tag = "type", content = "config", rename_all = "kebab-case")]
enum Backend {
    InMemory,
    Disk { path: std::path::PathBuf },
    Remote(String),
}

#[test]
fn a_typed_configuration() {
    comes_back::<Configuration>(
        r#"{"listen":"[::1]:8080","log-level":"warn","backends":[{"type":"in-memory"},
            {"type":"disk","config":{"path":"/var/a"}},{"type":"remote","config":"tcp://b"}],
            "limits":{"80":1000,"443":18446744073709551615}}"#,
    );
}

#[structure]
struct Page<T> {
    items: Vec<T>,
    #[default(None)]
    next: Option<String>,
    total: u64,
}

#[structure]
struct User {
    id: u64,
    name: String,
}

#[test]
fn pages() {
    comes_back::<Page<User>>(r#"{"items":[{"id":1,"name":"a"}],"next":null,"total":1}"#);
    comes_back::<Page<String>>(r#"{"items":["a","b"],"next":"c","total":3}"#);
}
