//! One model, and the same by hand.

use athena_rt::prelude::*;
use serde::{Deserialize, Serialize};

/// What is bought.
#[structure]
pub struct Order {
    /// Its id.
    pub id: u64,
    /// Who buys.
    pub customer: String,
    /// How many.
    pub quantity: u32,
    /// For how much each.
    pub price: f64,
    /// Whether it can't wait.
    #[default(false)]
    pub urgent: bool,
}

/// What is to be paid.
#[structure]
pub struct Bill {
    /// The order's id.
    pub id: u64,
    /// Who pays.
    pub customer: String,
    /// Before tax.
    pub net: f64,
    /// With it.
    pub gross: f64,
}

/// Bills an order.
#[model]
fn bill(state: State<Order>) -> State<Bill> {
    let Order { id, customer, quantity, price, urgent } = state.data;
    let (net, gross) = cost(quantity, price, urgent);
    State { data: Bill { id, customer, net, gross }, env: state.env }
}

/// An order in plain serde.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainOrder {
    id: u64,
    customer: String,
    quantity: u32,
    price: f64,
    #[serde(default)]
    urgent: bool,
}

/// A bill in plain serde.
#[derive(Serialize)]
struct PlainBill {
    id: u64,
    customer: String,
    net: f64,
    gross: f64,
}

/// Bills an order without Athena: bytes in, bytes out.
///
/// # Errors
///
/// The message does not read.
pub fn bill_by_hand(message: &[u8]) -> serde_json::Result<Vec<u8>> {
    let PlainOrder { id, customer, quantity, price, urgent } = serde_json::from_slice(message)?;
    let (net, gross) = cost(quantity, price, urgent);
    serde_json::to_vec(&PlainBill { id, customer, net, gross })
}

fn cost(quantity: u32, price: f64, urgent: bool) -> (f64, f64) {
    let net = f64::from(quantity) * price + if urgent { 7.5 } else { 0.0 };
    (net, net * 1.25)
}

/// The message that is sent.
pub const MESSAGE: &str =
    r#"{"id":4711,"customer":"a customer of ours","quantity":3,"price":19.5,"urgent":true}"#;

#[cfg(test)]
mod tests {
    #[test]
    fn a_bill_by_hand_is_what_is_expected() {
        let bill = super::bill_by_hand(super::MESSAGE.as_bytes()).unwrap_or_default();
        let bill = String::from_utf8_lossy(&bill);
        assert_eq!(bill, r#"{"id":4711,"customer":"a customer of ours","net":66.0,"gross":82.5}"#);
    }
}
