//! The bytes themselves, worked out by hand from the encoding's specification.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::time::Duration;

use athena_rt::structure::wire::{Message, decode, decode_delimited, encode, encode_delimited};
use athena_rt::{Timestamp, structure};

use crate::types::{Id, Item, Kind, Node, Numbers, Open, Order, Payment, Point, order};

/// Asserts that the value is these bytes, and the bytes this value.
#[track_caller]
fn same<T: Message + Debug + PartialEq>(value: &T, bytes: &[u8]) {
    assert_eq!(encode(value), bytes);
    assert_eq!(&decode::<T>(bytes).unwrap(), value);
}

#[test]
fn numbers_are_written_as_the_specification_has_them() {
    let value = Numbers {
        a: -1,
        b: 300,
        c: i32::MIN,
        d: 1,
        e: -2,
        f: 255,
        g: 16_384,
        h: u32::MAX,
        i: u64::MAX,
        j: 0,
        k: 1.0,
        l: -2.0,
        m: true,
        n: -128,
        o: i64::MIN,
        p: -2,
        q: 3,
        r: 4,
    };
    let bytes = [
        &[0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01][..],
        &[0x10, 0xac, 0x02],
        &[0x18, 0x80, 0x80, 0x80, 0x80, 0xf8, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x20, 0x01],
        &[0x28, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x30, 0xff, 0x01],
        &[0x38, 0x80, 0x80, 0x01],
        &[0x40, 0xff, 0xff, 0xff, 0xff, 0x0f],
        &[0x48, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x50, 0x00],
        &[0x5d, 0x00, 0x00, 0x80, 0x3f],
        &[0x61, 0, 0, 0, 0, 0, 0, 0, 0xc0],
        &[0x68, 0x01],
        &[0x70, 0xff, 0x01],
        &[0x78, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x85, 0x01, 0xfe, 0xff, 0xff, 0xff],
        &[0x89, 0x01, 3, 0, 0, 0, 0, 0, 0, 0],
        &[0x95, 0x01, 4, 0, 0, 0],
    ]
    .concat();
    same(&value, &bytes);
}

#[test]
fn varints_of_every_length_are_exact() {
    #[structure]
    struct One {
        value: u64,
    }
    for bits in 0..=64_u32 {
        for value in [1_u64.unbounded_shl(bits).wrapping_sub(1), 1_u64.unbounded_shl(bits)] {
            let mut expected = vec![0x08];
            let mut rest = value;
            while rest >= 0x80 {
                expected.push((rest & 0x7f) as u8 | 0x80);
                rest >>= 7;
            }
            expected.push(u8::try_from(rest).unwrap());
            same(&One { value }, &expected);
        }
    }
}

#[test]
fn a_number_of_a_field_takes_as_many_bytes_as_it_needs() {
    #[structure]
    struct Far {
        #[field(15)]
        a: u32,
        #[field(16)]
        b: u32,
        #[field(2047)]
        c: u32,
        #[field(2048)]
        d: String,
        #[field(536_870_911)]
        e: u64,
    }
    let value = Far { a: 1, b: 2, c: 3, d: "d".into(), e: 1 << 60 };
    let mut bytes = vec![0x78, 1, 0x80, 0x01, 2, 0xf8, 0x7f, 3, 0x82, 0x80, 0x01, 1, b'd'];
    bytes.extend([0xf8, 0xff, 0xff, 0xff, 0x0f]);
    bytes.extend([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]);
    same(&value, &bytes);
}

#[test]
fn fields_are_written_in_the_order_of_their_numbers() {
    #[structure]
    struct Shuffled {
        #[field(3)]
        a: u32,
        #[field(1)]
        b: u32,
        c: u32,
    }
    same(&Shuffled { a: 1, b: 2, c: 3 }, &[0x08, 2, 0x10, 3, 0x18, 1]);
}

#[test]
fn keys_and_values_of_a_map_have_encodings_of_their_own() {
    #[structure]
    struct Maps {
        #[field(value = sint)]
        a: BTreeMap<String, i32>,
        #[field(key = fixed)]
        b: HashMap<u32, i64>,
        #[field(5, key = sint, value = fixed)]
        c: Vec<BTreeMap<i32, u32>>,
    }
    same(
        &Maps {
            a: BTreeMap::from([("a".to_owned(), -1)]),
            b: HashMap::from([(1, 300)]),
            c: vec![BTreeMap::from([(-2, 7)])],
        },
        &[
            &[0x0a, 5, 0x0a, 1, b'a', 0x10, 1][..],
            &[0x12, 8, 0x0d, 1, 0, 0, 0, 0x10, 0xac, 0x02],
            &[0x2a, 9, 0x0a, 7, 0x08, 3, 0x15, 7, 0, 0, 0],
        ]
        .concat(),
    );
}

