//! Messages that are wrong, each with the error that its sender reads: what is wrong, where, what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use athena_rt::structure::{from_proto_json, json, wire};
use athena_rt::{Timestamp, structure};
use serde_json::Value;

#[structure]
struct Order {
    id: u32,
    #[default(0)]
    small: i8,
    ratio: Option<f64>,
    note: Option<String>,
    at: Option<Timestamp>,
    took: Option<Duration>,
    data: Option<Vec<u8>>,
    hash: Option<[u8; 4]>,
    three: Option<[u16; 3]>,
    pair: Option<(u8, String)>,
    letter: Option<char>,
    address: Option<IpAddr>,
    positive: Option<NonZeroU8>,
    wide: Option<u128>,
    by_day: BTreeMap<u16, bool>,
    days: BTreeSet<u16>,
    kind: Option<Kind>,
    event: Option<Event>,
    change: Option<Change>,
    payment: Option<Payment>,
    #[default(None)]
    person: Option<Person>,
    any: Option<Value>,
    parts: Vec<Order>,
}

#[structure]
enum Kind {
    Retail,
    Wholesale,
}

#[structure]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    Opened { by: String },
    ClosedAgain,
}

#[structure]
#[serde(tag = "t", content = "c")]
enum Change {
    Moved(u8),
    Gone,
}

#[structure]
enum Payment {
    Cash,
    Card { digits: String },
}

#[structure]
#[serde(untagged)]
enum Person {
    Name(String),
    Parts { first: String, last: String },
}

#[structure]
struct Parcel {
    id: u32,
    #[serde(flatten)]
    place: Place,
}

#[structure]
struct Place {
    street: String,
    floor: i8,
}

