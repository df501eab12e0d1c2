//! Telegram, Discord, Matrix, `ActivityPub`, the Language Server Protocol and `OpenAPI`.

use std::collections::BTreeMap;

use athena_rt::prelude::*;
use athena_rt::structure::json;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::comes_back;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
struct Update {
    update_id: i64,
    #[serde(flatten)]
    kind: UpdateKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
#[serde(rename_all = "snake_case")]
enum UpdateKind {
    Message(TelegramMessage),
    EditedMessage(TelegramMessage),
    CallbackQuery {
        id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        data: Option<String>,
    },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
struct TelegramMessage {
    message_id: i64,
    chat: Chat,
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    entities: Vec<Entity>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
struct Chat {
    id: i64,
    #[serde(flatten)]
    kind: ChatKind,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
#[serde(tag = "type", rename_all = "snake_case")]
enum ChatKind {
    Private { username: Option<String>, first_name: Option<String> },
    Group { title: String },
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[structure]
struct Entity {
    #[serde(rename = "type")]
    kind: EntityKind,
    offset: usize,
    length: usize,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[structure]
#[serde(rename_all = "snake_case")]
enum EntityKind {
    BotCommand,
    #[serde(other)]
    Unknown,
}

#[test]
fn updates_of_telegram() {
    comes_back::<Update>(
        r#"{"update_id":1,"message":{"message_id":2,"chat":{"id":-3,"type":"private","first_name":"A"},"text":"/start",
            "entities":[{"type":"bot_command","offset":0,"length":6}]}}"#,
    );
    comes_back::<Update>(r#"{"update_id":1,"callback_query":{"id":"x","data":"yes"}}"#);
    comes_back::<Update>(
        r#"{"update_id":1,"edited_message":{"message_id":2,"chat":{"id":-3,"type":"group","title":"G"}}}"#,
    );
    let error = json::decode::<Update>(r#"{"update_id":1,"mesage":{}}"#).unwrap_err();
    assert_eq!((error.pointer.as_str(), error.line), ("/mesage", 1), "{error}");
}

/// A snowflake: a 64-bit number as text.
#[structure]
#[derive(Eq, PartialOrd, Ord, Hash, Copy)]
#[serde(try_from = "String", into = "String")]
struct Snowflake(u64);

impl TryFrom<String> for Snowflake {
    type Error = std::num::ParseIntError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Snowflake> for String {
    fn from(id: Snowflake) -> Self {
        id.0.to_string()
    }
}

#[structure]
struct Interaction {
    id: Snowflake,
    #[serde(rename = "type")]
    kind: InteractionKind,
    data: Option<CommandData>,
    token: String,
    version: u8,
}

/// Numbers, of which there may be new ones.
#[structure]
#[serde(from = "u8", into = "u8")]
enum InteractionKind {
    Ping,
    Command,
    Other(u8),
}

impl From<u8> for InteractionKind {
    fn from(number: u8) -> Self {
        match number {
            1 => Self::Ping,
            2 => Self::Command,
            other => Self::Other(other),
        }
    }
}

impl From<InteractionKind> for u8 {
    fn from(kind: InteractionKind) -> Self {
        match kind {
            InteractionKind::Ping => 1,
            InteractionKind::Command => 2,
            InteractionKind::Other(other) => other,
        }
    }
}

#[structure]
struct CommandData {
    id: Snowflake,
    name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    options: Vec<CommandOption>,
    resolved: Option<Resolved>,
}

#[structure]
struct CommandOption {
    name: String,
    value: OptionValue,
}

#[structure]
#[serde(untagged)]
enum OptionValue {
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(String),
}

#[structure]
struct Resolved {
    users: BTreeMap<String, Value>,
}

#[test]
fn interactions_of_discord() {
    comes_back::<Interaction>(
        r#"{"id":"786008729715212338","type":2,"token":"A_UNIQUE_TOKEN","version":1,"data":{"id":"771825006014889984",
            "name":"cardsearch","options":[{"name":"a","value":"The Gitrog Monster"},{"name":"b","value":7},
            {"name":"c","value":0.5},{"name":"d","value":true}],
            "resolved":{"users":{"53908232506183680":{"username":"Mason","avatar":null}}}}}"#,
    );
    comes_back::<Interaction>(r#"{"id":"1","type":9,"token":"t","version":1}"#);
}

#[structure]
#[serde(tag = "type", content = "content", rename_all_fields = "camelCase")]
enum RoomContent {
    #[serde(rename = "m.room.message")]
    Message { msgtype: String, body: String },
    #[serde(rename = "m.room.member", alias = "m.member")]
    Member { membership: String, display_name: Option<String> },
}

#[structure]
struct RoomEvent {
    event_id: String,
    #[serde(flatten)]
    content: RoomContent,
}

#[test]
fn events_of_matrix() {
    comes_back::<RoomEvent>(
        r#"{"event_id":"$1","type":"m.room.message","content":{"msgtype":"m.text","body":"hi"}}"#,
    );
    comes_back::<RoomEvent>(
        r#"{"event_id":"$2","type":"m.room.member","content":{"membership":"join","displayName":"A"}}"#,
    );
}

#[structure]
#[serde(untagged, expecting = "an address or an object")]
enum Object {
    Address(String),
    Object {
        id: String,
        #[serde(rename = "type")]
        kind: String,
        #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
        context: Option<Contexts>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        object: Option<Box<Object>>,
    },
}

#[structure]
#[serde(untagged)]
enum Contexts {
    One(String),
    Many(Vec<Context>),
}

#[structure]
#[serde(untagged)]
enum Context {
    One(String),
    Terms(BTreeMap<String, Value>),
}

#[test]
fn activities() {
    comes_back::<Object>(
        r#"{"id":"https://a.example/1","type":"Create","@context":["https://www.w3.org/ns/activitystreams",{"@language":"en"}],
            "object":{"id":"https://a.example/2","type":"Note"}}"#,
    );
    comes_back::<Object>(
        r#"{"id":"https://a.example/1","type":"Like","@context":"https://www.w3.org/ns/activitystreams","object":"https://b.example"}"#,
    );
}

#[derive(Debug, Eq, PartialEq, Clone, Copy, Default, Deserialize, Serialize, PartialOrd, Ord)]
#[structure]
struct Position {
    line: u32,
    character: u32,
}

#[derive(Debug, Eq, PartialEq, Clone, Copy, Default, Deserialize, Serialize)]
#[structure]
struct Range {
    start: Position,
    end: Position,
}

#[derive(Debug, PartialEq, Clone, Deserialize, Serialize)]
#[structure]
#[serde(rename_all = "camelCase")]
struct WorkspaceEdit {
    document_changes: DocumentChanges,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_annotations: Option<BTreeMap<String, Value>>,
}

#[derive(Debug, PartialEq, Clone, Deserialize, Serialize)]
#[structure]
#[serde(untagged)]
enum DocumentChanges {
    Edits(Vec<TextEdit>),
    Operations(Vec<ResourceOperation>),
}

#[derive(Debug, PartialEq, Clone, Deserialize, Serialize)]
#[structure]
#[serde(rename_all = "camelCase")]
struct TextEdit {
    range: Range,
    new_text: String,
}

#[derive(Debug, PartialEq, Clone, Deserialize, Serialize)]
#[structure]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase")]
enum ResourceOperation {
    Create { uri: String },
    Rename { old_uri: String, new_uri: String },
}

#[test]
fn edits_of_language_servers() {
    comes_back::<WorkspaceEdit>(
        r#"{"documentChanges":[{"range":{"start":{"line":1,"character":2},"end":{"line":1,"character":4}},"newText":"x"}]}"#,
    );
    comes_back::<WorkspaceEdit>(
        r#"{"documentChanges":[{"kind":"create","uri":"file:///a"},{"kind":"rename","oldUri":"file:///a","newUri":"file:///b"}]}"#,
    );
}

/// As the crate `openapiv3` has it.
#[structure]
#[serde(untagged)]
enum ReferenceOr<T> {
    Reference {
        #[serde(rename = "$ref")]
        reference: String,
    },
    Item(T),
}

#[structure]
struct OpenApi {
    openapi: String,
    paths: BTreeMap<String, PathItem>,
    components: Components,
    #[serde(flatten)]
    extensions: BTreeMap<String, Value>,
}

#[structure]
struct PathItem {
    #[serde(skip_serializing_if = "Option::is_none")]
    get: Option<Operation>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<ReferenceOr<Parameter>>,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Operation {
    operation_id: Option<String>,
    responses: BTreeMap<StatusCode, ReferenceOr<Response>>,
}

/// `200`, or `default`.
#[structure]
#[derive(Eq, PartialOrd, Ord)]
struct StatusCode(String);

#[structure]
struct Response {
    description: String,
}

#[structure]
#[serde(tag = "in", rename_all = "camelCase")]
enum Parameter {
    Query { name: String, schema: ReferenceOr<Schema> },
    Path { name: String, required: bool },
}

#[structure]
struct Components {
    schemas: BTreeMap<String, ReferenceOr<Schema>>,
}

#[structure]
#[serde(tag = "type", rename_all = "lowercase")]
enum Schema {
    String {
        #[serde(default, rename = "enum", skip_serializing_if = "Vec::is_empty")]
        values: Vec<String>,
    },
    Array {
        items: Box<ReferenceOr<Schema>>,
    },
    Object {
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        properties: BTreeMap<String, ReferenceOr<Box<Schema>>>,
        #[serde(rename = "additionalProperties", skip_serializing_if = "Option::is_none")]
        additional: Option<Additional>,
    },
}

#[structure]
#[serde(untagged)]
enum Additional {
    Any(bool),
    Schema(Box<ReferenceOr<Schema>>),
}

#[test]
fn documents_of_openapi() {
    comes_back::<OpenApi>(
        r##"{"openapi":"3.0.3","paths":{"/pets":{"get":{"operationId":"list","responses":{
              "200":{"description":"ok"},"default":{"$ref":"#/components/responses/Error"}}},
              "parameters":[{"in":"query","name":"limit","schema":{"type":"string","enum":["a"]}},
                {"$ref":"#/components/parameters/P"},{"in":"path","name":"id","required":true}]}},
            "components":{"schemas":{"Pet":{"type":"object","properties":{"tags":{"type":"array","items":{"$ref":"#/x"}},
              "name":{"$ref":"#/y"}},"additionalProperties":false},
              "Any":{"type":"object","additionalProperties":{"type":"string"}}}},
            "x-internal":{"team":"a"}}"##,
    );
}
