//! A widening that the schema check accepts loses nothing: the new type reads the bytes and the JSON of
//! the old one, with the same values.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::collections::BTreeMap;

use athena_rt::structure;
use athena_rt::structure::wire;
use proptest::prelude::*;

#[structure]
struct Old {
    a: u8,
    b: u32,
    c: u32,
    d: i8,
    #[field(sint)]
    e: i16,
    #[field(fixed)]
    f: u8,
    g: Vec<u32>,
    h: BTreeMap<u32, u32>,
    i: (u8, String),
    j: [u16; 3],
    k: [u8; 4],
    l: Option<Vec<u16>>,
    m: u16,
}

#[structure]
struct New {
    a: u32,
    b: u64,
    c: i64,
    d: i64,
    #[field(sint)]
    e: i64,
    #[field(fixed)]
    f: i32,
    g: Vec<u64>,
    h: BTreeMap<u64, u64>,
    i: (u16, Option<String>),
    j: Vec<u32>,
    k: Vec<u8>,
    l: Option<Vec<u32>>,
    m: Option<u16>,
    n: Option<u8>,
    #[default(7)]
    o: i64,
}

fn widened(old: Old) -> New {
    New {
        a: old.a.into(),
        b: old.b.into(),
        c: old.c.into(),
        d: old.d.into(),
        e: old.e.into(),
        f: old.f.into(),
        g: old.g.into_iter().map(Into::into).collect(),
        h: old.h.into_iter().map(|(key, value)| (key.into(), value.into())).collect(),
        i: (old.i.0.into(), Some(old.i.1)),
        j: old.j.map(Into::into).to_vec(),
        k: old.k.to_vec(),
        l: old.l.map(|list| list.into_iter().map(Into::into).collect()),
        m: Some(old.m),
        n: None,
        o: 7,
    }
}

prop_compose! {
    fn any_old()(
        (a, b, c, d, e, f) in any::<(u8, u32, u32, i8, i16, u8)>(),
        g in any::<Vec<u32>>(),
        h in any::<BTreeMap<u32, u32>>(),
        i in any::<(u8, String)>(),
        j in any::<[u16; 3]>(),
        k in any::<[u8; 4]>(),
        l in any::<Option<Vec<u16>>>(),
        m in any::<u16>(),
    ) -> Old {
        Old { a, b, c, d, e, f, g, h, i, j, k, l, m }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn old_messages_read_as_the_wider_type(old in any_old()) {
        let (bytes, json) = (wire::encode(&old), serde_json::to_string(&old).unwrap());
        let new = widened(old);
        prop_assert_eq!(wire::decode::<New>(&bytes).unwrap(), new.clone());
        prop_assert_eq!(serde_json::from_str::<New>(&json).unwrap(), new);
    }
}