/// What stands in an order, and what its error says.
const JSON: &[(&str, &str)] = &[
    ("", "the message is empty; one without fields is {}"),
    (" \n", "the message is empty; one without fields is {}"),
    ("{\"id\":1", "the message ends too early: it is cut off (line 1, column 7)"),
    ("{\"id\":1} x", "unexpected text after the message (line 1, column 10)"),
    ("{\"id\":1}{\"id\":2}", "unexpected text after the message (line 1, column 9)"),
    (
        "\u{feff}{\"id\":1}",
        "it begins with a byte order mark: save it as UTF-8 without one (line 1, column 1)",
    ),
    ("{id:1}", "a key is text in double quotes (line 1, column 2)"),
    ("{'id':1}", "a key is text in double quotes (line 1, column 2)"),
    ("{\"id\":1,}", "a comma with nothing behind it: remove it (line 1, column 9)"),
    (
        "{\"id\":01}",
        "/id: not a number of JSON, which begins with a digit or a minus, has no leading zeros, and is finite (line 1, column 8)",
    ),
    ("{\"id\" 1}", "expected `:` (line 1, column 7)"),
    ("{\"id\":1 \"small\":2}", "expected `,` or `}` (line 1, column 9)"),
    (
        "// an order\n{\"id\":1}",
        "expected a JSON value: text in double quotes, a number, true, false, null, a list or an object (line 1, column 1)",
    ),
    (
        "id: 1",
        "expected a JSON value: text in double quotes, a number, true, false, null, a list or an object (line 1, column 1)",
    ),
    (
        "null",
        "invalid type: null, expected an object with the fields of `Order` (line 1, column 4)",
    ),
    (
        "[1]",
        "invalid type: a list, expected an object with the fields of `Order` (line 1, column 1)",
    ),
    (
        "7",
        "invalid type: integer `7`, expected an object with the fields of `Order` (line 1, column 1)",
    ),
    ("{}", "missing field `id` (line 1, column 2)"),
    ("{\"id\":null}", "/id: invalid type: null, expected u32 (line 1, column 10)"),
    ("{\"id\":\"x\"}", "/id: invalid type: string \"x\", expected u32 (line 1, column 9)"),
    ("{\"id\":true}", "/id: invalid type: boolean `true`, expected u32 (line 1, column 10)"),
    ("{\"id\":1.5}", "/id: invalid type: floating point `1.5`, expected u32 (line 1, column 9)"),
    ("{\"id\":-1}", "/id: -1 is out of range for u32 (line 1, column 8)"),
    ("{\"id\":4294967296}", "/id: 4294967296 is out of range for u32 (line 1, column 16)"),
    ("{\"id\":1,\n \"small\":128}", "/small: 128 is out of range for i8 (line 2, column 12)"),
    (
        "{\"id\":1,\"ratio\":NaN}",
        "/ratio: expected a JSON value: text in double quotes, a number, true, false, null, a list or an object (line 1, column 17)",
    ),
    (
        "{\"id\":1,\"ratio\":-Infinity}",
        "/ratio: not a number of JSON, which begins with a digit or a minus, has no leading zeros, and is finite (line 1, column 18)",
    ),
    ("{\"id\":1,\"ratio\":1e999}", "/ratio: number out of range: 1e999 (line 1, column 21)"),
    (
        "{\"id\":1,\"ratio\":\"much\"}",
        "/ratio: invalid type: string \"much\", expected f64 (line 1, column 22)",
    ),
    (
        "{\"id\":1,\"nota\":\"x\"}",
        "/nota: unknown field `nota`, did you mean `note`? (line 1, column 14)",
    ),
    ("{\"id\":1,\"id\":2}", "/id: duplicate field `id` (line 1, column 12)"),
    (
        "{\"id\":1,\"note\":\"a\nb\"}",
        "/note: a line break, a tab or another control character in a text: write it as \\n, \\t or \\u0000 (line 1, column 18)",
    ),
    (
        "{\"id\":1,\"note\":\"\\x\"}",
        "/note: not an escape of JSON, which are \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits (line 1, column 18)",
    ),
    (
        "{\"id\":1,\"note\":\"\\ud800\"}",
        "/note: half of a character: one beyond \\uffff is two escapes, \\ud83d\\ude00 (line 1, column 23)",
    ),
    (
        "{\"id\":1,\"note\":[]}",
        "/note: invalid type: a list, expected a string (line 1, column 15)",
    ),
    (
        "{\"id\":1,\"at\":\"yesterday\"}",
        "/at: a time is written `2026-11-22T18:09:59Z`, from the year 1 to 9999 (line 1, column 24)",
    ),
    (
        "{\"id\":1,\"at\":\"2026-02-29T00:00:00Z\"}",
        "/at: a time is written `2026-11-22T18:09:59Z`, from the year 1 to 9999 (line 1, column 35)",
    ),
    (
        "{\"id\":1,\"at\":1764383400}",
        "/at: invalid type: integer `1764383400`, expected a time as text (line 1, column 23)",
    ),
    (
        "{\"id\":1,\"took\":\"1 hour\"}",
        "/took: a length of time is written `1.5s`, in seconds, from 0 on (line 1, column 23)",
    ),
    (
        "{\"id\":1,\"took\":\"-1s\"}",
        "/took: a length of time is written `1.5s`, in seconds, from 0 on (line 1, column 20)",
    ),
    (
        "{\"id\":1,\"took\":5}",
        "/took: invalid type: integer `5`, expected a length of time as text, `\"1.5s\"` (line 1, column 16)",
    ),
    ("{\"id\":1,\"data\":\"a*\"}", "/data: not base64: `*` at position 2 (line 1, column 19)"),
    (
        "{\"id\":1,\"data\":[1,2]}",
        "/data: invalid type: a list, expected bytes as base64 text (line 1, column 15)",
    ),
    ("{\"id\":1,\"hash\":\"AAA=\"}", "/hash: expected 4 elements, found 2 (line 1, column 16)"),
    ("{\"id\":1,\"three\":[1,2]}", "/three: expected 3 elements, found 2 (line 1, column 17)"),
    ("{\"id\":1,\"three\":[1,2,3,4]}", "/three: expected 3 elements, found 4 (line 1, column 17)"),
    (
        "{\"id\":1,\"three\":[1,\"b\",3]}",
        "/three/1: invalid type: string \"b\", expected u16 (line 1, column 22)",
    ),
    (
        "{\"id\":1,\"pair\":[1]}",
        "/pair: invalid length 1, expected a list of 2 (line 1, column 18)",
    ),
    (
        "{\"id\":1,\"pair\":[1,\"a\",2]}",
        "/pair: a list with more elements than expected (line 1, column 23)",
    ),
    ("{\"id\":1,\"letter\":\"ab\"}", "/letter: not one character (line 1, column 21)"),
    ("{\"id\":1,\"address\":\"localhost\"}", "/address: not an IP address (line 1, column 29)"),
    ("{\"id\":1,\"positive\":0}", "/positive: 0 is not allowed (line 1, column 20)"),
    ("{\"id\":1,\"wide\":-1}", "/wide: number out of range: -1 (line 1, column 16)"),
    (
        "{\"id\":1,\"by_day\":{\"x\":true}}",
        "/by_day/x: invalid type: string \"x\", expected u16 (line 1, column 21)",
    ),
    (
        "{\"id\":1,\"by_day\":{\"1\":true,\"1\":true}}",
        "/by_day/1: duplicate key `1` (line 1, column 32)",
    ),
    (
        "{\"id\":1,\"by_day\":[]}",
        "/by_day: invalid type: a list, expected an object (line 1, column 17)",
    ),
    ("{\"id\":1,\"days\":[1,1]}", "/days: element 1 is in the set already (line 1, column 16)"),
    (
        "{\"id\":1,\"kind\":\"retial\"}",
        "/kind: unknown variant `retial`, did you mean `Retail`? known: `Retail`, `Wholesale` (line 1, column 23)",
    ),
    (
        "{\"id\":1,\"kind\":1}",
        "/kind: invalid type: expected the name of a variant, or an object with its name as the key (line 1, column 16)",
    ),
    (
        "{\"id\":1,\"event\":{\"type\":\"opend\",\"by\":\"x\"}}",
        "/event/type: unknown variant `opend`, did you mean `opened`? known: `opened`, `closed_again` (line 1, column 31)",
    ),
    ("{\"id\":1,\"event\":{\"by\":\"x\"}}", "/event: missing field `type` (line 1, column 26)"),
    (
        "{\"id\":1,\"event\":{\"type\":\"opened\"}}",
        "/event: missing field `by` (line 1, column 33)",
    ),
    (
        "{\"id\":1,\"event\":{\"type\":\"opened\",\"by\":\"x\",\"at\":1}}",
        "/event/at: unknown field `at`, known: `by` (line 1, column 46)",
    ),
    (
        "{\"id\":1,\"event\":{\"type\":\"closed_again\",\"by\":\"x\"}}",
        "/event/by: unknown field `by`, there are none (line 1, column 43)",
    ),
    (
        "{\"id\":1,\"event\":{\"type\":\"opened\",\"by\":\"x\",\"type\":\"opened\"}}",
        "/event/type: duplicate field `type` (line 1, column 48)",
    ),
    (
        "{\"id\":1,\"event\":\"opened\"}",
        "/event: invalid type: string \"opened\", expected an object with the `type` of `Event` (line 1, column 24)",
    ),
    ("{\"id\":1,\"change\":{\"t\":\"Moved\"}}", "/change: missing field `c` (line 1, column 30)"),
    (
        "{\"id\":1,\"change\":{\"t\":\"Moved\",\"c\":300}}",
        "/change/c: 300 is out of range for u8 (line 1, column 37)",
    ),
    (
        "{\"id\":1,\"change\":{\"t\":\"Gone\",\"c\":1}}",
        "/change/c: invalid type: integer `1`, expected no data (line 1, column 34)",
    ),
    (
        "{\"id\":1,\"change\":{\"t\":\"Lost\"}}",
        "/change/t: unknown variant `Lost`, known: `Moved`, `Gone` (line 1, column 28)",
    ),
    (
        "{\"id\":1,\"payment\":\"Card\"}",
        "/payment/Card: variant `Card` has data: write {\"Card\": ..} (line 1, column 25)",
    ),
    (
        "{\"id\":1,\"payment\":{\"Card\":{}}}",
        "/payment/Card: missing field `digits` (line 1, column 28)",
    ),
    (
        "{\"id\":1,\"payment\":{\"Cash\":{},\"Card\":{\"digits\":\"1\"}}}",
        "/payment/Cash: variant `Cash` has no data: write \"Cash\" (line 1, column 26)",
    ),
    (
        "{\"id\":1,\"payment\":{\"Cheque\":1}}",
        "/payment: unknown variant `Cheque`, known: `Cash`, `Card` (line 1, column 27)",
    ),
    (
        "{\"id\":1,\"person\":{\"first\":\"A\"}}",
        "/person: no variant of `Person` fits (Name: invalid type: an object, expected a string; Parts: missing field `last`) (line 1, column 18)",
    ),
    (
        "{\"id\":1,\"person\":7}",
        "/person: no variant of `Person` fits (Name: invalid type: integer `7`, expected a string; Parts: invalid type: integer `7`, expected an object with the fields of `Parts`) (line 1, column 18)",
    ),
    (
        "{\"id\":1,\"any\":{\"a\":[{\"b\":1,\"b\":2}]}}",
        "/any/a/0/b: duplicate key `b` (line 1, column 32)",
    ),
    (
        "{\"id\":1,\"parts\":[{\"id\":1},{\"id\":1,\"parts\":[{\"id\":\"?\"}]}]}",
        "/parts/1/parts/0/id: invalid type: string \"?\", expected u32 (line 1, column 52)",
    ),
];

