//! One model, and the same function without Athena.

use athena_rt::prelude::*;
use serde::{Deserialize, Serialize};

/// An order.
#[structure]
pub struct Order {
    /// The order's id.
    pub id: u64,
    /// The customer.
    pub customer: String,
    /// The quantity.
    pub quantity: u32,
    /// The price of one piece.
    pub price: f64,
    /// Whether the order is urgent.
    #[default(false)]
    pub urgent: bool,
}

/// The bill of an order.
#[structure]
pub struct Bill {
    /// The order's id.
    pub id: u64,
    /// The customer.
    pub customer: String,
    /// The total before tax.
    pub net: f64,
    /// The total with tax.
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
/// The message is not an order.
pub fn bill_without_athena(message: &[u8]) -> serde_json::Result<Vec<u8>> {
    let PlainOrder { id, customer, quantity, price, urgent } = serde_json::from_slice(message)?;
    let (net, gross) = cost(quantity, price, urgent);
    serde_json::to_vec(&PlainBill { id, customer, net, gross })
}

/// The totals of an order, before and with tax.
#[must_use]
pub fn cost(quantity: u32, price: f64, urgent: bool) -> (f64, f64) {
    let net = f64::from(quantity) * price + if urgent { 7.5 } else { 0.0 };
    (net, net * 1.25)
}

/// The message of the benchmarks.
pub const MESSAGE: &str =
    r#"{"id":4711,"customer":"a customer of ours","quantity":3,"price":19.5,"urgent":true}"#;

#[cfg(test)]
mod tests {
    #[test]
    fn a_bill_without_athena_is_as_expected() {
        let bill = super::bill_without_athena(super::MESSAGE.as_bytes()).unwrap_or_default();
        let bill = String::from_utf8_lossy(&bill);
        assert_eq!(bill, r#"{"id":4711,"customer":"a customer of ours","net":66.0,"gross":82.5}"#);
    }
}
