//! The messages for prost, and conversions from and to the structures: a prost user with types of their
//! own needs both.

use prost::Message;

use crate::ours;

#[derive(Clone, PartialEq, Message)]
pub struct Party {
    #[prost(string, required, tag = "1")]
    pub name: String,
    #[prost(uint32, required, tag = "2")]
    pub id: u32,
}

#[derive(Clone, PartialEq, Message)]
pub struct Order {
    #[prost(uint64, required, tag = "1")]
    pub id: u64,
    #[prost(string, required, tag = "2")]
    pub account: String,
    #[prost(string, required, tag = "3")]
    pub symbol: String,
    #[prost(int32, required, tag = "4")]
    pub side: i32,
    #[prost(int64, required, tag = "5")]
    pub quantity: i64,
    #[prost(double, required, tag = "6")]
    pub price: f64,
    #[prost(double, optional, tag = "7")]
    pub limit: Option<f64>,
    #[prost(bool, required, tag = "8")]
    pub open: bool,
    #[prost(uint64, required, tag = "9")]
    pub created: u64,
    #[prost(string, required, tag = "10")]
    pub venue: String,
    #[prost(string, repeated, tag = "11")]
    pub tags: Vec<String>,
    #[prost(double, repeated, tag = "12")]
    pub levels: Vec<f64>,
    #[prost(message, required, tag = "13")]
    pub party: Party,
    #[prost(string, optional, tag = "14")]
    pub note: Option<String>,
    #[prost(uint32, required, tag = "15")]
    pub flags: u32,
    #[prost(float, required, tag = "16")]
    pub ratio: f32,
}

#[derive(Clone, PartialEq, Message)]
pub struct Book {
    #[prost(message, repeated, tag = "1")]
    pub orders: Vec<Order>,
}

#[derive(Clone, PartialEq, Message)]
pub struct Node {
    #[prost(uint64, required, tag = "1")]
    pub id: u64,
    #[prost(string, required, tag = "2")]
    pub label: String,
    #[prost(message, optional, boxed, tag = "3")]
    pub child: Option<Box<Node>>,
}

impl From<&ours::Order> for Order {
    fn from(order: &ours::Order) -> Self {
        Self {
            id: order.id,
            account: order.account.clone(),
            symbol: order.symbol.clone(),
            side: order.side as i32,
            quantity: order.quantity,
            price: order.price,
            limit: order.limit,
            open: order.open,
            created: order.created,
            venue: order.venue.clone(),
            tags: order.tags.clone(),
            levels: order.levels.clone(),
            party: Party { name: order.party.name.clone(), id: order.party.id },
            note: order.note.clone(),
            flags: order.flags,
            ratio: order.ratio,
        }
    }
}

impl From<Order> for ours::Order {
    fn from(order: Order) -> Self {
        Self {
            id: order.id,
            account: order.account,
            symbol: order.symbol,
            side: if order.side == 0 { ours::Side::Buy } else { ours::Side::Sell },
            quantity: order.quantity,
            price: order.price,
            limit: order.limit,
            open: order.open,
            created: order.created,
            venue: order.venue,
            tags: order.tags,
            levels: order.levels,
            party: ours::Party { name: order.party.name, id: order.party.id },
            note: order.note,
            flags: order.flags,
            ratio: order.ratio,
        }
    }
}

impl From<&ours::Book> for Book {
    fn from(book: &ours::Book) -> Self {
        Self { orders: book.orders.iter().map(Into::into).collect() }
    }
}

impl From<Book> for ours::Book {
    fn from(book: Book) -> Self {
        Self { orders: book.orders.into_iter().map(Into::into).collect() }
    }
}

impl From<&ours::Node> for Node {
    fn from(node: &ours::Node) -> Self {
        let child = node.child.as_ref().map(|child| Box::new(Self::from(&**child)));
        Self { id: node.id, label: node.label.clone(), child }
    }
}

impl From<Node> for ours::Node {
    fn from(node: Node) -> Self {
        let child = node.child.map(|child| Box::new(Self::from(*child)));
        Self { id: node.id, label: node.label, child }
    }
}
