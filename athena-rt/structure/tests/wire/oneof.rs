//! `#[oneof]`: the variants of an enum as fields of the message around it.

use athena_rt::structure;
use athena_rt::structure::wire::{self, UnknownFields, decode, encode};

#[structure]
struct Order {
    id: u32,
    #[oneof]
    payment: Option<Payment>,
    #[field(20)]
    note: Option<String>,
    #[oneof]
    reply: Option<Reply>,
    #[unknown]
    rest: UnknownFields,
}

#[structure]
enum Payment {
    #[field(5)]
    Cash,
    #[field(6)]
    Card(String),
    #[field(7)]
    Parts { count: Option<u32>, each: Option<u32> },
}

#[structure]
enum Reply {
    #[field(30)]
    Yes,
    #[field(31)]
    No(String),
}

fn order(payment: Option<Payment>) -> Order {
    Order { id: 1, payment, note: None, reply: None, rest: UnknownFields::default() }
}

#[test]
fn a_variant_is_a_field_of_the_message_around_it() {
    assert_eq!(encode(&order(Some(Payment::Card("ab".into())))), [0x32, 2, b'a', b'b', 8, 1]);
    assert_eq!(encode(&order(Some(Payment::Cash))), [0x2a, 0, 8, 1]);
    assert_eq!(encode(&order(None)), [8, 1]);
}

#[test]
fn what_is_written_is_read() {
    let parts = Payment::Parts { count: Some(3), each: None };
    for payment in [None, Some(Payment::Cash), Some(Payment::Card(String::new())), Some(parts)] {
        for reply in [None, Some(Reply::Yes), Some(Reply::No("why".into()))] {
            let order = Order { reply, note: Some("later".into()), ..order(payment.clone()) };
            assert_eq!(decode::<Order>(&encode(&order)).unwrap(), order);
        }
    }
}

#[test]
fn the_last_variant_counts_and_one_that_comes_again_is_merged() {
    let read = |bytes: &[u8]| decode::<Order>(bytes).unwrap().payment;
    assert_eq!(read(&[8, 1, 0x32, 1, b'a', 0x2a, 0]), Some(Payment::Cash));
    assert_eq!(read(&[8, 1, 0x2a, 0, 0x32, 1, b'a']), Some(Payment::Card("a".into())));
    let merged = Payment::Parts { count: Some(2), each: Some(9) };
    assert_eq!(read(&[8, 1, 0x3a, 2, 8, 2, 0x3a, 2, 16, 9]), Some(merged));
}

#[test]
fn what_is_neither_a_field_nor_a_variant_is_unknown() {
    let bytes = [8, 1, 0x38 + 8, 4];
    let read = decode::<Order>(&bytes).unwrap();
    assert_eq!((read.payment.as_ref(), read.rest.as_bytes()), (None, &bytes[2..]));
    assert_eq!(encode(&read), [8, 1, 0x40, 4]);
}

#[test]
fn a_variant_of_another_wire_type_is_an_error() {
    let error = decode::<Order>(&[8, 1, 0x30, 4]).unwrap_err();
    assert!(error.to_string().contains("a length and bytes"), "{error}");
    let _: &wire::WireError = &error;
}

#[test]
fn in_our_json_it_is_the_value_of_the_field() {
    let order = order(Some(Payment::Card("a".into())));
    let text = serde_json::to_string(&order).unwrap();
    assert_eq!(text, r#"{"id":1,"payment":{"Card":"a"}}"#);
    assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
}
