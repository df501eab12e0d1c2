//! Each type of another crate in every form of a message: JSON, the wire, ProtoJSON, `.proto`, JSON Schema, an
//! example, a secret, a shrunken message.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Debug;

use athena_rt::structure;
use athena_rt::structure::wire::{decode, encode, try_encode_to};
use athena_rt::structure::{MessageError, Structure, json};
use athena_shrink::{ModelInput, ShrinkSettings, Variants, shrink};
use athena_structure::description::TypeDescription;
use athena_structure::schema::{Schema, json_schema, proto};
use athena_structure::{DeclaredOrder, example, redact};
use serde_json::Value;

use crate::forms::{gives_back, schema};

#[structure]
struct Holds<T> {
    one: T,
    maybe: Option<T>,
    list: Vec<T>,
    by_name: BTreeMap<String, T>,
}

#[structure]
struct Hidden<T> {
    #[secret]
    one: T,
}

#[structure]
struct Keyed<K: Ord + std::hash::Hash> {
    values: BTreeMap<K, u16>,
    hashed: HashMap<K, Vec<u16>>,
    set: BTreeSet<K>,
}

/// A type, and what is known of it.
struct Row {
    name: &'static str,
    /// The type in `.proto` and behind its field.
    proto: [&'static str; 2],
    json_schema: &'static str,
    values: &'static [&'static str],
    refused: &'static [&'static str],
    gives_back: fn(&str),
    read: fn(&str) -> Result<(), MessageError>,
    read_hidden: fn(&str) -> Result<(), MessageError>,
    #[cfg(feature = "conformance")]
    schema_refuses: fn(&str),
    schema: fn() -> Schema,
    described: fn() -> TypeDescription,
    described_hidden: fn() -> TypeDescription,
}

fn read<T: Structure>(text: &str) -> Result<(), MessageError> {
    json::decode::<T>(text).map(drop)
}

macro_rules! rows {
    ($($type:ty: $proto:literal, $label:literal, $schema:expr,
        [$($value:literal)*], [$($refused:literal)*];)*) => { &[$(Row {
        name: stringify!($type),
        proto: [$proto, $label],
        json_schema: $schema,
        values: &[$($value),*],
        refused: &[$($refused),*],
        gives_back: |text| drop(gives_back::<Holds<$type>>(text)),
        read: read::<Holds<$type>>,
        read_hidden: read::<Hidden<$type>>,
        #[cfg(feature = "conformance")]
        schema_refuses: crate::forms::schema_refuses::<Holds<$type>>,
        schema: schema::<Holds<$type>>,
        described: TypeDescription::for_type::<Holds<$type>>,
        described_hidden: TypeDescription::for_type::<Hidden<$type>>,
    }),*] };
}

const DATE: &str = r#"{"format":"date","type":"string"}"#;
const TIME: &str = r#"{"format":"date-time","type":"string"}"#;
const TEXT: &str = r#"{"type":"string"}"#;

