//! One model and its cases, the same for every contestant.

use athena_rt::prelude::*;
use serde::Deserialize;

/// An order.
#[structure]
pub struct Order {
    /// The order's id.
    pub id: u64,
    /// The customer.
    pub customer: String,
    /// The country of delivery.
    pub country: String,
    /// The lines.
    pub lines: Vec<Line>,
    /// The discount in per cent.
    #[default(0.0)]
    pub discount: f64,
    /// A note.
    pub note: Option<String>,
    /// Whether the order is urgent.
    #[default(false)]
    pub urgent: bool,
}

/// A line of an order.
#[structure]
pub struct Line {
    /// The article.
    pub sku: String,
    /// The quantity.
    pub quantity: u32,
    /// The price of one piece.
    pub price: f64,
}

/// The bill of an order.
#[structure]
pub struct Bill {
    /// The order's id.
    pub id: u64,
    /// The total before tax.
    pub net: f64,
    /// The total with tax.
    pub gross: f64,
    /// The number of pieces.
    pub pieces: u32,
    /// The country, and whether it is express.
    pub label: String,
}

/// Settings.
#[environment]
pub struct Rates {
    /// The tax in per cent.
    #[default(19.0)]
    pub tax: f64,
}

/// Bills an order.
#[model]
fn bill(state: State<Order, Rates>) -> State<Bill, Rates> {
    state.with(compute(&state.data, state.env.tax))
}

/// The function of the model, for contestants without Athena.
pub fn compute(order: &Order, tax: f64) -> Bill {
    let net: f64 = order.lines.iter().map(|line| f64::from(line.quantity) * line.price).sum();
    let net = net * (1.0 - order.discount / 100.0);
    Bill {
        id: order.id,
        net,
        gross: net * (1.0 + tax / 100.0),
        pieces: order.lines.iter().map(|line| line.quantity).sum(),
        label: format!("{}{}", order.country, if order.urgent { " express" } else { "" }),
    }
}

/// A case in plain serde.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainCase {
    /// The model.
    pub model: String,
    /// The name in a suite.
    #[serde(default)]
    pub case: String,
    /// The format.
    pub format: u32,
    /// The variables.
    pub env: PlainRates,
    /// The message.
    pub input: PlainOrder,
    /// The outcome.
    pub output: PlainBill,
}

/// The recorded variables.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainRates {
    /// The tax in per cent.
    #[serde(rename = "TAX")]
    pub tax: String,
}

/// An order in plain serde.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlainOrder {
    id: u64,
    customer: String,
    country: String,
    lines: Vec<PlainLine>,
    #[serde(default)]
    discount: f64,
    note: Option<String>,
    #[serde(default)]
    urgent: bool,
}

/// A line in plain serde.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainLine {
    sku: String,
    quantity: u32,
    price: f64,
}

/// A bill in plain serde.
#[derive(Deserialize, serde::Serialize, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
pub struct PlainBill {
    id: u64,
    net: f64,
    gross: f64,
    pieces: u32,
    label: String,
}

/// The model in plain Rust.
pub fn compute_plain(order: PlainOrder, tax: f64) -> PlainBill {
    let order = Order {
        id: order.id,
        customer: order.customer,
        country: order.country,
        lines: order
            .lines
            .into_iter()
            .map(|line| Line { sku: line.sku, quantity: line.quantity, price: line.price })
            .collect(),
        discount: order.discount,
        note: order.note,
        urgent: order.urgent,
    };
    let Bill { id, net, gross, pieces, label } = compute(&order, tax);
    PlainBill { id, net, gross, pieces, label }
}

/// Reads a case, calls the function and compares, as a hand-written test does.
///
/// # Errors
///
/// The reason why the case fails.
pub fn check(text: &str) -> Result<(), String> {
    let case: PlainCase = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let tax = case.env.tax.parse().map_err(|error| format!("{error}"))?;
    let bill = compute_plain(case.input, tax);
    if bill == case.output { Ok(()) } else { Err(format!("{bill:?} is not {:?}", case.output)) }
}

/// The input of a case.
pub fn input(index: u64) -> String {
    let lines: Vec<String> = (0..=index % 4)
        .map(|line| {
            format!(
                r#"{{"sku":"sku-{}","quantity":{},"price":{}.{:02}}}"#,
                index * 7 + line,
                1 + (index + line) % 9,
                index % 90,
                (index * 13 + line) % 100
            )
        })
        .collect();
    format!(
        r#"{{"id":{index},"customer":"customer {}","country":"DE","lines":[{}],"discount":{}.5,"urgent":{}}}"#,
        index % 1000,
        lines.join(","),
        index % 20,
        index.is_multiple_of(3)
    )
}

/// Runs a check over many texts on all cores; returns the number that passed.
pub fn on_all_cores<T: Sync>(items: &[T], check: impl Fn(&T) -> bool + Sync) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let part = items.len().div_ceil(cores).max(1);
    std::thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(part)
            .map(|part| scope.spawn(|| part.iter().filter(|item| check(item)).count()))
            .collect();
        parts.into_iter().map(|part| part.join().unwrap_or(0)).sum()
    })
}

/// Returns the folder of cases, which is passed in an environment variable.
pub fn folder() -> std::path::PathBuf {
    std::env::var_os("BENCH_CASES").map(Into::into).unwrap_or_default()
}
