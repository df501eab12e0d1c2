//! Bytes that are no message: each is refused with where and why, and costs no more than it is long.

use athena_rt::structure;
use athena_rt::structure::wire::{DEPTH_LIMIT, Message, decode, encode};

use crate::types::{Item, Node, Numbers, Open, Order, Payment, order};

#[track_caller]
fn refused<T: Message>(bytes: &[u8]) -> String {
    match decode::<T>(bytes) {
        Ok(_) => panic!("read {bytes:x?}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn an_absent_field_is_named_with_its_place() {
    assert_eq!(
        refused::<Item>(&[0x10, 1]),
        "Item.name: `Item` has no default for it, and the message does not set it (byte 2)",
    );
    let mut value = order();
    value.items[1].name = "\u{1}\u{1}".into();
    let mut bytes = encode(&value);
    // The key of `name` becomes that of an unknown field.
    let at = bytes.windows(4).position(|window| window == [0x0a, 2, 1, 1]).unwrap();
    bytes[at] = 0x7a;
    let error = decode::<Order>(&bytes).unwrap_err();
    assert_eq!(error.path(), "Order.items[1].name");
    assert!(error.offset() > at && error.offset() < bytes.len(), "{error}");
}

#[test]
fn a_message_cut_anywhere_is_refused_or_lacks_a_field() {
    let value = order();
    let bytes = encode(&value);
    for end in 0..bytes.len() {
        match decode::<Order>(&bytes[..end]) {
            Err(error) => assert!(error.offset() <= end, "{end}: {error}"),
            Ok(shorter) => assert_ne!(shorter, value, "cut at {end}"),
        }
    }
    // Without optional fields every cut is an error.
    let numbers = encode(&Payment::Item(Item { name: "bolt".into(), quantity: 300 }));
    for end in 0..numbers.len() {
        refused::<Payment>(&numbers[..end]);
    }
}

#[test]
fn a_number_out_of_range_is_refused_and_not_cut() {
    #[structure]
    struct Narrow {
        #[default(0)]
        byte: u8,
        #[default(0)]
        int: i32,
        #[field(3, sint)]
        #[default(0)]
        small: i8,
        #[field(4, fixed)]
        #[default(0)]
        short: u16,
        list: Vec<u16>,
    }
    assert!(
        refused::<Narrow>(&[0x08, 0x80, 0x02]).contains("Narrow.byte: 256 is out of range for u8")
    );
    let over = refused::<Narrow>(&[0x10, 0x80, 0x80, 0x80, 0x80, 0x08]);
    assert!(over.contains("Narrow.int: 2147483648 is out of range for i32"), "{over}");
    assert!(refused::<Narrow>(&[0x18, 0x81, 0x02]).contains("Narrow.small: -129 is out of range"));
    assert!(refused::<Narrow>(&[0x25, 0, 0, 1, 0]).contains("65536 is out of range for u16"));
    let list = refused::<Narrow>(&[0x2a, 4, 1, 0x80, 0x80, 0x04]);
    assert!(list.contains("Narrow.list[1]: 65536 is out of range for u16"), "{list}");
}

#[test]
fn a_varint_of_more_than_64_bits_is_refused() {
    let eleven = [&[0x08][..], &[0xff; 10], &[0]].concat();
    assert!(refused::<Open>(&eleven).contains("more than 64 bits"));
    let two = [&[0x08][..], &[0xff; 9], &[2]].concat();
    assert!(refused::<Open>(&two).contains("more than 64 bits"));
    let long = [&[0x08][..], &[0x80; 9], &[0]].concat();
    assert_eq!(decode::<Open>(&long).unwrap().id, 0, "a long way to write 0 is legal");
}

#[test]
fn keys_that_cannot_be_are_refused() {
    assert!(refused::<Open>(&[0x00, 0]).contains("field number 0"));
    assert!(refused::<Open>(&[0x0e, 0]).contains("wire type"));
    assert!(refused::<Open>(&[0x16, 0]).contains("wire type 6 does not exist"));
    assert!(refused::<Open>(&[0x14]).contains("a group ends that did not begin"));
    assert!(refused::<Open>(&[0x13, 0x1c]).contains("a group ends that did not begin"));
    assert!(refused::<Open>(&[0x13]).contains("ends in the middle"));
    let wide = [0xff, 0xff, 0xff, 0xff, 0x1f];
    assert!(refused::<Open>(&wide).contains("beyond 536870911"));
    // Six bytes for a small number: a key has five at most.
    let long = [0x88, 0x80, 0x80, 0x80, 0x80, 0x00, 1];
    assert!(refused::<Open>(&long).contains("beyond 536870911"));
}

#[test]
fn text_that_is_not_utf_8_is_refused_at_its_byte() {
    let error = decode::<Item>(&[0x0a, 3, b'a', 0xff, b'b']).unwrap_err();
    assert_eq!((error.path().as_str(), error.offset()), ("Item.name", 3));
    assert_eq!(error.reason(), "text that is not UTF-8");
}

#[test]
fn an_unknown_variant_is_refused_by_its_number() {
    let mut bytes = encode(&order());
    let at = bytes.windows(2).position(|window| window == [0x10, 7]).unwrap();
    bytes[at + 1] = 3;
    assert!(refused::<Order>(&bytes).contains("Order.kind: `Kind` has no variant with number 3"));
    let none = refused::<Payment>(&[0x7a, 0]);
    assert!(none.contains("no variant of `Payment` is set, of Cash (1), Card (2)"), "{none}");
}

#[test]
fn an_array_of_another_length_is_refused() {
    #[structure]
    struct Fixed {
        three: [u16; 3],
        hash: [u8; 2],
    }
    let error = refused::<Fixed>(&[0x0a, 2, 1, 2, 0x12, 2, 1, 2]);
    assert!(error.contains("Fixed.three: expected 3 elements, found 2"), "{error}");
    let error = refused::<Fixed>(&[0x0a, 3, 1, 2, 3, 0x12, 1, 1]);
    assert!(error.contains("Fixed.hash: expected 2 elements, found 1"), "{error}");
}

#[test]
fn depth_is_followed_to_the_limit_and_no_further() {
    assert!(decode::<Node>(&bomb(DEPTH_LIMIT)).is_ok());
    let error = refused::<Node>(&bomb(DEPTH_LIMIT + 1));
    assert!(error.contains("nested deeper than 100"), "{error}");
    assert!(refused::<Node>(&bomb(20_000)).contains("nested deeper than 100"));
    let groups = vec![0x1b; 1 << 20];
    assert!(refused::<Node>(&groups).contains("nested deeper than 100"));
}

#[test]
fn a_length_beyond_the_end_is_refused_before_anything_is_allocated() {
    for key in [0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x32, 0x3a, 0x42, 0x4a, 0x52, 0x5a, 0x62] {
        let bytes = [key, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        let error = decode::<Order>(&bytes).unwrap_err();
        assert!(!error.path().is_empty(), "{error}");
    }
    let error = refused::<Item>(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert!(error.contains("a length of 4294967295 bytes, but only 0 follow"), "{error}");
}

#[test]
fn a_wire_type_of_another_field_type_is_refused() {
    let error = refused::<Open>(&[0x0a, 1, 1]);
    assert!(error.contains("Open.id: expected a varint, found a length and bytes"), "{error}");
    assert!(
        refused::<Numbers>(&[0x0d, 0, 0, 0, 0]).contains("expected a varint, found 4 fixed bytes")
    );
    assert!(refused::<Numbers>(&[0x58, 0]).contains("Numbers.k: expected 4 fixed bytes"));
}

/// Nodes within nodes.
fn bomb(depth: u32) -> Vec<u8> {
    let mut bytes = vec![0x08, 1];
    for _ in 0..depth {
        let mut length = Vec::new();
        let mut rest = bytes.len();
        while rest >= 0x80 {
            length.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        length.push(u8::try_from(rest).unwrap());
        bytes = [&[0x08, 1, 0x12][..], &length, &bytes].concat();
    }
    bytes
}
