//! Layouts of JSON: tags, untagged enums, flattened fields, a variant for any other name.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "not every test uses each form")]
mod forms;

use std::collections::BTreeMap;

use athena_rt::prelude::*;
use athena_rt::structure::{Structure, from_proto_json, json, to_proto_json, wire};
use athena_structure::description::TypeDescription;
use athena_structure::redact;
use athena_structure::schema::{json_schema, proto};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::forms::{gives_back, refused, schema};

#[structure]
#[serde(tag = "type")]
enum Geometry {
    Point {
        coordinates: (f64, f64),
    },
    Polygon {
        coordinates: Vec<Vec<(f64, f64)>>,
    },
    #[serde(rename = "none")]
    Nothing,
    Named(Label),
}

#[structure]
struct Label {
    label: String,
    #[secret]
    pin: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[structure]
#[serde(tag = "op", rename_all = "lowercase")]
enum Operation {
    Add { path: String, value: Value },
    Remove { path: String },
}

#[structure]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Unit,
    One(u8),
    Two(u8, String),
    Named { a: i64 },
}

#[structure]
#[serde(untagged)]
enum Id {
    Number(i64),
    Text(String),
    Parts { name: String, email: Option<String> },
    Nothing,
}

#[structure]
#[serde(rename_all = "camelCase")]
struct Package {
    name: String,
    author: Option<Id>,
    #[serde(flatten)]
    label: Label,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[structure]
struct Paged {
    page: u32,
    #[serde(flatten)]
    label: Option<Label>,
}

#[structure]
#[serde(rename_all = "lowercase")]
enum Side {
    Buy,
    #[serde(other)]
    Unknown,
}

#[test]
fn a_tag_is_a_member_of_the_data_wherever_it_stands() {
    gives_back::<Geometry>(r#"{"type":"Point","coordinates":[1.0,2.0]}"#);
    gives_back::<Geometry>(r#"{"type":"none"}"#);
    gives_back::<Geometry>(r#"{"type":"Named","label":"x"}"#);
    gives_back::<Vec<Operation>>(
        r#"[{"op":"add","path":"/a","value":[1,{"x":null}]},{"op":"remove","path":"/c"}]"#,
    );
    let late: Geometry = json::decode(r#"{"coordinates":[1,2],"type":"Point"}"#).unwrap();
    assert_eq!(late, Geometry::Point { coordinates: (1.0, 2.0) });
    let error = refused::<Geometry>(r#"{"type":"Point","coordinates":[1,"x"]}"#);
    assert_eq!(error.pointer, "/coordinates/1");
    let error = refused::<Geometry>(r#"{"type":"Point","coordinates":[1,2],"more":1}"#);
    assert_eq!(error.pointer, "/more");
    let error = refused::<Geometry>(r#"{"type":"Pint"}"#);
    assert_eq!(error.pointer, "/type");
    assert!(error.reason.contains("did you mean `Point`?"), "{error}");
    assert_eq!(refused::<Geometry>("{}").reason, "missing field `type`");
    assert_eq!(
        refused::<Geometry>(r#"{"type":"none","x":1}"#).reason,
        "unknown field `x`, there are none"
    );
}

#[test]
fn a_tag_stands_beside_the_data() {
    for text in [
        r#"{"t":"Unit"}"#,
        r#"{"t":"One","c":7}"#,
        r#"{"t":"Two","c":[7,"x"]}"#,
        r#"{"t":"Named","c":{"a":1}}"#,
    ] {
        gives_back::<Adjacent>(text);
    }
    let late: Adjacent = json::decode(r#"{"c":7,"t":"One"}"#).unwrap();
    assert_eq!(late, Adjacent::One(7));
    assert_eq!(refused::<Adjacent>(r#"{"t":"One"}"#).reason, "missing field `c`");
    assert_eq!(refused::<Adjacent>(r#"{"t":"One","c":-1}"#).pointer, "/c");
    assert!(refused::<Adjacent>(r#"{"t":"Unit","x":1}"#).reason.contains("unknown field `x`"));
}

#[test]
fn the_first_variant_that_fits_is_read() {
    gives_back::<Id>("7");
    gives_back::<Id>(r#""a""#);
    gives_back::<Id>(r#"{"name":"a","email":"b"}"#);
    gives_back::<Id>("null");
    let error = refused::<Id>("true");
    assert!(error.reason.starts_with("no variant of `Id` fits (Number: "), "{error}");
}

#[test]
fn the_members_of_a_flattened_field_are_those_of_the_object() {
    let package: Package = gives_back(
        r#"{"name":"a","author":{"name":"b"},"label":"l","pin":"1","exports":{"x":[1]},"sideEffects":false}"#,
    );
    assert_eq!(package.rest.len(), 2);
    assert_eq!(refused::<Package>(r#"{"name":"a"}"#).reason, "missing field `label`");
    assert_eq!(refused::<Package>(r#"{"name":1}"#).pointer, "/name");
    gives_back::<Paged>(r#"{"page":1}"#);
    gives_back::<Paged>(r#"{"page":1,"label":"x"}"#);
    let error = refused::<Paged>(r#"{"page":1,"label":"x","more":1}"#);
    assert!(error.reason.starts_with("unknown field `more`"), "{error}");
}

#[structure]
struct Drawn {
    id: u32,
    #[serde(flatten)]
    start: Start,
    #[serde(flatten)]
    form: Form,
}

#[structure]
struct Start {
    #[serde(alias = "begin")]
    start_at: Option<u32>,
}

#[structure]
enum Form {
    #[serde(alias = "Disc")]
    Circle(f64),
    Square(f64),
}

#[test]
fn a_flattened_field_is_read_by_each_of_its_names() {
    for text in [
        r#"{"id":1,"start_at":2,"Circle":1.5}"#,
        r#"{"begin":2,"Disc":1.5,"id":1}"#,
        r#"{"Circle":1.5,"id":1,"startAt":2}"#,
    ] {
        let drawn: Drawn = json::decode(text).unwrap();
        assert_eq!((drawn.start.start_at, drawn.form), (Some(2), Form::Circle(1.5)), "{text}");
    }
    is_at::<Drawn>("/start_at", r#"{"id":1,"start_at":2,"begin":2,"Circle":1.5}"#);
}

#[test]
fn what_no_flattened_field_takes_is_an_error() {
    let reason = is_at::<Drawn>("/Cirkle", r#"{"id":1,"Cirkle":1.5}"#);
    assert!(reason.starts_with("unknown field `Cirkle`, did you mean `Circle`?"), "{reason}");
    let reason = is_at::<Drawn>("", r#"{"id":1}"#);
    assert!(reason.starts_with("one of the fields `Circle`, "), "{reason}");
    let reason = is_at::<Drawn>("/Square", r#"{"id":1,"Circle":1.5,"Square":2.5}"#);
    assert!(reason.starts_with("unknown field `Square`"), "{reason}");
    let members: Vec<_> = (0..100).map(|at| format!(r#""m{at}":{at},"#)).collect();
    let members = members.concat();
    for at in [1, 70] {
        let twice = format!(r#"{{{members}"m{at}":0,"name":"a","label":"b"}}"#);
        let reason = is_at::<Package>(&format!("/m{at}"), &twice);
        assert_eq!(reason, format!("duplicate key `m{at}`"));
    }
    let once = format!(r#"{{{members}"name":"a","label":"b"}}"#);
    assert_eq!(json::decode::<Package>(&once).unwrap().rest.len(), 100);
}

#[test]
fn any_other_name_is_a_variant() {
    gives_back::<Side>(r#""buy""#);
    assert_eq!(json::decode::<Side>(r#""hold""#).unwrap(), Side::Unknown);
    // Any other number is it too, alone and in lists, packed or not.
    assert_eq!(wire::decode::<Side>(&[8, 9]).unwrap(), Side::Unknown);
    for bytes in [&[8, 0, 8, 9][..], &[10, 2, 0, 9]] {
        assert_eq!(wire::decode::<Vec<Side>>(bytes).unwrap(), [Side::Buy, Side::Unknown]);
    }
}

#[test]
fn secrets_are_hidden_in_every_layout() {
    let hidden = |described: &TypeDescription, text: &str| redact(text, described).unwrap();
    let package = TypeDescription::for_type::<Package>();
    let text = hidden(&package, r#"{"name":"a","label":"l","pin":"hush","more":1}"#);
    assert_eq!(text, r#"{"label":"l","more":1,"name":"a","pin":"secret"}"#);
    let geometry = TypeDescription::for_type::<Vec<Geometry>>();
    let text = hidden(&geometry, r#"[{"type":"Named","label":"l","pin":"hush"}]"#);
    assert_eq!(text, r#"[{"label":"l","pin":"secret","type":"Named"}]"#);
}

#[test]
fn the_lock_and_the_json_schema_know_the_layout() {
    let lock = proto(&schema::<Geometry>());
    assert!(
        lock.contains("message Geometry { // tag \"type\"; model: any::model (in, out)"),
        "{lock}"
    );
    let lock = proto(&schema::<Package>());
    assert!(
        lock.contains(
            "map<string, google.protobuf.Value> rest = 4; // Map<String, Value> flattened"
        ),
        "{lock}"
    );
    let package = json_schema(&schema::<Package>(), "any::model");
    let package = &package["$defs"]["Package"];
    assert_eq!(package["required"], serde_json::json!(["name", "label"]));
    assert_eq!(package["additionalProperties"], serde_json::json!({}));
    let geometry = json_schema(&schema::<Geometry>(), "any::model");
    let point = &geometry["$defs"]["Geometry"]["oneOf"][0];
    assert_eq!(point["properties"]["type"], serde_json::json!({"const": "Point"}));
    assert_eq!(point["required"], serde_json::json!(["type", "coordinates"]));
}

#[structure]
#[serde(untagged)]
enum Params {
    Flag(bool),
    Named(BTreeMap<String, Vec<Operation>>),
    Positional(Vec<Label>),
}

#[structure]
#[serde(tag = "t", content = "c")]
enum Call {
    Lines(Vec<Label>),
}

/// As a user of serde has it: the last of two keys is taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Foreign {
    by_name: BTreeMap<String, Inner>,
    by_number: BTreeMap<u16, u128>,
    any: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Inner {
    Unit,
    Values { values: Option<BTreeMap<Inner2, bool>> },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Inner2 {
    A,
}

/// A type whose `Serialize` fails for some values.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Even(u8);

impl Serialize for Even {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(2) {
            return serializer.serialize_u8(self.0);
        }
        Err(serde::ser::Error::custom("odd"))
    }
}

#[structure]
struct Refusing {
    #[field(json)]
    even: Even,
}

#[structure]
struct Lasting {
    time: std::time::Duration,
}

#[test]
fn a_value_that_refuses_to_be_written_is_an_error_and_never_null() {
    let mut bytes = vec![7];
    assert!(wire::try_encode_to(&Refusing { even: Even(2) }, &mut bytes).is_ok());
    let before = bytes.clone();
    let error = wire::try_encode_to(&Refusing { even: Even(3) }, &mut bytes).unwrap_err();
    assert!(error.to_string().contains("can't be written: odd"), "{error}");
    assert_eq!(bytes, before);
    let long = Lasting { time: std::time::Duration::MAX };
    assert!(wire::try_encode_to(&long, &mut bytes).is_err());
    assert_eq!(json::decode::<Lasting>(&json::encode(&long).unwrap()).unwrap(), long);
}

#[structure]
struct Free {
    value: Option<Value>,
    object: serde_json::Map<String, Value>,
    #[field(json)]
    foreign: Option<Foreign>,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[track_caller]
fn is_at<T: Structure>(pointer: &str, text: &str) -> String {
    let error = refused::<T>(text);
    assert_eq!(error.pointer, pointer, "{error}");
    assert!(!error.reason.contains('\u{1}'), "{error:?}");
    error.reason
}

#[test]
fn the_place_of_an_error_is_known_inside_of_what_is_read_ahead() {
    // Behind a tag that comes late, beside one that comes late.
    is_at::<Geometry>(
        "/coordinates/0/1/0",
        r#"{"coordinates":[[[1,2],["x",2]]],"type":"Polygon"}"#,
    );
    is_at::<Geometry>("/more", r#"{"more":1,"type":"Point","coordinates":[1,2]}"#);
    is_at::<Vec<Geometry>>("/1/pin", r#"[{"type":"none"},{"label":"a","pin":1,"type":"Named"}]"#);
    is_at::<Geometry>("/x", r#"{"type":"none","x":1}"#);
    is_at::<Call>("/c/1/label", r#"{"c":[{"label":"a"},{"label":2}],"t":"Lines"}"#);
    is_at::<Call>("/c/0/lable", r#"{"c":[{"lable":2}],"t":"Lines"}"#);
    is_at::<Call>("/x", r#"{"x":1}"#);
    // In a flattened field, and beside it.
    is_at::<Package>("/label", r#"{"name":"a","label":{"x":1}}"#);
    is_at::<Paged>("/more", r#"{"page":1,"label":"x","more":1}"#);
    // No variant has it: the variant that comes nearest is named first, with the place in it.
    let reason = is_at::<Params>("", r#"[{"label":"a"},{"label":2}]"#);
    assert_eq!(reason, "not as declared (the value is secret)", "a variant has a secret");
    let reason =
        is_at::<Package>("/author", r#"{"name":"a","label":"l","author":{"name":"b","email":1}}"#);
    assert_eq!(reason, "not as declared (the value is secret)");
    let error = refused::<Id>("\n {\"name\":\"b\",\"email\":1}");
    assert_eq!((error.pointer.as_str(), error.line, error.column), ("", 2, 2), "{error}");
    let reason = error.reason;
    assert!(reason.contains("(Parts: /email: invalid type: integer `1`"), "{reason}");
    assert!(reason.contains("Number: invalid type: an object, expected i64"), "{reason}");
    is_at::<Id>("", "true");
    // Errors that are not shown to people are as they were.
    let plain = serde_json::from_str::<Geometry>(r#"{"coordinates":["x",1],"type":"Point"}"#);
    assert!(plain.unwrap_err().to_string().starts_with("invalid type: string"));
}

#[test]
fn a_key_that_is_given_twice_is_an_error_in_any_json() {
    gives_back::<Free>(
        r#"{"value":{"a":[{"b":1.5},{"b":-2}]},"object":{"x":18446744073709551615},"foreign":{"by_name":{"a":"Unit","b":{"Values":{"values":{"A":true}}}},"by_number":{"7":18446744073709551615},"any":{"a":{"a":null}}},"more":1}"#,
    );
    let large = r#"{"object":{},"foreign":{"by_name":{},"by_number":{"1":340282366920938463463374607431768211455},"any":-0.0}}"#;
    let value: Free = json::decode(large).unwrap();
    assert_eq!(json::encode(&value).unwrap(), large);
    assert_eq!(wire::decode::<Free>(&wire::encode(&value)).unwrap(), value);
    let proto_json = to_proto_json(&value).unwrap();
    assert!(proto_json.contains("340282366920938463463374607431768211455"), "{proto_json}");
    assert_eq!(from_proto_json::<Free>(&proto_json).unwrap(), value);
    for (pointer, text) in [
        ("/value/a", r#"{"value":{"a":1,"a":1}}"#),
        ("/value/a/0/b", r#"{"value":{"a":[{"b":1,"c":2,"b":1}]}}"#),
        ("/object/a", r#"{"object":{"a":1,"a":2}}"#),
        ("/more", r#"{"more":1,"more":2}"#),
        ("/more/a", r#"{"more":{"a":1,"a":2}}"#),
        ("/value", r#"{"value":1,"value":2}"#),
    ] {
        let reason = is_at::<Free>(pointer, text);
        assert!(reason.starts_with("duplicate "), "{reason}");
    }
    for (pointer, old, new) in [
        ("/foreign/by_name/a", "\"a\":\"Unit\"", "\"a\":\"Unit\",\"a\":\"Unit\""),
        ("/foreign/by_number/7", "\"7\":1", "\"7\":1,\"7\":1"),
        ("/foreign/any/b/c", "\"c\":1", "\"c\":1,\"c\":2"),
        ("/foreign/by_number/x", "\"7\":1", "\"x\":1"),
        (
            "/foreign/by_name/a/Values/values/A",
            "\"a\":\"Unit\"",
            "\"a\":{\"Values\":{\"values\":{\"A\":true,\"A\":true}}}",
        ),
    ] {
        let text =
            r#"{"foreign":{"by_name":{"a":"Unit"},"by_number":{"7":1},"any":{"b":{"c":1}}}}"#;
        is_at::<Free>(pointer, &text.replace(old, new));
    }
    is_at::<Value>("/a", r#"{"a":1,"a":1}"#);
}
