//! The types that existing messages are made of: any JSON, text forms, wide integers, sets, keys of maps,
//! types of other crates, and messages that are no structure.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::option_option, reason = "absent, null and a value")]

#[allow(dead_code, reason = "not every test uses each form")]
mod forms;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;

use athena_rt::prelude::*;
use athena_rt::structure::{json, to_proto_json, wire};
use athena_structure::schema::proto;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use self::forms::{gives_back, refused, schema};

#[structure]
struct Event {
    data: Value,
    extra: Option<Value>,
    labels: Map<String, Value>,
    size: Number,
}

#[structure]
struct Odd {
    sign: char,
    wide: u128,
    deep: i128,
    port: NonZeroU16,
    address: IpAddr,
    path: PathBuf,
    name: Cow<'static, str>,
    shared: Arc<str>,
    boxed: Box<str>,
    tags: BTreeSet<String>,
    bytes: HashSet<u8>,
    twice: Option<Option<u8>>,
}

#[structure]
#[derive(Eq, PartialOrd, Ord)]
struct Sku(String);

#[structure]
#[serde(rename_all = "lowercase")]
#[derive(Eq, PartialOrd, Ord, Hash)]
enum Side {
    Buy,
    Sell,
}

#[structure]
struct Keys {
    numbers: BTreeMap<u16, String>,
    signs: BTreeMap<char, u8>,
    skus: BTreeMap<Sku, u8>,
    sides: BTreeMap<Side, u8>,
    wide: BTreeMap<i128, u8>,
    addresses: BTreeMap<IpAddr, u8>,
}

#[derive(Clone, Debug, PartialEq)]
struct Version(u32, u32);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0, self.1)
    }
}