const ROWS: &[Row] = rows! {
    jiff::Timestamp: "google.protobuf.Timestamp", "Timestamp", TIME,
        ["2026-11-29T02:30:00.500Z" "0001-01-01T00:00:00Z" "9999-12-30T22:00:00.999999999Z"],
        ["2026-11-29T02:30:00" "2026-02-29T00:00:00Z" "0000-12-31T23:59:59Z" ""];
    chrono::DateTime<chrono::Utc>: "google.protobuf.Timestamp", "Timestamp", TIME,
        ["2026-11-29T02:30:00.500Z" "0001-01-01T00:00:00Z" "9999-12-31T23:59:59.999999999Z"],
        ["2026-11-29T02:30:60Z" "10001-01-01T00:00:00Z" "1764383400"];
    time::UtcDateTime: "google.protobuf.Timestamp", "Timestamp", TIME,
        ["2026-11-29T02:30:00.500Z" "0001-01-01T00:00:00Z" "9999-12-31T23:59:59.999999999Z"],
        ["2026-11-29 02:30" "2026-11-29T24:00:00Z"];
    uuid::Uuid: "string", "Uuid", r#"{"format":"uuid","type":"string"}"#,
        ["67e55044-10b1-426f-9247-bb680e5fe0c8" "00000000-0000-0000-0000-000000000000"],
        ["67e55044-10b1-426f-9247-bb680e5fe0c" "67e55044-10b1-426f-9247-bb680e5fe0cg" ""];
    bytes::Bytes: "bytes", "Vec<u8>", r#"{"contentEncoding":"base64","type":"string"}"#,
        ["AQI=" "" "//79"],
        ["A===" "*"];
    jiff::civil::Date: "string", "Text<Date>", DATE,
        ["2026-11-29" "0004-02-29" "9999-12-31"],
        ["2026-11-29T00:00:00" "2026-02-29" "29.11.2026" "20261129" ""];
    chrono::NaiveDate: "string", "Text<Date>", DATE,
        ["2026-11-29" "0004-02-29" "9999-12-31"],
        ["2026-11-29T00:00:00" "2026-02-29" " 2026-11-29" "26-11-29" "2026-11-9" ""];
    time::Date: "string", "Text<Date>", DATE,
        ["2026-11-29" "0004-02-29" "9999-12-31"],
        ["2026-11-29T00:00:00" "2026-02-29" "20261129" ""];
    jiff::civil::Time: "string", "Text<Time>", TEXT,
        ["02:30:00.5" "00:00:00" "23:59:59.999999999"],
        ["24:00:00" "2026-11-29T02:30:00" ""];
    chrono::NaiveTime: "string", "Text<Time>", TEXT,
        ["02:30:00.500" "00:00:00" "23:59:59.999999999" "23:59:60.250"],
        ["24:00:00" "02:30:00Z" "2:30:00" "02:30:00." ""];
    time::Time: "string", "Text<Time>", TEXT,
        ["02:30:00.5" "00:00:00" "23:59:59.999999999"],
        ["24:00:00" "02:30:60" ""];
    jiff::civil::DateTime: "string", "Text<DateTime>", TEXT,
        ["2026-11-29T02:30:00.5" "0001-01-01T00:00:00"],
        ["2026-11-29" "2026-11-29T02:30:00Z" ""];
    chrono::NaiveDateTime: "string", "Text<DateTime>", TEXT,
        ["2026-11-29T02:30:00.500" "0001-01-01T00:00:00"],
        ["2026-11-29" "2026-11-29T02:30:00Z" ""];
    time::PrimitiveDateTime: "string", "Text<DateTime>", TEXT,
        ["2026-11-29T02:30:00.5" "0001-01-01T00:00:00"],
        ["2026-11-29" "2026-11-29T02:30:00Z" ""];
    chrono::DateTime<chrono::FixedOffset>: "string", "Text<OffsetDateTime>", TIME,
        ["2026-11-29T02:30:00+02:00" "0001-01-01T00:00:00.250-23:59"],
        ["2026-11-29T02:30:00" "2026-11-29T02:30:00+24:00" ""];
    time::OffsetDateTime: "string", "Text<OffsetDateTime>", TIME,
        ["2026-11-29T02:30:00+02:00" "0001-01-01T00:00:00.25-23:59" "2026-11-29T02:30:00Z"],
        ["2026-11-29T02:30:00" "2026-11-29T02:30:00+24:00" ""];
    jiff::Zoned: "string", "Text<Zoned>", TEXT,
        // Twice the same clock, before and after summer time ends; an offset with seconds.
        ["2026-10-25T02:30:00+02:00[Europe/Berlin]" "2026-10-25T02:30:00+01:00[Europe/Berlin]"
            "2026-11-29T02:30:00.5+00:00[UTC]" "2026-11-29T02:30:00+05:30[+05:30]"],
        ["2026-10-25T02:30:00+03:00[Europe/Berlin]" "2026-10-25T02:30:00+02:00" "2026-10-25T02:30:00+02:00[Mars/Olympus]" ""];
    jiff::SignedDuration: "string", "Text<SignedDuration>", TEXT,
        ["-PT1H0.25S" "PT0S" "PT2562047788015215H30M7.999999999S" "-PT2562047788015215H30M8.999999999S"],
        ["1h" "P1D" "PT" ""];
    time::Duration: "string", "Text<SignedDuration>", TEXT,
        ["-PT1H0.25S" "PT0S" "PT2562047788015215H30M7.999999999S" "-PT2562047788015215H30M8.999999999S"],
        ["1h" "P1D" "PT" ""];
    jiff::SpanFieldwise: "string", "Text<Span>", TEXT,
        ["-P1Y2M3W4DT5H6M7.5S" "PT0S" "P1D"],
        ["1 year" "P" ""];
    rust_decimal::Decimal: "string", "Text<Decimal>", TEXT,
        ["6.30" "-0.0000000000000000000000000001" "79228162514264337593543950335" "0"],
        // What has more digits than a decimal keeps is refused, not rounded.
        ["0.12345678901234567890123456789" "79228162514264337593543950336" "1e3" "six" ""];
};

