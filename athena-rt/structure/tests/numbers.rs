//! Numbers of messages, and the errors about them, are the same whatever features of `serde_json` another
//! crate turns on: CI runs this also with `--features serde_json/arbitrary_precision`.

use std::collections::BTreeMap;

use athena_rt::structure;
use athena_rt::structure::json::{decode, encode};

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
            "/unsigned: 18446744073709552000 is out of range for u64 (line 1, column 32)",
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