impl std::str::FromStr for Version {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (major, minor) = text.split_once('.').ok_or("not a version")?;
        let number = |text: &str| text.parse().map_err(|_| "not a version".to_owned());
        Ok(Self(number(major)?, number(minor)?))
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Foreign {
    a: i32,
    b: Vec<String>,
}

#[structure]
struct Uses {
    #[field(text)]
    version: Version,
    #[field(text)]
    #[default(Version(1, 0))]
    least: Version,
    #[field(7, json)]
    foreign: Foreign,
    #[field(text)]
    others: Vec<Version>,
    #[field(json)]
    by_name: BTreeMap<String, Option<Foreign>>,
    #[field(text)]
    maybe: Option<Version>,
    #[field(text)]
    quoted: u64,
}

#[structure]
enum Change {
    Set {
        #[field(text)]
        version: Version,
    },
    Unset,
}

#[test]
fn any_json_is_kept_with_its_numbers() {
    let event: Event = gives_back(
        r#"{"data":[1,{"x":null},-0.5,"t",true,18446744073709551615,9007199254740993],"extra":{"b":[]},"labels":{"a":1,"b":{"c":-0.0}},"size":12.5}"#,
    );
    assert_eq!(to_proto_json(&event).unwrap(), json::encode(&event).unwrap());
    gives_back::<Event>(r#"{"data":null,"labels":{},"size":3}"#);
    assert_eq!(refused::<Event>(r#"{"labels":{},"size":3}"#).reason, "missing field `data`");
    assert!(
        proto(&schema::<Event>())
            .contains("optional google.protobuf.Value data = 1; // Value, required")
    );
    assert!(proto(&schema::<Event>()).contains("import \"google/protobuf/struct.proto\";"));
}

#[test]
fn any_json_is_the_well_known_type() {
    let event = Event { data: Value::from(1), extra: None, labels: Map::new(), size: 2.into() };
    // Field 1, 9 bytes: number_value, a double.
    assert_eq!(wire::encode(&event)[..3], [0x0a, 9, 0x11]);
    let null = [0x0a, 2, 0x08, 0, 0x22, 2, 0x08, 0];
    assert!(wire::decode::<Event>(&null).is_err(), "null is no number");
}

const ODD: &str = r#"{"sign":"é","wide":340282366920938463463374607431768211455,"deep":-170141183460469231731687303715884105728,"port":80,"address":"::1","path":"/a","name":"n","shared":"s","boxed":"b","tags":["a","b"],"bytes":[1,9],"twice":null}"#;

#[test]
fn text_forms_wide_integers_and_sets_are_what_serde_writes() {
    let odd: Odd = gives_back(ODD);
    assert_eq!((odd.wide, odd.twice), (u128::MAX, Some(None)));
    let with = |old: &str, new: &str| ODD.replace(old, new);
    assert_eq!(json::decode::<Odd>(&with(",\"twice\":null", "")).unwrap().twice, None);
    gives_back::<Odd>(&with("\"twice\":null", "\"twice\":7"));
    gives_back::<Odd>(&with(",\"twice\":null", ""));
    for (old, new, pointer) in [
        ("\"é\"", "\"ab\"", "/sign"),
        ("340282366920938463463374607431768211455", "-1", "/wide"),
        (":80", ":0", "/port"),
        ("::1", "x", "/address"),
        ("[\"a\",\"b\"]", "[\"a\",\"a\"]", "/tags"),
    ] {
        assert_eq!(refused::<Odd>(&with(old, new)).pointer, pointer);
    }
    let lock = proto(&schema::<Odd>());
    for line in [
        "string sign = 1; // Text<char>",
        "string wide = 2; // u128",
        "repeated string tags = 10; // Set<String>",
    ] {
        assert!(lock.contains(line), "{line}\n{lock}");
    }
}

#[test]
fn keys_of_maps_are_whatever_has_a_text_form() {
    gives_back::<Keys>(
        r#"{"numbers":{"35":"D","44":"x"},"signs":{"é":1},"skus":{"a-1":2},"sides":{"buy":1,"sell":2},"wide":{"-5":1},"addresses":{"10.0.0.1":1}}"#,
    );
    assert_eq!(refused::<Keys>(r#"{"numbers":{"x":"y"}}"#).pointer, "/numbers/x");
    let side = refused::<Keys>(r#"{"sides":{"by":1}}"#);
    assert_eq!(
        (side.pointer.as_str(), side.reason.as_str()),
        ("/sides/by", "unknown variant `by`, known: `buy`, `sell`")
    );
    let twice = refused::<Keys>(r#"{"numbers":{"1":"a","01":"b"}}"#);
    assert_eq!(twice.reason, "duplicate key `1`");
    assert_eq!(twice.pointer, "/numbers/1");
    assert_eq!(refused::<Keys>(r#"{"sides":{"buy":"x"}}"#).pointer, "/sides/buy");
}

#[test]
fn types_of_other_crates_are_their_text_or_their_json() {
    let uses: Uses = gives_back(
        r#"{"version":"1.2","least":"1.0","foreign":{"a":1,"b":["x"]},"others":["3.4"],"by_name":{"k":{"a":2,"b":[]}},"quoted":"7"}"#,
    );
    assert_eq!((uses.others[0].clone(), uses.quoted), (Version(3, 4), 7));
    let error = refused::<Uses>(r#"{"version":"1","foreign":{"a":1,"b":[]}}"#);
    assert_eq!((error.pointer.as_str(), error.reason.as_str()), ("/version", "not a version"));
    let error = refused::<Uses>(r#"{"version":"1.2","foreign":{"a":"x","b":[]}}"#);
    assert_eq!(error.pointer, "/foreign/a");
    gives_back::<Change>(r#"{"Set":{"version":"1.2"}}"#);
    gives_back::<Change>(r#""Unset""#);
}

#[test]
fn a_message_is_a_list_a_map_or_a_value_as_a_whole() {
    gives_back::<Vec<Keys>>(
        r#"[{"numbers":{},"signs":{},"skus":{},"sides":{},"wide":{},"addresses":{}}]"#,
    );
    gives_back::<Vec<u8>>(r#""AQI=""#);
    gives_back::<Vec<String>>("[]");
    gives_back::<BTreeMap<String, Vec<i64>>>(r#"{"a":[1,-2]}"#);
    gives_back::<BTreeSet<u8>>("[1,2]");
    gives_back::<Value>(r#"{"a":[1,null]}"#);
    gives_back::<String>(r#""text""#);
    gives_back::<u64>("18446744073709551615");
    gives_back::<Side>(r#""sell""#);
    gives_back::<Sku>(r#""a-1""#);
    let lock = proto(&schema::<Vec<Uses>>());
    assert!(lock.contains("message ListUsesMessage { // whole; model: any::model (in, out)\n  repeated Uses items = 1; // Vec<Uses>"), "{lock}");
    // As google.protobuf.Int64Value.
    assert_eq!(wire::encode(&3_i64), [0x08, 3]);
}

#[cfg(feature = "rust_decimal")]
#[test]
fn decimals_keep_their_digits() {
    #[structure]
    struct Price {
        price: rust_decimal::Decimal,
        by_day: BTreeMap<u8, rust_decimal::Decimal>,
    }
    gives_back::<Price>(r#"{"price":"6.30","by_day":{"1":"0.00"}}"#);
    assert_eq!(refused::<Price>(r#"{"price":"x"}"#).pointer, "/price");
}

#[structure]
struct Digits {
    #[field(json)]
    one: u128,
    #[field(json)]
    many: BTreeMap<String, Vec<i128>>,
    #[field(json)]
    mixed: (Option<u128>, String, f64, bool),
}

#[structure]
struct Float {
    #[field(json)]
    value: Vec<f64>,
}

#[test]
fn numbers_beyond_64_bits_under_field_json_are_kept_on_the_wire() {
    for one in [0, u128::from(u64::MAX), 1 << 64, (1 << 64) + 1, u128::MAX] {
        let many = BTreeMap::from([
            ("\"a\n".to_owned(), vec![i128::MIN, -1, i128::MAX]),
            (String::new(), Vec::new()),
        ]);
        let digits = Digits { one, many, mixed: (Some(one), "1e5".to_owned(), 0.1, true) };
        let bytes = wire::encode(&digits);
        assert_eq!(wire::decode::<Digits>(&bytes).unwrap(), digits);
        let text = json::encode(&digits).unwrap();
        assert_eq!(json::decode::<Digits>(&text).unwrap(), digits);
        assert!(to_proto_json(&digits).unwrap().contains(&one.to_string()));
    }
    // A float has no digits more, so that the bytes are those of any other writer.
    let bytes = wire::encode(&Float { value: vec![0.5] });
    assert_eq!(bytes, [10, 9, 17, 0, 0, 0, 0, 0, 0, 0xe0, 63]);
}

/// A value that `Serialize` refuses.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Refused;

impl Serialize for Refused {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("not today"))
    }
}

#[test]
fn what_can_not_be_written_is_an_error_and_not_another_value() {
    #[structure]
    struct Holds {
        #[field(json)]
        inner: Vec<Option<Refused>>,
        path: PathBuf,
        wait: std::time::Duration,
    }
    let fine = Holds { inner: vec![None], path: "a".into(), wait: std::time::Duration::ZERO };
    let mut out = Vec::new();
    wire::try_encode_to(&fine, &mut out).unwrap();
    let written = out.clone();
    let mut refused = |value: &Holds, reason: &str| {
        let error = wire::try_encode_to(value, &mut out).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
        assert_eq!(out, written);
    };
    refused(&Holds { inner: vec![None, Some(Refused)], ..fine.clone() }, "not today");
    refused(&Holds { wait: std::time::Duration::MAX, ..fine.clone() }, "2^63 seconds");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let path = std::ffi::OsString::from_vec(vec![b'a', 0xff]).into();
        let other = Holds { path, ..fine.clone() };
        refused(&other, "is not UTF-8");
        assert!(json::encode(&other).unwrap_err().to_string().contains("is not UTF-8"));
    }
    let mut again = Vec::new();
    wire::try_encode_to(&fine, &mut again).unwrap();
    assert_eq!(again, written);
}