/// Types of std that are text.
const STD: &[Row] = rows! {
    char: "string", "Text<char>", r#"{"maxLength":1,"minLength":1,"type":"string"}"#,
        ["a" "\u{e9}" "\u{1f600}" "0"],
        ["ab" ""];
    std::net::IpAddr: "string", "Text<IpAddr>", TEXT,
        ["192.0.2.1" "2001:db8::1"],
        ["localhost" "1.2.3" ""];
    std::net::Ipv4Addr: "string", "Text<Ipv4Addr>", r#"{"format":"ipv4","type":"string"}"#,
        ["192.0.2.1"],
        ["2001:db8::1" "192.0.2.256" ""];
    std::net::Ipv6Addr: "string", "Text<Ipv6Addr>", r#"{"format":"ipv6","type":"string"}"#,
        ["2001:db8::1" "::"],
        ["192.0.2.1" ""];
    std::net::SocketAddr: "string", "Text<SocketAddr>", TEXT,
        ["192.0.2.1:80" "[2001:db8::1]:65535"],
        ["192.0.2.1" "192.0.2.1:65536" ""];
    std::path::PathBuf: "string", "String", TEXT, ["a/b.txt" "/"], [];
    Box<str>: "string", "String", TEXT, ["text"], [];
    std::sync::Arc<str>: "string", "String", TEXT, ["text"], [];
    std::borrow::Cow<'static, str>: "string", "String", TEXT, ["text"], [];
};

fn rows() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().chain(STD)
}

/// A message with the value in each place.
fn message(value: &str) -> String {
    format!(
        r#"{{"one":"{value}","maybe":"{value}","list":["{value}","{value}"],"by_name":{{"a":"{value}"}}}}"#
    )
}

#[test]
fn values_come_back_from_every_form() {
    for row in rows() {
        for value in row.values {
            (row.gives_back)(&message(value));
        }
    }
}

