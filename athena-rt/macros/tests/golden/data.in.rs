/// How it was paid.
#[structure]
enum Payment {
    Cash,
    /// By card.
    Card {
        /// The last digits.
        #[default("0000")]
        last4: String,
        holder: Option<String>,
    },
    Invoice(u32),
    Pair(i64, f64),
}