const PARCELS: &[(&str, &str)] = &[
    ("{\"id\":1,\"street\":\"s\"}", "missing field `floor` (line 1, column 21)"),
    (
        "{\"id\":1,\"street\":\"s\",\"floor\":300}",
        "/floor: 300 is out of range for i8 (line 1, column 30)",
    ),
    (
        "{\"id\":1,\"street\":\"s\",\"floor\":3,\"stret\":1}",
        "/stret: unknown field `stret`, did you mean `street`? (line 1, column 40)",
    ),
    (
        "{\"id\":1,\"street\":\"s\",\"floor\":3,\"floor\":4}",
        "/floor: duplicate field `floor` (line 1, column 40)",
    ),
    ("{\"street\":\"s\",\"floor\":3}", "missing field `id` (line 1, column 24)"),
];

/// The bytes of an order, and what its error says.
const BYTES: &[(&[u8], &str)] = &[
    (b"", "Order.id: `Order` has no default for it, and the message does not set it (byte 0)"),
    (b"\x08", "Order.id: the message ends in the middle of a field (byte 1)"),
    (
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        "Order.id: a number of more than 64 bits (byte 1)",
    ),
    (
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        "Order.id: 18446744073709551615 is out of range for u32 (byte 11)",
    ),
    (
        b"\n\x01x",
        "Order.id: expected a varint, found a length and bytes: the field has another type in the writer (byte 1)",
    ),
    (b"\x08\x01\x10\x80\x02", "Order.small: 256 is out of range for i8 (byte 5)"),
    (b"\x08\x01\"\x05ab", "Order.note: a length of 5 bytes, but only 2 follow (byte 4)"),
    (b"\x08\x01\"\x01\xff", "Order.note: text that is not UTF-8 (byte 4)"),
    (
        b"\x08\x01*\x02\x10\x7f*\t\x10\xff\xff\xff\xff\xff\xff\xff\xff",
        "Order.at.nanos: the message ends in the middle of a field (byte 9)",
    ),
    (b"\x08\x01B\x01a", "Order.hash: expected 4 elements, found 1 (byte 5)"),
    (b"\x08\x01\x88\x01\t", "Order.kind: `Kind` has no variant with number 9 (byte 5)"),
    (b"\x00\x01", "Order.#0: field number 0 is not allowed (byte 1)"),
    (
        b"\x0f",
        "Order.id: expected a varint, found a wire type that does not exist: the field has another type in the writer (byte 1)",
    ),
    (
        b"{\"id\":1}",
        "Order.by_day: expected a length and bytes, found a group: the field has another type in the writer; these bytes are JSON (byte 1)",
    ),
];