#[test]
fn what_the_type_would_not_keep_is_refused_with_its_place() {
    for row in rows() {
        for value in row.refused {
            let text = format!("{{\n\"one\": \"{value}\"}}");
            let error = (row.read)(&text).unwrap_err();
            assert_eq!((error.pointer.as_str(), error.line), ("/one", 2), "{}: {error}", row.name);
            assert!(
                error.reason.contains("not ") || error.reason.contains("written"),
                "{}: {error}",
                row.name
            );
        }
        for wrong in ["1", "true", "null", "[]", "{}"] {
            let error = (row.read)(&format!(r#"{{"one":{wrong}}}"#)).unwrap_err();
            assert!(error.reason.contains("expected"), "{}: {error}", row.name);
            #[cfg(feature = "conformance")]
            (row.schema_refuses)(&message("").replacen(r#""""#, wrong, 1));
        }
    }
}

#[test]
fn schemas_say_what_is_in_messages() {
    for row in rows() {
        let schema = (row.schema)();
        let (lock, [kind, label]) = (proto(&schema), row.proto);
        for line in [
            format!("  optional {kind} one = 1; // {label}"),
            format!("  optional {kind} maybe = 2;"),
            format!("  repeated {kind} list = 3; // Vec<{label}>"),
            format!("  map<string, {kind}> by_name = 4;"),
        ] {
            assert!(lock.contains(&line), "{}: {line}\n{lock}", row.name);
        }
        let schema = json_schema(&schema, "any::model");
        let types = schema["$defs"].as_object().unwrap();
        let field = &types.values().next().unwrap()["properties"]["one"];
        assert_eq!(*field, row.json_schema.parse::<Value>().unwrap(), "{}", row.name);
    }
}

#[test]
fn examples_and_hidden_secrets_are_read() {
    for row in rows() {
        let example = example(&(row.described)());
        let example = serde_json::to_string(&DeclaredOrder(&example)).unwrap();
        (row.read)(&example).unwrap_or_else(|error| panic!("{}: {error}", row.name));
        let secret = format!(r#"{{"one":"{}"}}"#, row.values[0]);
        let hidden = redact(&secret, &(row.described_hidden)()).unwrap();
        assert_ne!(hidden, secret);
        (row.read_hidden)(&hidden).unwrap_or_else(|error| panic!("{}: {error}", row.name));
    }
}

#[test]
fn shrinking_keeps_to_what_the_type_reads() {
    let settings = ShrinkSettings { variants: Variants::default(), budget: 5000, batch: 8 };
    for row in rows() {
        let message = message(row.values[0]).parse().unwrap();
        let start = ModelInput { message, ..ModelInput::default() };
        let is_read = |input: &ModelInput| (row.read)(&input.message.to_string()).is_ok();
        let check = |inputs: &[ModelInput]| -> Result<Vec<bool>, MessageError> {
            Ok(inputs.iter().map(is_read).collect())
        };
        let found = shrink(&start, &settings, check).unwrap();
        let smallest = &found.input.message;
        assert!(found.is_minimal && is_read(&found.input), "{}: {smallest}", row.name);
        let values = usize::from(row.name != "bytes::Bytes");
        assert_eq!(found.input.values(), values, "{}: {smallest}", row.name);
        assert!(found.evaluations < 1000, "{}: {} tried", row.name, found.evaluations);
        let text = smallest["one"].as_str().unwrap_or_default();
        assert!(text.len() <= row.values[0].len(), "{}: {smallest}", row.name);
    }
}

/// A map and a set with these keys come back.
#[track_caller]
fn keys_come_back<K>(keys: &[&str])
where
    K: Debug + Ord + std::hash::Hash,
    Keyed<K>: Structure,
{
    let list = |each: &dyn Fn(&&str) -> String| keys.iter().map(each).collect::<Vec<_>>().join(",");
    let text = format!(
        r#"{{"values":{{{}}},"hashed":{{"{}":[1]}},"set":[{}]}}"#,
        list(&|key| format!(r#""{key}":7"#)),
        keys[0],
        list(&|key| format!(r#""{key}""#)),
    );
    gives_back::<Keyed<K>>(&text);
    let wrong = text.replacen(keys[0], "?", 1);
    let error = json::decode::<Keyed<K>>(&wrong).unwrap_err();
    assert_eq!(error.pointer, "/values/?", "{error}");
}

#[test]
fn they_are_keys_of_maps_and_elements_of_sets() {
    keys_come_back::<uuid::Uuid>(&[
        "00000000-0000-0000-0000-000000000000",
        "67e55044-10b1-426f-9247-bb680e5fe0c8",
    ]);
    keys_come_back::<jiff::civil::Date>(&["2026-11-29", "2026-11-30"]);
    keys_come_back::<chrono::NaiveDate>(&["2026-11-29", "2026-11-30"]);
    keys_come_back::<time::Date>(&["2026-11-29", "2026-11-30"]);
    keys_come_back::<chrono::NaiveTime>(&["02:30:00", "12:00:00"]);
    keys_come_back::<rust_decimal::Decimal>(&["-1.5", "6.30"]);
}

#[test]
fn what_a_text_can_not_hold_is_an_error_where_it_is_written() {
    use chrono::{DateTime, FixedOffset, NaiveDate};
    let utc = DateTime::from_timestamp(0, 0).unwrap();
    let late = DateTime::<chrono::Utc>::MAX_UTC.with_timezone(&FixedOffset::east_opt(0).unwrap());
    let odd = utc.with_timezone(&FixedOffset::east_opt(3723).unwrap());
    for time in [late, odd] {
        let holds = Holds { one: time, maybe: None, list: vec![], by_name: BTreeMap::new() };
        let error = json::encode(&holds).unwrap_err();
        assert_eq!(error.pointer, "/one");
        assert!(error.reason.contains("RFC 3339"), "{error}");
        assert!(try_encode_to(&holds, &mut Vec::new()).is_err());
    }
    // A date itself may be any that its type has.
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        let holds = Holds { one: date, maybe: None, list: vec![date], by_name: BTreeMap::new() };
        let text = json::encode(&holds).unwrap();
        assert_eq!(json::decode::<Holds<NaiveDate>>(&text).unwrap(), holds);
        assert_eq!(decode::<Holds<NaiveDate>>(&encode(&holds)).unwrap(), holds);
    }
}
