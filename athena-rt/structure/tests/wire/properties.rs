//! What holds for any value and for any bytes.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use athena_rt::Timestamp;
use athena_rt::structure::wire::{decode, encode};
use proptest::collection::{btree_map, hash_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::types::{Basket, Id, Item, Kind, Numbers, Open, Order, Payment, Point};

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Retail), Just(Kind::Trade), Just(Kind::Staff)]
}

fn item() -> impl Strategy<Value = Item> {
    (any::<String>(), any::<u32>()).prop_map(|(name, quantity)| Item { name, quantity })
}

fn payment() -> impl Strategy<Value = Payment> {
    prop_oneof![
        Just(Payment::Cash),
        (any::<String>(), any::<u8>()).prop_map(|(digits, tries)| Payment::Card { digits, tries }),
        any::<u64>().prop_map(Payment::Invoice),
        vec(any::<u32>(), 0..4).prop_map(Payment::Shares),
        (any::<i32>(), any::<String>()).prop_map(|(number, text)| Payment::Pair(number, text)),
        item().prop_map(Payment::Item),
    ]
}

fn finite() -> impl Strategy<Value = f64> {
    any::<f64>().prop_filter("not a number is not equal to itself", |value| !value.is_nan())
}

type Lists = (Vec<Item>, Vec<i64>, Vec<f64>, Vec<Kind>, Vec<u8>, Vec<Vec<i32>>, Vec<Option<i32>>);

fn lists() -> impl Strategy<Value = Lists> {
    (
        vec(item(), 0..9),
        vec(any::<i64>(), 0..5),
        vec(finite(), 0..5),
        vec(kind(), 0..5),
        vec(any::<u8>(), 0..9),
        vec(vec(any::<i32>(), 0..3), 0..3),
        vec(option::of(any::<i32>()), 0..3),
    )
}

type Maps = (BTreeMap<String, i32>, HashMap<u32, Vec<String>>);

fn maps() -> impl Strategy<Value = Maps> {
    (
        btree_map(any::<String>(), any::<i32>(), 0..4),
        hash_map(any::<u32>(), vec(any::<String>(), 0..3), 0..4),
    )
}

fn time() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.seconds()..=Timestamp::MAX.seconds(), 0..1_000_000_000_u32)
        .prop_map(|(seconds, nanos)| Timestamp::new(seconds, nanos).unwrap())
}

fn duration() -> impl Strategy<Value = Duration> {
    (0..=i64::MAX.cast_unsigned(), 0..1_000_000_000_u32)
        .prop_map(|(seconds, nanos)| Duration::new(seconds, nanos))
}

fn flat() -> impl Strategy<Value = Order> {
    (
        (any::<u64>(), kind(), payment(), option::of(any::<String>()), any::<(i32, i32)>()),
        lists(),
        maps(),
        (option::of(vec(any::<i32>(), 0..3)), (-1e9_f32..1e9, any::<bool>())),
        (any::<[u16; 3]>(), any::<[u8; 4]>(), duration(), option::of(time())),
        (vec(any::<u64>(), 0..3), any::<i32>(), vec(any::<u64>(), 0..3)),
        (vec(any::<i16>(), 0..3), option::of(any::<i8>())),
    )
        .prop_map(|(head, lists, maps, maybe, fixed, numbers, defaults)| Order {
            id: Id(head.0),
            kind: head.1,
            payment: head.2,
            note: head.3,
            point: Point(head.4.0, head.4.1),
            items: lists.0,
            scores: lists.1,
            prices: lists.2,
            kinds: lists.3,
            data: lists.4,
            nested: lists.5,
            gaps: lists.6,
            tags: maps.0,
            lists: maps.1,
            maybe: maybe.0,
            place: maybe.1,
            fixed: fixed.0,
            hash: fixed.1,
            took: fixed.2,
            at: fixed.3,
            ids: numbers.0.into_iter().map(Id).collect(),
            delta: numbers.1,
            sums: numbers.2,
            weights: defaults.0,
            limit: defaults.1,
            child: None,
        })
}

fn basket() -> impl Strategy<Value = Basket> {
    (
        (any::<u64>(), vec(item(), 0..4), item()),
        (option::of(any::<String>()), vec(any::<u8>(), 0..9)),
        btree_map(any::<String>(), finite(), 0..4),
    )
        .prop_map(|((id, items, first), (note, data), prices)| Basket {
            id,
            items,
            first,
            note,
            data,
            prices,
        })
}

fn order() -> impl Strategy<Value = Order> {
    (flat(), option::of(flat()))
        .prop_map(|(order, child)| Order { child: child.map(Box::new), ..order })
}

/// Bytes that are nearly a message: one with a few bytes changed, cut out or put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let damage = vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..5);
    (order(), damage).prop_map(|(order, damage)| {
        let mut bytes = encode(&order);
        for (index, byte, how) in damage {
            let at = index.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match how {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 if !bytes.is_empty() => drop(bytes.remove(at)),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}

/// Either an error, or a value that comes back as itself from its own bytes.
fn reads_or_refuses<T>(bytes: &[u8]) -> Result<(), TestCaseError>
where
    T: athena_rt::structure::wire::Message + std::fmt::Debug + PartialEq,
{
    if let Ok(value) = decode::<T>(bytes) {
        let again = encode(&value);
        let back = decode::<T>(&again);
        prop_assert!(back.is_ok(), "{value:?} does not come back: {back:?}");
        let back = encode(&back.unwrap());
        prop_assert_eq!(again, back);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_value_comes_back(order in order()) {
        let bytes = encode(&order);
        let back = decode::<Order>(&bytes);
        prop_assert_eq!(back.as_ref(), Ok(&order));
        prop_assert_eq!(encode(&order), bytes);
    }

    #[test]
    fn two_messages_one_behind_the_other_are_the_two_merged(one in basket(), other in basket()) {
        let bytes = [encode(&one), encode(&other)].concat();
        let mut expected = one;
        expected.id = other.id;
        expected.items.extend(other.items);
        expected.first = other.first;
        expected.note = other.note.or(expected.note);
        expected.data = other.data;
        expected.prices.extend(other.prices);
        prop_assert_eq!(decode::<Basket>(&bytes), Ok(expected));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        reads_or_refuses::<Order>(&bytes)?;
        reads_or_refuses::<Numbers>(&bytes)?;
        reads_or_refuses::<Open>(&bytes)?;
        reads_or_refuses::<Payment>(&bytes)?;
        reads_or_refuses::<Item>(&bytes)?;
    }

    #[test]
    fn nearly_right_bytes_are_read_or_refused(bytes in damaged()) {
        reads_or_refuses::<Order>(&bytes)?;
        reads_or_refuses::<Open>(&bytes)?;
    }

    #[test]
    fn times_come_back_from_their_text(time in time(), duration in duration()) {
        prop_assert_eq!(time.to_string().parse(), Ok(time));
        let json = serde_json::to_string(&athena_rt::__private::Json(&duration)).unwrap();
        let back: athena_rt::__private::Json<Duration> = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(back.0, duration);
    }
}