#[test]
fn errors_say_what_is_wrong_and_where() {
    let mut found = Vec::new();
    let mut check = |given: String, error: String, expected: &str| {
        if error != expected {
            found.push(format!("    ({given}, {error:?}),"));
        }
    };
    for (text, expected) in JSON {
        check(format!("{text:?}"), json::decode::<Order>(text).unwrap_err().to_string(), expected);
    }
    for (text, expected) in PARCELS {
        check(format!("{text:?}"), json::decode::<Parcel>(text).unwrap_err().to_string(), expected);
    }
    for (bytes, expected) in BYTES {
        let error = wire::decode::<Order>(bytes).unwrap_err().to_string();
        check(format!("b\"{}\"", bytes.escape_ascii()), error, expected);
    }
    let deep = format!("{{\"id\":1,\"any\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let error = json::decode::<Order>(&deep).unwrap_err();
    assert_eq!(error.reason, "nested too deeply: 128 levels are the most");
    assert!(error.pointer.starts_with("/any/0/0/") && error.column == 141, "{error}");
    let parts = format!("{}{{\"id\":1}}{}", "{\"id\":1,\"parts\":[".repeat(60), "]}".repeat(60));
    let order: Order = json::decode(&parts).unwrap();
    let bytes = wire::encode(&order);
    let within = (0..60).fold(bytes, |bytes, _| {
        let mut outer = b"\x08\x01\xba\x01".to_vec();
        wire::write_varint(bytes.len() as u64, &mut outer);
        [outer, bytes].concat()
    });
    let error = wire::decode::<Order>(&within).unwrap_err();
    assert_eq!(error.reason(), "messages are nested deeper than 100");
    assert!(error.path().starts_with("Order.parts[0].parts[0]"), "{error}");
    let error = from_proto_json::<Order>("{\"id\": 1, \"parts\": [{}]}").unwrap_err().to_string();
    let expected =
        "Order.parts[0].id: `Order` has no default for it, and the message does not set it";
    check("ProtoJSON".to_owned(), error, expected);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
