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
    assert_eq!(encode(&order(Some(Payment::Card("ab".into())))), [8, 1, 0x32, 2, b'a', b'b']);
    assert_eq!(encode(&order(Some(Payment::Cash))), [8, 1, 0x2a, 0]);
    assert_eq!(encode(&order(None)), [8, 1]);
}

/// As prost writes it, which sorts fields by the smallest number of each.
#[test]
fn a_variant_is_written_at_the_place_of_the_smallest_number() {
    #[structure]
    struct Between {
        #[oneof]
        late: Option<Late>,
        #[field(4)]
        middle: u32,
        #[oneof]
        early: Option<Early>,
        #[oneof]
        last: Option<Last>,
        #[field(9)]
        end: u32,
    }
    #[structure]
    enum Early {
        #[field(20)]
        Twenty(u32),
        #[field(3)]
        Three(u32),
    }
    #[structure]
    enum Late {
        #[field(7)]
        Seven(u32),
        #[field(1)]
        One(u32),
    }
    #[structure]
    enum Last {
        #[field(6)]
        Six(u32),
    }
    let mut value = Between {
        late: Some(Late::Seven(7)),
        middle: 4,
        early: Some(Early::Three(3)),
        last: Some(Last::Six(6)),
        end: 9,
    };
    let order =
        |value: &Between| encode(value).chunks(2).map(|record| record[0] >> 3).collect::<Vec<_>>();
    assert_eq!(order(&value), [7, 3, 4, 6, 9]);
    value.late = Some(Late::One(1));
    assert_eq!(order(&value), [1, 3, 4, 6, 9]);
    value.early = Some(Early::Twenty(0));
    assert_eq!(encode(&value), [8, 1, 0xa0, 1, 0, 0x20, 4, 0x30, 6, 0x48, 9]);
    assert_eq!(decode::<Between>(&encode(&value)).unwrap(), value);
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

#[test]
fn a_zero_is_left_out_of_the_fields_of_a_variant_too() {
    #[structure]
    enum Change {
        Moved {
            #[field(1, implicit)]
            #[default(0)]
            x: i32,
            #[field(2, sint, implicit)]
            #[default(0)]
            y: i32,
        },
        Named {
            #[field(1, implicit)]
            #[default("")]
            name: String,
        },
        Set(u8),
    }
    let moved = |x, y| Change::Moved { x, y };
    for (change, bytes) in [
        (moved(0, 0), &[10, 0][..]),
        (moved(7, 0), &[10, 2, 8, 7]),
        (moved(0, -1), &[10, 2, 16, 1]),
        (Change::Named { name: String::new() }, &[18, 0]),
        (Change::Named { name: "a".to_owned() }, &[18, 3, 10, 1, b'a']),
        (Change::Set(0), &[24, 0]),
    ] {
        assert_eq!(encode(&change), bytes, "{change:?}");
        assert_eq!(decode::<Change>(bytes).unwrap(), change);
    }
}
