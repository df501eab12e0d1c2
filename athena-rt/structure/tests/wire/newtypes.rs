//! Types that are their content, boxes and tuples: in a list, in a set and as whole messages, in every form.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::time::Duration;

use athena_rt::structure;
use athena_rt::structure::{Structure, from_proto_json, json, to_proto_json, wire};
use athena_structure::schema::{Schema, SchemaBuilder, json_schema, parse, proto};
use prost::encoding;

#[structure]
struct Order {
    id: u64,
    note: Option<String>,
}

#[structure]
#[derive(Eq)]
enum Kind {
    Retail,
    Trade,
}

#[structure]
struct Wrapped(Order);
#[structure]
struct Again(Wrapped);
#[structure]
#[serde(transparent)]
struct Named {
    order: Box<Order>,
}
#[structure]
struct Generic<T>(T);
#[structure]
struct Pair(u8, Option<String>);
#[structure]
struct OfPair(Pair);
#[structure]
struct Orders(Vec<Order>);
#[structure]
#[allow(clippy::box_collection, reason = "what is tested")]
struct Heap(Box<Vec<u32>>);
#[structure]
#[derive(Eq, PartialOrd, Ord)]
struct Level(u8);
#[structure]
struct Ratio(f64);
#[structure]
struct OfKind(Kind);
#[structure]
struct Label(String);

fn order() -> Order {
    Order { id: 7, note: Some("x".to_owned()) }
}

fn schema<T: Structure>() -> Schema {
    let mut builder = SchemaBuilder::default();
    builder.model("any::model", T::shape, T::shape);
    builder.build("any")
}

/// The value has this JSON and these bytes, and its schema is that of both: the bytes are read by it, and it is read
/// back from a lock.
#[track_caller]
fn is<T: Structure>(value: &T, text: &str, bytes: &[u8]) {
    assert_eq!(json::encode(value).unwrap(), text);
    assert_eq!(json::decode::<T>(text).unwrap(), *value);
    assert_eq!(wire::encode(value), bytes, "{text}");
    assert_eq!(wire::decode::<T>(bytes).unwrap(), *value);
    let proto_json = to_proto_json(value).unwrap();
    assert_eq!(from_proto_json::<T>(&proto_json).unwrap(), *value, "{proto_json}");
    let schema = schema::<T>();
    let lock = proto(&schema);
    assert_eq!(parse(&lock).unwrap(), schema, "{lock}");
    assert!(json_schema(&schema, "any::model").get("$ref").is_some());
}

#[test]
fn a_newtype_of_a_structure_is_that_structure() {
    let (text, bytes) = (r#"{"id":7,"note":"x"}"#, wire::encode(&order()));
    is(&order(), text, &bytes);
    is(&Wrapped(order()), text, &bytes);
    is(&Again(Wrapped(order())), text, &bytes);
    is(&Named { order: Box::new(order()) }, text, &bytes);
    is(&Box::new(order()), text, &bytes);
    is(&Generic(order()), text, &bytes);
    is(&Generic(Box::new(Wrapped(order()))), text, &bytes);
    assert_eq!(proto(&schema::<Wrapped>()), proto(&schema::<Order>()));
    assert_eq!(proto(&schema::<Box<Again>>()), proto(&schema::<Order>()));
}

#[test]
fn a_newtype_of_another_message_is_that_message() {
    let items = [&[10, 5][..], &wire::encode(&order())].concat();
    is(&Orders(vec![order()]), r#"[{"id":7,"note":"x"}]"#, &items);
    is(&vec![Wrapped(order())], r#"[{"id":7,"note":"x"}]"#, &items);
    is(&Generic(vec![order()]), r#"[{"id":7,"note":"x"}]"#, &items);
    is(&Generic(Some(order())), r#"{"id":7,"note":"x"}"#, &items);
    is(&Heap(Box::new(vec![1, 300])), "[1,300]", &[10, 3, 1, 0xac, 2]);
    is(&OfKind(Kind::Trade), r#""Trade""#, &[8, 1]);
    is(&Kind::Trade, r#""Trade""#, &[8, 1]);
    is(&Level(5), "5", &[8, 5]);
    is(&Generic(Duration::from_secs(2)), r#""2s""#, &[10, 2, 8, 2]);
    is(&NonZeroU16::new(9).unwrap(), "9", &[8, 9]);
    is(&"::1".parse::<IpAddr>().unwrap(), r#""::1""#, b"\x0a\x03::1");
    // The elements of a tuple are the fields.
    let pair = [8, 3, 18, 1, b'a'];
    is(&Pair(3, Some("a".to_owned())), r#"[3,"a"]"#, &pair);
    is(&OfPair(Pair(3, Some("a".to_owned()))), r#"[3,"a"]"#, &pair);
    is(&Generic((3_u8, Some("a".to_owned()))), r#"[3,"a"]"#, &pair);
    is(&(3_u8, Some("a".to_owned())), r#"[3,"a"]"#, &pair);
    is(&(7_u8,), "[7]", &[8, 7]);
    let schema = schema::<Pair>();
    let lock = proto(&schema);
    assert!(lock.contains("optional uint32 item_1 = 1; // u8, required"), "{lock}");
    let root = json_schema(&schema, "any::model");
    assert_eq!(root["$defs"]["Tuple2U8OptionStringMessage"]["minItems"], 2, "{root}");
}

#[test]
fn lists_of_newtypes_are_what_prost_writes() {
    let numbers = [1_u32, 0, 300, 255].map(|number| number.min(255));
    let (mut packed, mut doubles, mut texts, mut messages) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    encoding::uint32::encode_packed(1, &numbers, &mut packed);
    encoding::double::encode_packed(1, &[0.5, -0.0], &mut doubles);
    encoding::string::encode_repeated(1, &["a".to_owned(), String::new()], &mut texts);
    for _ in 0..2 {
        encoding::encode_key(1, encoding::WireType::LengthDelimited, &mut messages);
        encoding::encode_varint(5, &mut messages);
        messages.extend(wire::encode(&order()));
    }
    let levels = || [1, 0, 255, 255].map(Level);
    is(&levels().to_vec(), "[1,0,255,255]", &packed);
    is(&levels(), "[1,0,255,255]", &packed);
    is(&Generic(levels().to_vec()), "[1,0,255,255]", &packed);
    is(&vec![Ratio(0.5), Ratio(-0.0)], "[0.5,-0.0]", &doubles);
    is(&vec![Label("a".to_owned()), Label(String::new())], r#"["a",""]"#, &texts);
    let orders = vec![Again(Wrapped(order())), Again(Wrapped(order()))];
    is(&orders, r#"[{"id":7,"note":"x"},{"id":7,"note":"x"}]"#, &messages);
    // The elements of a set are numbers too, and not bytes.
    let mut set = Vec::new();
    encoding::uint32::encode_packed(1, &[0, 1, 255], &mut set);
    is(&levels().into_iter().collect::<BTreeSet<_>>(), "[0,1,255]", &set);
    is(&BTreeSet::from([0_u8, 1, 255]), "[0,1,255]", &set);
    // Other writers may write them one by one.
    let mut unpacked = Vec::new();
    encoding::uint32::encode_repeated(1, &numbers, &mut unpacked);
    assert_eq!(wire::decode::<Vec<Level>>(&unpacked).unwrap(), levels());
    assert_eq!(wire::decode::<BTreeSet<u8>>(&unpacked).unwrap(), BTreeSet::from([0, 1, 255]));
}
