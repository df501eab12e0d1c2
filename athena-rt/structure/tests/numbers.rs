//! Numbers of messages, and the errors about them, are the same whatever features of `serde_json` another
//! crate turns on: CI runs this also with `--features serde_json/arbitrary_precision`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[allow(dead_code, reason = "not every test uses each form")]
mod forms;

use std::collections::BTreeMap;

use athena_rt::structure;
use athena_rt::structure::json::{self, decode, encode};
use athena_rt::structure::{Structure, wire};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::forms::refused;

#[structure]
#[derive(Default)]
struct Numbers {
    float: Option<f64>,
    single: Option<f32>,
    signed: Option<i64>,
    unsigned: Option<u64>,
    byte: Option<u8>,
    list: Vec<f64>,
    pair: Option<(f64, i32)>,
    map: BTreeMap<String, f64>,
    text: Option<String>,
    nested: Option<Box<Numbers>>,
}

fn written(text: &str) -> String {
    let numbers: Numbers = decode(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    encode(&numbers).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn numbers_are_read_as_they_are_written() {
    for text in [
        r#"{"float":1.5,"list":[]}"#,
        r#"{"float":-0.0,"list":[]}"#,
        r#"{"float":0.1,"single":0.1,"list":[0.1,2.0,1e-7,5e-324,1.7976931348623157e308]}"#,
        r#"{"signed":-9223372036854775808,"unsigned":18446744073709551615,"byte":255,"list":[]}"#,
        r#"{"list":[],"pair":[0.25,-3],"map":{"a":1.5,"b":2.0}}"#,
        r#"{"list":[],"map":{"$serde_json::private::Number":1.5}}"#,
        r#"{"list":[],"nested":{"float":1.25,"list":[3.5]}}"#,
    ] {
        let again = written(text);
        let plain = |text: &str| text.replace("e+", "e").replace(r#","map":{}"#, "");
        assert_eq!(plain(&again), plain(text));
    }
}

#[test]
fn other_notations_of_a_number_are_read() {
    for (text, number) in [
        (r#"{"float":1}"#, r#""float":1.0"#),
        (r#"{"float":-0}"#, r#""float":-0.0"#),
        (r#"{"float":1E2}"#, r#""float":100.0"#),
        (r#"{"float":18446744073709551616}"#, r#""float":1.8446744073709552e"#),
        (r#"{"float":1.50000000000000000000000001}"#, r#""float":1.5"#),
        (r#"{"float":"2.5"}"#, r#""float":2.5"#),
        (r#"{"signed":12.0}"#, r#""signed":12"#),
        (r#"{"signed":1e3}"#, r#""signed":1000"#),
        (r#"{"signed":"-7"}"#, r#""signed":-7"#),
        (r#"{"signed":-0}"#, r#""signed":0"#),
    ] {
        assert!(written(text).contains(number), "{text}: {}", written(text));
    }
}

#[test]
fn errors_name_the_number() {
    for (text, wanted) in [
        (
            r#"{"signed":1.5}"#,
            "/signed: invalid type: floating point `1.5`, expected i64 (line 1, column 13)",
        ),
        (
            r#"{"unsigned":18446744073709551616}"#,
            "/unsigned: 18446744073709551616 is out of range for u64 (line 1, column 32)",
        ),
        (r#"{"byte":256}"#, "/byte: 256 is out of range for u8 (line 1, column 11)"),
        (r#"{"single":1e300}"#, "/single: 1"),
        (r#"{"float":1e400}"#, "/float: number out of range: 1e400 (line 1, column 14)"),
        (
            "{\"list\":[1.5,\n 2.5,\n true]}",
            "/list/2: invalid type: boolean `true`, expected f64 (line 3, column 5)",
        ),
        (
            r#"{"text":1.50}"#,
            "/text: invalid type: floating point `1.5`, expected a string (line 1, column 12)",
        ),
        (r#"{"text":7}"#, "/text: invalid type: integer `7`, expected a string (line 1, column 9)"),
        (r#"{"nested":2.5}"#, "/nested: invalid type: floating point `2.5`, expected "),
        (r#"{"float":{"a":1}}"#, "/float: invalid type: an object, expected f64 (line 1, column "),
        (
            r#"{"float":{"$serde_json::private::Number":"1.5"}}"#,
            "/float: invalid type: an object, expected f64 (line 1, column ",
        ),
    ] {
        let error = decode::<Numbers>(text).err().map(|error| error.to_string());
        let error = error.unwrap_or_else(|| panic!("{text} was read"));
        assert!(error.starts_with(wanted), "{text}: {error}");
    }
}

/// A number as it was written: what serde's `RawValue` makes of one.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct AsWritten(Box<serde_json::value::RawValue>);

impl PartialEq for AsWritten {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

#[test]
fn a_number_may_keep_its_digits_under_field_json() {
    #[structure]
    struct Price {
        #[field(json)]
        amount: AsWritten,
        #[field(json)]
        others: Vec<AsWritten>,
    }
    let text =
        r#"{"amount":6.30,"others":[1.0,100000000000000000000.000000000000000000010,-0.50,1E2]}"#;
    let price: Price = json::decode(text).unwrap();
    assert_eq!(json::encode(&price).unwrap(), text);
    let back: Price = wire::decode(&wire::encode(&price)).unwrap();
    assert_eq!(json::encode(&back).unwrap(), text);
}
/// A message comes back from JSON and from its bytes with the same digits; ProtoJSON has floats.
#[track_caller]
fn keeps_digits<T: Structure>(text: &str) -> T {
    let value: T = json::decode(text).unwrap();
    assert_eq!(json::encode(&value).unwrap(), text);
    let back: T = wire::decode(&wire::encode(&value)).unwrap();
    assert_eq!(json::encode(&back).unwrap(), text);
    value
}

/// A number of any length that keeps its digits.
#[derive(Clone, Debug, PartialEq)]
struct Digits(String);

impl std::fmt::Display for Digits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Digits {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > 30 { Err("too long".to_owned()) } else { Ok(Self(text.to_owned())) }
    }
}

mod exact {
    use super::*;

    #[structure]
    pub(super) struct Prices {
        #[field(number)]
        pub(super) amount: Digits,
        #[field(number)]
        pub(super) others: Vec<Digits>,
        #[field(number)]
        pub(super) by_name: BTreeMap<String, Digits>,
        #[field(number)]
        pub(super) limit: Option<Digits>,
    }

    #[structure]
    #[serde(tag = "type")]
    pub(super) enum Tagged {
        Paid {
            #[field(number)]
            amount: Digits,
        },
    }

    #[structure]
    #[serde(untagged)]
    pub(super) enum Untagged {
        Amount {
            #[field(number)]
            amount: Digits,
        },
        Raw {
            #[field(json)]
            raw: AsWritten,
        },
    }

    #[structure]
    pub(super) enum Flat {
        Amount {
            #[field(number)]
            amount: Digits,
            #[field(json)]
            raw: AsWritten,
        },
    }

    #[structure]
    pub(super) struct Flattened {
        pub(super) id: u8,
        #[serde(flatten)]
        pub(super) flat: Flat,
    }
}

#[test]
fn a_number_keeps_its_digits_under_field_number() {
    let text = r#"{"amount":1.10,"others":[6.30,-0.0,100000000000000000000,1E2],"by_name":{"a":0.50},"limit":2}"#;
    let prices: exact::Prices = keeps_digits(text);
    let one = |amount: &str| format!(r#"{{"amount":{amount},"others":[],"by_name":{{}}}}"#);
    // Protocol Buffers have floats, with the digits beside them: what no float is near to can't be written.
    let large: exact::Prices = json::decode(&one("1e400")).unwrap();
    assert_eq!(json::encode(&large).unwrap(), one("1e400"));
    assert!(wire::try_encode_to(&large, &mut Vec::new()).is_err());
    for (amount, reason) in [
        (r#""1.10""#, "a string, expected a number"),
        ("[1]", "a list, expected a number"),
        ("1.0000000000000000000000000000000001", "too long"),
    ] {
        let error = refused::<exact::Prices>(&one(amount));
        assert_eq!(error.pointer, "/amount");
        assert!(error.reason.contains(reason), "{error}");
    }
    let wrong = exact::Prices { amount: Digits("1,5".to_owned()), ..prices };
    assert!(
        json::encode(&wrong).unwrap_err().to_string().contains("`1,5` is not a number in JSON")
    );
}

#[test]
fn a_number_that_is_read_before_its_type_is_known_keeps_its_digits() {
    keeps_digits::<exact::Tagged>(r#"{"type":"Paid","amount":1.10}"#);
    for text in [r#"{"amount":11}"#, r#"{"raw":[1,"a",{"b":null}]}"#] {
        let value: exact::Untagged = json::decode(text).unwrap();
        assert_eq!(json::encode(&value).unwrap(), text);
    }
    let flat = r#"{"id":1,"Amount":{"amount":7,"raw":{"x":[]}}}"#;
    let value: exact::Flattened = json::decode(flat).unwrap();
    assert_eq!(json::encode(&value).unwrap(), flat);
    // What is written keeps its digits everywhere.
    let flat: exact::Flattened = wire::decode(&wire::encode(&value))
        .map(|mut value: exact::Flattened| {
            let exact::Flat::Amount { amount, .. } = &mut value.flat;
            *amount = Digits("6.30".to_owned());
            value
        })
        .unwrap();
    assert_eq!(json::encode(&flat).unwrap(), r#"{"id":1,"Amount":{"amount":6.30,"raw":{"x":[]}}}"#);
    let late: exact::Tagged = json::decode(r#"{"amount":1.10,"type":"Paid"}"#).unwrap();
    assert_eq!(json::encode(&late).unwrap(), r#"{"type":"Paid","amount":1.10}"#);
    for text in [r#"{"amount":1.10}"#, r#"{"raw":1.10}"#] {
        keeps_digits::<exact::Untagged>(text);
    }
    keeps_digits::<exact::Flattened>(r#"{"id":1,"Amount":{"amount":6.30,"raw":[1.50,-0.0]}}"#);
}

#[cfg(feature = "rust_decimal")]
#[test]
fn a_decimal_is_a_number_under_field_number() {
    #[structure]
    struct Order {
        #[field(number)]
        price: rust_decimal::Decimal,
        #[field(number)]
        discount: Option<rust_decimal::Decimal>,
        text: rust_decimal::Decimal,
    }
    let order: Order = keeps_digits(r#"{"price":6.30,"discount":-0.10,"text":"1.10"}"#);
    assert_eq!(order.price.scale(), 2);
    keeps_digits::<Order>(r#"{"price":79228162514264337593543950335,"text":"1"}"#);
    let error = refused::<Order>(r#"{"price":0.12345678901234567890123456789012,"text":"1"}"#);
    assert_eq!(error.pointer, "/price");
}

/// Integers beyond 64 bits in every place.
mod wide {
    use super::*;

    #[structure]
    #[serde(untagged)]
    pub(super) enum Any {
        Number(u128),
        Signed(i128),
        Text(String),
    }

    #[structure]
    #[serde(tag = "t")]
    pub(super) enum Tagged {
        A { wide: u128, any: Option<Value> },
        B(Foreign),
    }

    #[structure]
    pub(super) struct Foreign {
        #[field(json)]
        foreign: Lossless,
        #[field(json)]
        lossy: Option<Lossy>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Lossless {
        wide: u128,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub(super) struct Lossy {
        value: Value,
    }

    #[structure]
    pub(super) struct Flat {
        least: Option<i128>,
        tagged: Option<Tagged>,
    }

    #[structure]
    pub(super) struct Everywhere {
        value: Option<Value>,
        number: Option<serde_json::Number>,
        object: Option<serde_json::Map<String, Value>>,
        #[default(Vec::new())]
        any: Vec<Any>,
        #[serde(flatten)]
        flat: Flat,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }
}

#[test]
fn an_integer_beyond_64_bits_keeps_its_digits_where_the_type_does() {
    for text in [
        r#"{"any":[340282366920938463463374607431768211455,-170141183460469231731687303715884105728,7,"8"]}"#,
        r#"{"any":[],"least":-170141183460469231731687303715884105728}"#,
        r#"{"any":[],"tagged":{"t":"A","wide":340282366920938463463374607431768211455}}"#,
        r#"{"any":[],"tagged":{"t":"B","foreign":{"wide":340282366920938463463374607431768211455}}}"#,
    ] {
        let value: wide::Everywhere = keeps_digits(text);
        let proto_json = athena_rt::structure::to_proto_json(&value).unwrap();
        assert_eq!(
            athena_rt::structure::from_proto_json::<wide::Everywhere>(&proto_json).unwrap(),
            value
        );
    }
    let late: wide::Tagged =
        json::decode(r#"{"wide":340282366920938463463374607431768211455,"t":"A"}"#).unwrap();
    assert_eq!(
        json::encode(&late).unwrap(),
        r#"{"t":"A","wide":340282366920938463463374607431768211455}"#
    );
    let late = r#"{"foreign":{"wide":340282366920938463463374607431768211455},"t":"B"}"#;
    assert!(json::decode::<wide::Tagged>(late).is_ok());
    // A float is what it is, and so is an integer that a float holds.
    for number in ["1e300", "-1e300", "18446744073709551616", "100000000000000000000"] {
        let text = format!(r#"{{"value":[{number}],"any":[],"rest":{number}}}"#);
        let value: wide::Everywhere = json::decode(&text).unwrap();
        assert_eq!(wire::decode::<wide::Everywhere>(&wire::encode(&value)).unwrap(), value);
    }
}

#[test]
fn an_integer_that_any_json_does_not_hold_is_an_error_at_its_place() {
    const WIDE: &str = "340282366920938463463374607431768211455";
    for (pointer, column, text) in [
        ("/value/a/1", 16, r#"{"value":{"a":[0,N]}}"#),
        ("/value", 10, r#"{"value":N}"#),
        ("/number", 11, r#"{"number":N}"#),
        ("/object/x", 15, r#"{"object":{"x":N}}"#),
        ("/more", 9, r#"{"more":N}"#),
        ("/more/0", 10, r#"{"more":[N]}"#),
        ("/tagged/any", 27, r#"{"tagged":{"t":"A","any":N,"wide":1}}"#),
        (
            "/tagged/lossy/value",
            57,
            r#"{"tagged":{"t":"B","foreign":{"wide":1},"lossy":{"value":N}}}"#,
        ),
    ] {
        let text = text.replace('N', WIDE);
        let outcome = json::decode::<wide::Everywhere>(&text);
        if athena_protocol::json::numbers_are_maps() {
            // Another crate has turned on that values keep the digits.
            let value = outcome.unwrap();
            assert!(json::encode(&value).unwrap().contains(WIDE), "{text}");
            assert_eq!(wire::decode::<wide::Everywhere>(&wire::encode(&value)).unwrap(), value);
            continue;
        }
        let error = outcome.unwrap_err();
        assert_eq!(error.pointer, pointer, "{error}");
        assert!(
            error.reason.starts_with(&format!("the integer {WIDE} would lose digits, ")),
            "{error}"
        );
        assert!(
            error.line == 1 && error.column.abs_diff(column) <= WIDE.len() + 1,
            "{text}: {error}"
        );
    }
}

#[structure]
struct Writer {
    #[field(json)]
    value: u128,
}

#[structure]
struct Reader {
    value: Value,
}

#[test]
fn a_reader_whose_type_does_not_hold_the_digits_of_a_writer_refuses_them() {
    let bytes = wire::encode(&Writer { value: u128::MAX });
    match wire::decode::<Reader>(&bytes) {
        Ok(kept) => assert_eq!(kept.value.to_string(), u128::MAX.to_string()),
        Err(error) => assert!(error.to_string().contains("would lose digits"), "{error}"),
    }
}

#[structure]
struct Guarded {
    wide: u128,
    #[secret]
    pin: String,
}

#[test]
fn a_message_whose_secret_is_hidden_keeps_its_digits() {
    let described = athena_structure::description::TypeDescription::for_type::<Guarded>();
    let text = r#"{"pin":"1234","wide":340282366920938463463374607431768211455}"#;
    let hidden = athena_structure::redact(text, &described).unwrap();
    assert_eq!(hidden, text.replace("1234", "secret"));
}

#[structure]
#[serde(untagged)]
#[derive(Debug, PartialEq)]
enum Quantity {
    Count(i64),
    Name(String),
    Counts(Vec<i64>),
}

#[test]
fn a_message_at_the_front_of_a_text_ends_where_no_other_character_continues_it() {
    for (text, length) in
        [("12", 2), ("12,\"output\":3", 2), ("  7}", 3), ("12 x", 2), ("\"a\"b", 3), ("[1]x", 3)]
    {
        let (value, read) = json::parse_front::<Quantity>(text).unwrap();
        assert_eq!(read, length, "{text}");
        assert_eq!(value, decode(text[..length].trim()).unwrap(), "{text}");
    }
    for text in ["", "12abc", "12\u{b}", "[1", "true"] {
        let error = json::parse_front::<Quantity>(text).unwrap_err();
        assert_eq!(error.to_string(), "the message is missing", "{text}");
    }
}