#[test]
fn an_implicit_field_is_left_out_where_it_is_the_zero_that_an_absent_one_means() {
    #[structure]
    enum Level {
        #[field(0)]
        Unknown,
        #[field(1)]
        High,
    }
    #[structure]
    struct Scalars {
        #[field(1, implicit)]
        #[default("")]
        a: String,
        #[field(2, sint, implicit)]
        #[default(0)]
        b: i64,
        #[field(3, implicit)]
        #[default(0.0)]
        c: f64,
        #[field(4, implicit)]
        #[default(Level::Unknown)]
        d: Level,
        #[field(5, implicit)]
        #[default(Vec::new())]
        e: Vec<u8>,
        #[field(6, implicit)]
        #[default(false)]
        f: bool,
        // Absent means 7, so a zero has to be written.
        #[field(7, implicit)]
        #[default(7)]
        g: u32,
    }
    let zero = Scalars {
        a: String::new(),
        b: 0,
        c: 0.0,
        d: Level::Unknown,
        e: Vec::new(),
        f: false,
        g: 0,
    };
    same(&zero, &[0x38, 0]);
    assert_eq!(decode::<Scalars>(&[]).unwrap().g, 7);
    // As other writers have it, who write zeros.
    assert_eq!(decode::<Scalars>(&[0x0a, 0, 0x10, 0, 0x20, 0, 0x30, 0, 0x38, 0]).unwrap(), zero);
    let set =
        Scalars { a: "x".to_owned(), b: -1, c: -0.0, d: Level::High, e: vec![0], f: true, g: 7 };
    let negative_zero = [0x19, 0, 0, 0, 0, 0, 0, 0, 0x80];
    same(
        &set,
        &[&[0x0a, 1, b'x', 0x10, 1][..], &negative_zero, &[0x20, 1, 0x2a, 1, 0, 0x30, 1, 0x38, 7]]
            .concat(),
    );
}

#[test]
fn a_variant_has_an_encoding_of_its_own() {
    #[structure]
    enum Point {
        #[field(4)]
        AsDouble(f64),
        #[field(6, fixed)]
        AsInt(i64),
        #[field(7, sint)]
        Change(i32),
    }
    same(&Point::AsInt(3), &[0x31, 3, 0, 0, 0, 0, 0, 0, 0]);
    same(&Point::Change(-1), &[0x38, 1]);
    same(&Point::AsDouble(0.0), &[0x21, 0, 0, 0, 0, 0, 0, 0, 0]);
}

#[test]
fn lists_of_numbers_are_packed_and_read_in_both_forms() {
    #[structure]
    struct Lists {
        a: Vec<i32>,
        b: Vec<f32>,
        c: Vec<Kind>,
        d: Vec<Id>,
        #[field(sint)]
        e: Vec<i64>,
        #[field(fixed)]
        f: Vec<u8>,
    }
    let value = Lists {
        a: vec![1, 300],
        b: vec![1.0],
        c: vec![Kind::Staff],
        d: vec![Id(5), Id(6)],
        e: vec![-1],
        f: vec![2],
    };
    let packed = [
        &[0x0a, 3, 1, 0xac, 0x02][..],
        &[0x12, 4, 0, 0, 0x80, 0x3f],
        &[0x1a, 1, 7],
        &[0x22, 2, 5, 6],
        &[0x2a, 1, 1],
    ]
    .concat();
    let bytes = encode(&value);
    assert!(bytes.starts_with(&packed), "{bytes:x?}");
    assert_eq!(decode::<Lists>(&bytes).unwrap(), value);
    let loose = [
        &[0x08, 1][..],
        &[0x20, 5],
        &[0x08, 0xac, 0x02],
        &[0x15, 0, 0, 0x80, 0x3f],
        &[0x18, 7],
        &[0x22, 1, 6],
        &[0x28, 1],
    ]
    .concat();
    let read = decode::<Lists>(&loose).unwrap();
    assert_eq!(
        (read.a, read.b, read.c, read.d, read.e),
        (value.a, value.b, value.c, value.d, value.e)
    );
}

#[test]
fn a_message_stands_behind_its_length() {
    let node = Node { id: 1, child: Some(Box::new(Node { id: 2, child: None })) };
    same(&node, &[0x08, 1, 0x12, 2, 0x08, 2]);
}

#[test]
fn a_long_message_is_as_exact_as_a_short_one() {
    #[structure]
    struct Long {
        text: String,
        list: Vec<Item>,
    }
    let item = Item { name: "x".repeat(200), quantity: 1 };
    let value = Long { text: "y".repeat(100_000), list: vec![item; 3] };
    let mut bytes = vec![0x0a, 0xa0, 0x8d, 0x06];
    bytes.extend("y".repeat(100_000).bytes());
    for _ in 0..3 {
        bytes.extend([0x12, 0xcd, 0x01, 0x0a, 0xc8, 0x01]);
        bytes.extend([b'x'; 200]);
        bytes.extend([0x10, 1]);
    }
    same(&value, &bytes);
}

