/// One line of an order.
///
/// Prices are net.
#[structure(open, reserved(2, "old"))]
#[derive(Default)]
pub(crate) struct Line {
    /// Unit price in euros.
    #[tolerance(abs = 0.005, ulps = 4)]
    pub price: f64,
    #[default(1)]
    quantity: u32,
    #[default("each")]
    unit: String,
    #[default("none")]
    note: Option<String>,
    #[field(9)]
    #[volatile]
    r#type: Kind,
    #[unordered]
    tags: Vec<std::string::String>,
}

#[structure]
struct Empty {}
