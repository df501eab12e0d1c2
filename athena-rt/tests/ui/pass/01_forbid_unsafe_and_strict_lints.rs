#![forbid(unsafe_code)]
#![deny(
    missing_docs,
    missing_debug_implementations,
    unused,
    unused_qualifications,
    unreachable_pub,
    single_use_lifetimes,
    rust_2018_idioms,
    trivial_casts,
    unused_results,
    non_ascii_idents,
    keyword_idents,
    let_underscore,
    warnings
)]
//! Generated code passes the lints that users turn on.

pub mod pricing {
    //! Public items of a library.
    use athena_rt::prelude::*;

    /// An order.
    #[structure]
    pub struct Order {
        /// Net, in euros.
        #[tolerance(abs = 0.005)]
        pub price: f64,
        /// How many.
        #[default(1)]
        pub quantity: u32,
        /// How it is paid.
        pub payment: Payment,
        /// Who buys.
        pub kind: Kind,
    }

    /// How it is paid.
    #[structure]
    pub enum Payment {
        /// At once.
        Cash,
        /// By card.
        Card {
            /// The last digits.
            last4: String,
        },
        /// In a number of days.
        Invoice(u32),
    }

    /// Who buys.
    #[structure]
    pub enum Kind {
        /// Over the counter.
        Retail,
        /// In bulk.
        Trade,
    }

    /// An identifier.
    #[structure]
    pub struct Id(pub u64);

    /// A message without fields.
    #[structure]
    pub struct Empty {}

    /// Settings.
    #[environment]
    pub struct Settings {
        /// Multiplies prices.
        #[default(1.0)]
        pub factor: f64,
        /// Of the price service.
        #[secret]
        pub token: Option<String>,
    }

    /// No settings.
    #[environment]
    pub struct Nothing {}

    /// The price of an order.
    #[model]
    pub fn price(mut state: State<Order, Settings>) -> State<Order, Settings> {
        state.data.price *= state.env.factor;
        state
    }

    /// One order for each piece.
    #[model(name = "pricing::split")]
    pub fn split(state: State<Order>) -> impl Iterator<Item = State<Order>> {
        (0..state.data.quantity).map(move |_| state.clone())
    }
}

fn main() {}