#[test]
fn an_enum_with_data_is_a_oneof() {
    #[structure]
    struct Paid {
        how: Payment,
    }
    let paid = |how| Paid { how };
    same(&paid(Payment::Cash), &[0x0a, 2, 0x0a, 0]);
    same(&paid(Payment::Invoice(0)), &[0x0a, 2, 0x18, 0]);
    let card = Payment::Card { digits: "12".into(), tries: 4 };
    same(&paid(card.clone()), &[0x0a, 8, 0x12, 6, 0x0a, 2, b'1', b'2', 0x10, 4]);
    // A list can't be in a oneof: it is a message with the list as field 1.
    same(&paid(Payment::Shares(vec![1, 2])), &[0x0a, 6, 0x22, 4, 0x0a, 2, 1, 2]);
    same(&paid(Payment::Shares(vec![])), &[0x0a, 2, 0x22, 0]);
    same(&paid(Payment::Pair(1, "a".into())), &[0x0a, 7, 0x2a, 5, 0x08, 1, 0x12, 1, b'a']);
    // On its own, as the data of a state.
    same(&card, &[0x12, 6, 0x0a, 2, b'1', b'2', 0x10, 4]);
    // A variant's default.
    let card: Payment = decode(&[0x12, 4, 0x0a, 2, b'1', b'2']).unwrap();
    assert_eq!(card, Payment::Card { digits: "12".into(), tries: 3 });
    // The last one wins; parts of the same one are merged.
    assert_eq!(decode::<Payment>(&[0x0a, 0, 0x18, 9]).unwrap(), Payment::Invoice(9));
    let parts = [0x32, 3, 0x0a, 1, b'x', 0x32, 2, 0x10, 8];
    assert_eq!(
        decode::<Payment>(&parts).unwrap(),
        Payment::Item(Item { name: "x".into(), quantity: 8 }),
    );
}

#[test]
fn maps_are_written_sorted() {
    #[structure]
    struct Maps {
        tree: BTreeMap<String, i32>,
        hash: HashMap<i64, Vec<u32>>,
    }
    let value = Maps {
        tree: BTreeMap::from([("b".into(), 1), ("a".into(), 2)]),
        hash: HashMap::from([(2, vec![]), (-1, vec![3])]),
    };
    let bytes = [
        &[0x0a, 5, 0x0a, 1, b'a', 0x10, 2][..],
        &[0x0a, 5, 0x0a, 1, b'b', 0x10, 1],
        &[0x12, 16, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x12, 3, 0x0a, 1, 3],
        &[0x12, 4, 0x08, 2, 0x12, 0],
    ]
    .concat();
    same(&value, &bytes);
    // An absent key or value is the zero of its type; the last of several entries wins.
    let read: Maps = decode(&[0x0a, 0, 0x0a, 2, 0x10, 4, 0x12, 0]).unwrap();
    assert_eq!(read.tree, BTreeMap::from([(String::new(), 4)]));
    assert_eq!(read.hash, HashMap::from([(0, vec![])]));
}

#[test]
fn what_protobuf_has_no_form_for_is_a_message_with_field_1() {
    #[structure]
    struct Wrapped {
        lists: Vec<Vec<u32>>,
        gaps: Vec<Option<u32>>,
        maybe: Option<Vec<u32>>,
        blobs: Vec<Vec<u8>>,
        blob: Option<Vec<u8>>,
    }
    let value = Wrapped {
        lists: vec![vec![1, 2], vec![]],
        gaps: vec![None, Some(0)],
        maybe: Some(vec![]),
        blobs: vec![vec![1], vec![]],
        blob: Some(vec![]),
    };
    let bytes = [
        &[0x0a, 4, 0x0a, 2, 1, 2, 0x0a, 0][..],
        &[0x12, 0, 0x12, 2, 0x08, 0],
        &[0x1a, 0],
        &[0x22, 1, 1, 0x22, 0],
        &[0x2a, 0],
    ]
    .concat();
    same(&value, &bytes);
    assert_eq!(decode::<Wrapped>(&[]).unwrap().maybe, None);
}

#[test]
fn a_default_stands_in_for_an_absent_field_and_for_nothing_else() {
    #[structure]
    struct Defaults {
        #[default(2)]
        number: i64,
        #[default("seven")]
        text: String,
        #[default(vec![1, 2])]
        list: Vec<u32>,
        #[default(5)]
        maybe: Option<u32>,
        #[default(vec![])]
        plain: Vec<u32>,
    }
    let defaults = Defaults {
        number: 2,
        text: "seven".into(),
        list: vec![1, 2],
        maybe: Some(5),
        plain: vec![],
    };
    assert_eq!(decode::<Defaults>(&[]).unwrap(), defaults);
    let empty =
        Defaults { number: 0, text: String::new(), list: vec![], maybe: None, plain: vec![4] };
    same(&empty, &[0x08, 0, 0x12, 0, 0x1a, 0, 0x22, 0, 0x2a, 1, 4]);
}

