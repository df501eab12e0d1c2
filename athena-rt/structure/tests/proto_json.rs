//! ProtoJSON, as the specification has it; what other programs say of it is in `conformance/`.

#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::time::Duration;

use athena_rt::structure::{ProtoJson, from_proto_json, to_proto_json};
use athena_rt::{Timestamp, structure};

#[structure]
struct Order {
    order_id: u64,
    #[default(2)]
    quantity: i32,
    kind: Option<Kind>,
    #[oneof]
    payment: Option<Payment>,
    prices: Vec<f64>,
    data: Option<Vec<u8>>,
    by_day: BTreeMap<i32, Vec<bool>>,
    took: Option<Duration>,
    at: Option<Timestamp>,
    #[field(20)]
    lists: Vec<(u8, Option<String>)>,
}

#[structure]
enum Kind {
    Retail,
    SplitMode,
}

#[structure]
enum Payment {
    #[field(10)]
    Cash,
    #[field(11)]
    CardNumber(String),
}

fn order(order_id: u64) -> Order {
    from_proto_json(&format!("{{\"orderId\": {order_id}}}")).unwrap()
}

#[track_caller]
fn reads(text: &str) -> Order {
    from_proto_json(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn refuses(text: &str, expected: &str) {
    let error = from_proto_json::<Order>(text).unwrap_err().to_string();
    assert!(error.contains(expected), "{text}: {error}");
}

#[test]
fn everything_is_written_as_peers_expect_it() {
    let full = Order {
        kind: Some(Kind::SplitMode),
        payment: Some(Payment::CardNumber("12\"".into())),
        prices: vec![1.5, f64::NAN, f64::NEG_INFINITY],
        data: Some(vec![251, 255]),
        by_day: BTreeMap::from([(-1, vec![true])]),
        took: Some(Duration::from_millis(1500)),
        at: Timestamp::new(0, 1000),
        lists: vec![(7, None), (8, Some("x".into()))],
        ..order(u64::MAX)
    };
    let expected = concat!(
        r#"{"orderId":"18446744073709551615","quantity":2,"kind":"KIND_SPLIT_MODE","#,
        r#""CardNumber":"12\"","prices":[1.5,"NaN","-Infinity"],"data":"+/8=","#,
        r#""byDay":{"-1":{"items":[true]}},"took":"1.500s","at":"1970-01-01T00:00:00.000001Z","#,
        r#""lists":[{"item1":7},{"item1":8,"item2":"x"}]}"#
    );
    assert_eq!(to_proto_json(&full).unwrap(), expected);
    let read = reads(expected);
    assert!(read.prices[1].is_nan());
    assert_eq!(to_proto_json(&read).unwrap(), expected);
    assert_eq!(to_proto_json(&order(1)).unwrap(), r#"{"orderId":"1","quantity":2}"#);
    let cash = Order { payment: Some(Payment::Cash), ..order(1) };
    assert_eq!(to_proto_json(&cash).unwrap(), r#"{"orderId":"1","quantity":2,"Cash":{}}"#);
}

#[test]
fn what_protojson_allows_is_read() {
    assert_eq!(reads(r#"{"order_id": "7"}"#), order(7));
    assert_eq!(
        reads(r#"{"orderId": 7.0, "quantity": 2e0, "kind": null, "prices": null}"#),
        order(7)
    );
    for kind in [r#""KIND_SPLIT_MODE""#, r#""SplitMode""#, "1", "1.0"] {
        let text = format!("{{\"orderId\": 7, \"kind\": {kind}}}");
        assert_eq!(reads(&text).kind, Some(Kind::SplitMode), "{kind}");
    }
    assert_eq!(reads(r#"{"orderId": 7, "data": "-_8"}"#).data, Some(vec![251, 255]));
    assert_eq!(reads(r#"{"orderId": 7, "took": "3s"}"#).took, Some(Duration::from_secs(3)));
    let late = reads(r#"{"orderId": 7, "at": "1970-01-01T01:00:00+01:00"}"#);
    assert_eq!(late.at, Timestamp::new(0, 0));
    let nulled = reads(r#"{"orderId": 7, "Cash": null, "CardNumber": "1"}"#);
    assert_eq!(nulled.payment, Some(Payment::CardNumber("1".into())));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    refuses(r#"{"orderId": 7, "quantitty": 1}"#, "no field `quantitty`, did you mean `quantity`?");
    refuses(r#"{"orderId": 7, "order_id": 7}"#, "/order_id: the field is given twice");
    refuses(r#"{"orderId": 7, "Cash": {}, "CardNumber": "1"}"#, "/CardNumber: `Cash` is given too");
    refuses(r#"{"orderId": -1}"#, "/orderId: -1 is not between 0 and 18446744073709551615");
    refuses(r#"{"orderId": "1.5"}"#, "/orderId: expected a whole number");
    refuses(r#"{"orderId": " 1"}"#, "/orderId: expected a whole number");
    refuses(r#"{"orderId": true}"#, "expected a whole number, found a boolean");
    refuses(r#"{"orderId": 7, "prices": [1, null]}"#, "/prices/1: expected a number, found null");
    refuses(r#"{"orderId": 7, "prices": ["infinity"]}"#, "/prices/0: expected a number");
    refuses(r#"{"orderId": 7, "kind": "KIND_WHOLESALE"}"#, "/kind: unknown value `KIND_WHOLESALE`");
    refuses(r#"{"orderId": 7, "kind": 5}"#, "`Kind` has no variant with number 5");
    refuses(r#"{"orderId": 7, "byDay": {"1": {}, "1": {}}}"#, "/byDay/1: the key is given twice");
    refuses(
        r#"{"orderId": 7, "lists": [{"item1": 256}]}"#,
        "/lists/0/item1: 256 is not between 0 and 255",
    );
    refuses(r#"{"orderId": 7, "took": "-1s"}"#, "below 0");
    refuses(r#"{"orderId": 7, "took": "1"}"#, "/took: a length of time is written `1.5s`");
    refuses(r#"{"orderId": 7, "at": "1970-01-01t00:00:00Z"}"#, "/at: a time is written");
    refuses(r#"{"quantity": 7}"#, "Order.order_id");
    refuses("[]", "expected an object, found a list");
    refuses(r#"{"orderId": 7} x"#, "unexpected text after the message (line 1, column 16)");
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    refuses(&deep, "nested too deeply");
}

#[test]
fn a_map_of_many_keys_is_read_in_good_time() {
    let entries: Vec<String> = (0..200_000).map(|key| format!("\"{key}\":{{}}")).collect();
    let text = format!("{{\"orderId\": 7, \"byDay\": {{{}}}}}", entries.join(","));
    let started = std::time::Instant::now();
    assert_eq!(reads(&text).by_day.len(), 200_000);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn no_text_makes_reading_panic() {
    let text = r#"{"orderId":"7","prices":[1.5,"NaN"],"data":"+/8=","byDay":{"-1":{"items":[true]}},"took":"1.500s","at":"1970-01-01T00:00:00.000001Z","lists":[{"item1":7}]}"#;
    for at in 0..text.len() {
        let (before, after) = text.split_at(at);
        for put in ["", "\"", "9", "-", "é", "null", "[", "}", ",", "\\u0000", "1e400", "\u{0}"] {
            let _ = from_proto_json::<Order>(&format!("{before}{put}{after}"));
            let _ = from_proto_json::<Order>(&format!("{before}{put}{}", &after[1..]));
        }
    }
}

#[test]
fn unknown_fields_and_values_pass_where_that_is_asked_for() {
    let json = ProtoJson::<Order>::new().ignore_unknown();
    let text = r#"{"orderId": 7, "new": {"a": 1}, "kind": "KIND_NEW"}"#;
    assert_eq!(json.read(text).unwrap(), order(7));
    assert!(json.read(r#"{"orderId": 7, "orderId": 7}"#).is_err());
}

#[test]
fn enum_values_bear_their_names_in_rust_where_that_is_asked_for() {
    let json = ProtoJson::<Order>::new().declared_names();
    let retail = Order { kind: Some(Kind::Retail), ..order(7) };
    assert_eq!(json.write(&retail).unwrap(), r#"{"orderId":"7","quantity":2,"kind":"Retail"}"#);
}

#[test]
fn a_length_of_time_beyond_ten_thousand_years_is_not_written() {
    let mut order = order(7);
    order.took = Some(Duration::from_hours(87_660_000));
    assert_eq!(reads(&to_proto_json(&order).unwrap()), order);
    order.took = Some(Duration::from_hours(87_660_000) + Duration::from_secs(1));
    let error = to_proto_json(&order).unwrap_err();
    assert_eq!(error.pointer, "/took");
}
