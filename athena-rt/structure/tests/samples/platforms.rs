//! Stripe, chat completions, Kubernetes, SQS, Slack and Sentry.

use std::collections::BTreeMap;

use athena_rt::prelude::*;
use serde_json::{Map, Value};

use super::comes_back;

#[structure]
struct StripeEvent {
    id: String,
    object: String,
    #[default(None)]
    api_version: Option<String>,
    created: i64,
    data: StripeData,
    livemode: bool,
    pending_webhooks: u32,
    request: StripeRequest,
    #[serde(rename = "type")]
    kind: String,
}

#[structure]
struct StripeData {
    object: StripeObject,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_attributes: Option<Map<String, Value>>,
}

#[structure]
#[serde(tag = "object", rename_all = "snake_case")]
enum StripeObject {
    Charge {
        id: String,
        amount: u64,
        currency: String,
        #[default(None)]
        customer: Option<String>,
        metadata: BTreeMap<String, String>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    },
    Customer {
        id: String,
        email: Option<String>,
    },
}

#[structure]
struct StripeRequest {
    #[default(None)]
    id: Option<String>,
    #[default(None)]
    idempotency_key: Option<String>,
}

#[test]
fn an_event_of_stripe() {
    comes_back::<StripeEvent>(
        r#"{"id":"evt_1","object":"event","api_version":"2024-06-20","created":1718000000,
            "data":{"object":{"object":"charge","id":"ch_1","amount":1999,"currency":"eur","customer":null,
              "metadata":{"order":"6735"},"refunds":{"data":[],"has_more":false},"paid":true},
              "previous_attributes":{"metadata":{"order":null}}},
            "livemode":false,"pending_webhooks":1,"request":{"id":null,"idempotency_key":null},
            "type":"charge.updated"}"#,
    );
    comes_back::<StripeEvent>(
        r#"{"id":"evt_2","object":"event","api_version":null,"created":0,
            "data":{"object":{"object":"customer","id":"cus_1","email":"a@b.example"}},
            "livemode":true,"pending_webhooks":0,"request":{"id":"req_1","idempotency_key":"k"},
            "type":"customer.created"}"#,
    );
}

#[structure]
struct ChatRequest {
    model: String,
    messages: Vec<ChatMessage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tool_choice: Option<ToolChoice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stop: Option<OneOrMany>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
}

