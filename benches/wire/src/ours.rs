//! The messages as structures.

use athena_rt::structure;

#[structure]
#[derive(Copy)]
pub enum Side {
    Buy,
    Sell,
}

#[structure]
pub struct Party {
    pub name: String,
    pub id: u32,
}

/// 16 fields of typical types.
#[structure]
pub struct Order {
    pub id: u64,
    pub account: String,
    pub symbol: String,
    pub side: Side,
    pub quantity: i64,
    pub price: f64,
    pub limit: Option<f64>,
    pub open: bool,
    pub created: u64,
    pub venue: String,
    pub tags: Vec<String>,
    pub levels: Vec<f64>,
    pub party: Party,
    pub note: Option<String>,
    pub flags: u32,
    pub ratio: f32,
}

#[structure]
pub struct Book {
    pub orders: Vec<Order>,
}

#[structure]
pub struct Node {
    pub id: u64,
    pub label: String,
    pub child: Option<Box<Node>>,
}

impl Order {
    /// Returns an order whose fields depend on its number.
    pub fn numbered(number: u32) -> Self {
        Self {
            id: 1_000_000 + u64::from(number),
            account: format!("ACC-{number:08}"),
            symbol: "ATHNA".into(),
            side: if number.is_multiple_of(2) { Side::Buy } else { Side::Sell },
            quantity: 100 * i64::from(number % 7) - 200,
            price: 101.25 + f64::from(number),
            limit: number.is_multiple_of(3).then_some(99.5),
            open: !number.is_multiple_of(4),
            created: 1_700_000_000_000_000_000 + u64::from(number),
            venue: "XNYS-ARC".into(),
            tags: vec!["algo".into(), "vwap-2".into()],
            levels: vec![1.0, 2.5, 3.75, f64::from(number)],
            party: Party { name: "Broker & Sons".into(), id: 4711 },
            note: number.is_multiple_of(2).then(|| "partial fills allowed".into()),
            flags: 0x2041,
            ratio: 0.25,
        }
    }
}

impl Book {
    /// Returns a message of about 140 KB.
    pub fn large() -> Self {
        Self { orders: (0..890).map(Order::numbered).collect() }
    }
}

impl Node {
    /// Returns nested nodes.
    pub fn nested(depth: u32) -> Self {
        let child = (depth > 1).then(|| Box::new(Self::nested(depth - 1)));
        Self { id: u64::from(depth) * 1000, label: format!("level {depth}"), child }
    }
}
