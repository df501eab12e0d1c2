//! The messages for codecs that use serde's derive, and for bitcode's derive.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
pub enum Side {
    Buy,
    Sell,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
pub struct Party {
    pub name: String,
    pub id: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, bitcode::Encode, bitcode::Decode)]
pub struct Book {
    pub orders: Vec<Order>,
}

// bitcode's derive does not support recursive types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: u64,
    pub label: String,
    pub child: Option<Box<Node>>,
}