#[structure]
#[serde(tag = "role", rename_all = "lowercase")]
enum ChatMessage {
    System {
        content: String,
    },
    User {
        content: ChatContent,
    },
    Assistant {
        #[default(None)]
        content: Option<ChatContent>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<ToolCall>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

#[structure]
#[serde(untagged)]
enum ChatContent {
    Text(String),
    Parts(Vec<ChatPart>),
}

#[structure]
#[serde(tag = "type", rename_all = "snake_case")]
enum ChatPart {
    Text { text: String },
    ImageUrl { image_url: ImageUrl },
}

#[structure]
struct ImageUrl {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[structure]
struct ToolCall {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    function: Call,
}

#[structure]
struct Call {
    name: String,
    arguments: String,
}

#[structure]
#[serde(tag = "type", content = "function", rename_all = "lowercase")]
enum Tool {
    Function { name: String, parameters: Value },
}

#[structure]
#[serde(untagged)]
enum ToolChoice {
    Mode(String),
    One(Tool),
}

#[structure]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[test]
fn chat_completions() {
    comes_back::<ChatRequest>(
        r#"{"model":"m","messages":[
            {"role":"system","content":"be brief"},
            {"role":"user","content":"hello"},
            {"role":"user","content":[{"type":"text","text":"what is it?"},
              {"type":"image_url","image_url":{"url":"https://a.example/b.png","detail":"low"}}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function",
              "function":{"name":"weather","arguments":"{\"city\":\"Graz\"}"}}]},
            {"role":"tool","tool_call_id":"c1","content":"sunny"}],
            "tools":[{"type":"function","function":{"name":"weather",
              "parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],
            "tool_choice":"auto","stop":["\n","."],"temperature":0.5}"#,
    );
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Deployment {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: DeploymentSpec,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct ObjectMeta {
    name: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    creation_timestamp: Option<Option<String>>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct DeploymentSpec {
    replicas: u32,
    strategy: Strategy,
    template: Template,
}

#[structure]
#[serde(tag = "type")]
enum Strategy {
    Recreate,
    RollingUpdate {
        #[serde(rename = "rollingUpdate")]
        rolling_update: RollingUpdate,
    },
}

#[structure]
#[serde(rename_all = "camelCase")]
struct RollingUpdate {
    max_surge: IntOrString,
    max_unavailable: IntOrString,
}

#[structure]
#[serde(untagged)]
enum IntOrString {
    Int(i32),
    String(String),
}

#[structure]
struct Template {
    metadata: ObjectMeta,
    spec: PodSpec,
}

#[structure]
struct PodSpec {
    containers: Vec<Container>,
    /// What this program does not know is kept.
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[structure]
struct Container {
    name: String,
    image: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    env: Vec<EnvVar>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    resources: BTreeMap<String, BTreeMap<String, String>>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct EnvVar {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value_from: Option<EnvSource>,
}

#[structure]
#[serde(rename_all = "camelCase")]
enum EnvSource {
    FieldRef {
        #[serde(rename = "fieldPath")]
        field_path: String,
    },
    SecretKeyRef {
        name: String,
        key: String,
    },
}

#[test]
fn a_deployment_of_kubernetes() {
    comes_back::<Deployment>(
        r#"{"apiVersion":"apps/v1","kind":"Deployment",
            "metadata":{"name":"api","labels":{"app.kubernetes.io/name":"api"},"creationTimestamp":null},
            "spec":{"replicas":3,"strategy":{"type":"RollingUpdate",
              "rollingUpdate":{"maxSurge":"25%","maxUnavailable":0}},
             "template":{"metadata":{"name":"api"},"spec":{"containers":[{"name":"api","image":"api:1",
               "env":[{"name":"A","value":"1"},{"name":"B","valueFrom":{"fieldRef":{"fieldPath":"status.podIP"}}},
                {"name":"C","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}}],
               "resources":{"limits":{"cpu":"500m","memory":"128Mi"}}}],
               "dnsPolicy":"ClusterFirst","terminationGracePeriodSeconds":30}}}}"#,
    );
}

#[structure]
#[serde(rename_all = "PascalCase")]
struct SqsEvent {
    records: Vec<SqsMessage>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct SqsMessage {
    message_id: String,
    receipt_handle: String,
    body: String,
    attributes: BTreeMap<String, String>,
    message_attributes: BTreeMap<String, SqsAttribute>,
    md5_of_body: String,
    event_source: String,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
    aws_region: String,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct SqsAttribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    string_list_values: Vec<String>,
    data_type: String,
}

#[test]
fn messages_of_sqs() {
    comes_back::<SqsEvent>(
        r#"{"Records":[{"messageId":"059f36b4","receiptHandle":"AQEB","body":"{\"n\":1}",
            "attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082649183"},
            "messageAttributes":{"trace":{"stringValue":"abc","stringListValues":[],"dataType":"String"}},
            "md5OfBody":"e4e68fb7","eventSource":"aws:sqs",
            "eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:q","awsRegion":"eu-central-1"}]}"#,
    );
}

#[structure]
struct SlackMessage {
    channel: String,
    blocks: Vec<Block>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    thread_ts: Option<String>,
}

#[structure]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Section {
        text: SlackText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        accessory: Option<Element>,
    },
    Divider,
    Actions {
        block_id: String,
        elements: Vec<Element>,
    },
}

#[structure]
#[serde(tag = "type", rename_all = "snake_case")]
enum SlackText {
    Mrkdwn { text: String },
    PlainText { text: String, emoji: bool },
}

#[structure]
#[serde(tag = "type", rename_all = "snake_case")]
enum Element {
    Button {
        text: SlackText,
        value: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        style: Option<String>,
    },
    Image {
        image_url: String,
        alt_text: String,
    },
}

#[test]
fn blocks_of_slack() {
    comes_back::<SlackMessage>(
        r#"{"channel":"C1","blocks":[
            {"type":"section","text":{"type":"mrkdwn","text":"*Deploy* of `api`"},
             "accessory":{"type":"image","image_url":"https://a.example/i.png","alt_text":"icon"}},
            {"type":"divider"},
            {"type":"actions","block_id":"b1","elements":[{"type":"button",
             "text":{"type":"plain_text","text":"Approve","emoji":true},"value":"yes","style":"primary"}]}],
            "thread_ts":"1503435956.000247"}"#,
    );
}

#[structure]
struct SentryEvent {
    event_id: String,
    timestamp: SentryTime,
    platform: String,
    level: Level,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exception: Option<Exceptions>,
    tags: Tags,
    contexts: BTreeMap<String, Value>,
    fingerprint: Vec<String>,
}

#[structure]
#[serde(untagged)]
enum SentryTime {
    Seconds(f64),
    Text(String),
}

#[structure]
#[serde(rename_all = "lowercase")]
enum Level {
    Fatal,
    Error,
    Warning,
    /// Whatever else there is one day.
    #[serde(other)]
    Other,
}

#[structure]
struct Exceptions {
    values: Vec<Exception>,
}

#[structure]
struct Exception {
    #[serde(rename = "type")]
    kind: String,
    value: String,
    #[default(None)]
    stacktrace: Option<Value>,
}

#[structure]
#[serde(untagged)]
enum Tags {
    Pairs(Vec<(String, String)>),
    Map(BTreeMap<String, String>),
}

#[test]
fn events_of_sentry() {
    comes_back::<SentryEvent>(
        r#"{"event_id":"fc6d8c0c43fc4630ad850ee518f1b9d0","timestamp":1718000000.25,"platform":"rust","level":"error",
            "exception":{"values":[{"type":"Panic","value":"at the disco","stacktrace":{"frames":[{"lineno":7}]}},
             {"type":"Cause","value":"","stacktrace":null}]},
            "tags":[["server","a"],["release","1.2"]],"contexts":{"os":{"name":"Linux"}},"fingerprint":["{{ default }}"]}"#,
    );
    comes_back::<SentryEvent>(
        r#"{"event_id":"1","timestamp":"2026-11-29T11:00:00Z","platform":"rust","level":"fatal",
            "tags":{"server":"a"},"contexts":{},"fingerprint":[]}"#,
    );
}
