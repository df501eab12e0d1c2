//! What the bare services and the load share.

/// The method of the benchmark's model.
pub const METHOD: &str = "/athena_bench_support.OrderModelBillService/Run";

/// The certificate that the load trusts: a variable with the path of a PEM file.
pub const CERTIFICATE: &str = "ATHENA_BENCH_CERTIFICATE";

/// An order in prost.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Order {
    /// The order's id.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The customer.
    #[prost(string, tag = "2")]
    pub customer: String,
    /// The quantity.
    #[prost(uint32, tag = "3")]
    pub quantity: u32,
    /// The price of one piece.
    #[prost(double, tag = "4")]
    pub price: f64,
    /// Whether the order is urgent.
    #[prost(bool, tag = "5")]
    pub urgent: bool,
}

/// The bill of an order in prost.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Bill {
    /// The order's id.
    #[prost(uint64, tag = "1")]
    pub id: u64,
    /// The customer.
    #[prost(string, tag = "2")]
    pub customer: String,
    /// The total before tax.
    #[prost(double, tag = "3")]
    pub net: f64,
    /// The total with tax.
    #[prost(double, tag = "4")]
    pub gross: f64,
}
