//! The structures that the tests write and read.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use athena_rt::structure::wire::UnknownFields;
use athena_rt::{Timestamp, structure};

#[structure]
#[derive(Eq)]
pub(crate) enum Kind {
    Retail,
    Trade,
    #[field(7)]
    Staff,
}

#[structure]
pub(crate) struct Item {
    pub(crate) name: String,
    #[default(1)]
    pub(crate) quantity: u32,
}

#[structure]
pub(crate) enum Payment {
    Cash,
    Card {
        digits: String,
        #[default(3)]
        tries: u8,
    },
    Invoice(u64),
    Shares(Vec<u32>),
    Pair(i32, String),
    Item(Item),
}

#[structure]
#[derive(Eq, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) u64);

#[structure]
pub(crate) struct Point(pub(crate) i32, pub(crate) i32);

#[structure]
pub(crate) struct Order {
    pub(crate) id: Id,
    pub(crate) kind: Kind,
    pub(crate) items: Vec<Item>,
    pub(crate) payment: Payment,
    pub(crate) note: Option<String>,
    pub(crate) scores: Vec<i64>,
    pub(crate) prices: Vec<f64>,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) tags: BTreeMap<String, i32>,
    pub(crate) lists: HashMap<u32, Vec<String>>,
    pub(crate) data: Vec<u8>,
    pub(crate) nested: Vec<Vec<i32>>,
    pub(crate) gaps: Vec<Option<i32>>,
    pub(crate) maybe: Option<Vec<i32>>,
    pub(crate) place: (f32, bool),
    pub(crate) point: Point,
    pub(crate) fixed: [u16; 3],
    pub(crate) hash: [u8; 4],
    pub(crate) took: Duration,
    pub(crate) at: Option<Timestamp>,
    pub(crate) ids: Vec<Id>,
    #[field(100, sint)]
    pub(crate) delta: i32,
    #[field(fixed)]
    pub(crate) sums: Vec<u64>,
    #[default(vec![1, 2])]
    pub(crate) weights: Vec<i16>,
    #[default(5)]
    pub(crate) limit: Option<i8>,
    pub(crate) child: Option<Box<Order>>,
}

#[structure]
pub(crate) struct Basket {
    pub(crate) id: u64,
    pub(crate) items: Vec<Item>,
    pub(crate) first: Item,
    pub(crate) note: Option<String>,
    pub(crate) data: Vec<u8>,
    pub(crate) prices: BTreeMap<String, f64>,
}

#[structure]
pub(crate) struct Numbers {
    pub(crate) a: i8,
    pub(crate) b: i16,
    pub(crate) c: i32,
    pub(crate) d: i64,
    pub(crate) e: isize,
    pub(crate) f: u8,
    pub(crate) g: u16,
    pub(crate) h: u32,
    pub(crate) i: u64,
    pub(crate) j: usize,
    pub(crate) k: f32,
    pub(crate) l: f64,
    pub(crate) m: bool,
    #[field(sint)]
    pub(crate) n: i8,
    #[field(sint)]
    pub(crate) o: i64,
    #[field(fixed)]
    pub(crate) p: i16,
    #[field(fixed)]
    pub(crate) q: i64,
    #[field(fixed)]
    pub(crate) r: u32,
}

#[structure]
pub(crate) struct Node {
    pub(crate) id: u64,
    pub(crate) child: Option<Box<Node>>,
}

#[structure]
pub(crate) struct Open {
    pub(crate) id: u64,
    #[unknown]
    pub(crate) rest: UnknownFields,
}

pub(crate) fn order() -> Order {
    Order {
        id: Id(7),
        kind: Kind::Staff,
        items: vec![
            Item { name: "bolt".into(), quantity: 300 },
            Item { name: "nut".into(), quantity: 1 },
        ],
        payment: Payment::Card { digits: "1234".into(), tries: 2 },
        note: Some(String::new()),
        scores: vec![0, -1, 1 << 40],
        prices: vec![1.5, -0.0],
        kinds: vec![Kind::Trade, Kind::Staff],
        tags: BTreeMap::from([("b".into(), 2), ("a".into(), -1)]),
        lists: HashMap::from([(1, vec!["x".into()]), (0, vec![])]),
        data: vec![0, 255],
        nested: vec![vec![], vec![1, 2]],
        gaps: vec![None, Some(0), Some(-5)],
        maybe: Some(vec![]),
        place: (0.5, true),
        point: Point(-3, 4),
        fixed: [1, 0, 65535],
        hash: [9, 8, 7, 6],
        took: Duration::new(3, 5),
        at: Timestamp::new(-1, 999_999_999),
        ids: vec![Id(1), Id(300)],
        delta: -2,
        sums: vec![1, u64::MAX],
        weights: vec![],
        limit: None,
        child: None,
    }
}