#[test]
fn a_tuple_is_a_message_and_a_newtype_is_its_content() {
    #[structure]
    struct Tuples {
        id: Id,
        point: Point,
        pair: (bool, String),
    }
    let value = Tuples { id: Id(3), point: Point(1, -1), pair: (true, "a".into()) };
    let bytes = [
        &[0x08, 3][..],
        &[0x12, 13, 0x08, 1, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x1a, 5, 0x08, 1, 0x12, 1, b'a'],
    ]
    .concat();
    same(&value, &bytes);
}

#[test]
fn times_are_the_well_known_types() {
    #[structure]
    struct Times {
        took: Duration,
        at: Timestamp,
    }
    let value = Times { took: Duration::new(3, 5), at: Timestamp::new(-1, 999_999_999).unwrap() };
    let bytes = [
        &[0x0a, 4, 0x08, 3, 0x10, 5][..],
        &[0x12, 17, 0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
        &[0x10, 0xff, 0x93, 0xeb, 0xdc, 0x03],
    ]
    .concat();
    same(&value, &bytes);
    // Their other writers leave zeros out, and so do we.
    same(&Times { took: Duration::ZERO, at: Timestamp::default() }, &[0x0a, 0, 0x12, 0]);
}

#[test]
fn parts_of_a_message_are_merged_and_lists_are_joined() {
    #[structure]
    struct Whole {
        item: Item,
        list: Vec<Item>,
        note: Option<String>,
    }
    let bytes = [
        &[0x0a, 5, 0x0a, 1, b'a', 0x10, 4][..],
        &[0x12, 3, 0x0a, 1, b'x'],
        &[0x1a, 1, b'1'],
        &[0x0a, 3, 0x0a, 1, b'b'],
        &[0x12, 3, 0x0a, 1, b'y'],
        &[0x1a, 1, b'2'],
    ]
    .concat();
    let whole: Whole = decode(&bytes).unwrap();
    assert_eq!(whole.item, Item { name: "b".into(), quantity: 4 });
    assert_eq!(whole.list.len(), 2);
    assert_eq!(whole.note.as_deref(), Some("2"));
}

#[test]
fn unknown_fields_are_kept_where_a_field_says_so_and_else_passed_over() {
    // Field 1, then unknown ones of every wire type, a group in a group among them.
    let unknown = [
        &[0x10, 0x96, 0x01][..],
        &[0x19, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0x22, 2, b'h', b'i'],
        &[0x2b, 0x33, 0x08, 1, 0x34, 0x2c],
        &[0x3d, 1, 2, 3, 4],
        &[0xfa, 0xff, 0xff, 0xff, 0x0f, 0],
    ]
    .concat();
    let bytes = [&[0x08, 5][..], &unknown].concat();
    let open: Open = decode(&bytes).unwrap();
    assert_eq!(open.id, 5);
    assert_eq!(open.rest.as_bytes(), unknown);
    assert_eq!(encode(&open), bytes);
    assert_eq!(serde_json::to_string(&open).unwrap(), r#"{"id":5}"#);
    assert!(serde_json::from_str::<Open>(r#"{"id":5}"#).unwrap().rest.is_empty());

    let node: Node = decode(&[0x08, 5, 0x1a, 1, 0]).unwrap();
    assert_eq!(node, Node { id: 5, child: None });
}

#[test]
fn messages_in_a_stream_stand_behind_their_lengths() {
    let mut stream = Vec::new();
    let nodes: Vec<_> = (0..3).map(|id| Node { id, child: None }).collect();
    for node in &nodes {
        encode_delimited(node, &mut stream);
    }
    assert_eq!(stream, [2, 0x08, 0, 2, 0x08, 1, 2, 0x08, 2]);
    let mut rest = &stream[..];
    let mut read = Vec::new();
    while let Some(node) = decode_delimited::<Node>(&mut rest).unwrap() {
        read.push(node);
    }
    assert_eq!(read, nodes);
    assert!(decode_delimited::<Node>(&mut &stream[..2]).is_err());
}

#[test]
fn everything_at_once_comes_back() {
    let mut value = order();
    value.child = Some(Box::new(order()));
    let bytes = encode(&value);
    assert_eq!(decode::<Order>(&bytes).unwrap(), value);
    assert_eq!(encode(&value.clone()), bytes, "the same value is always the same bytes");
}
