use athena_rt::prelude::*;

#[structure]
enum Payment {
    Card(String),
    Invoice(u64),
}

#[structure]
struct Bare {
    #[oneof]
    payment: Payment,
}

#[structure]
struct Numbered {
    #[oneof]
    #[field(3)]
    payment: Option<Payment>,
}

#[structure]
struct Defaulted {
    #[oneof]
    #[default(None)]
    payment: Option<Payment>,
}

#[structure]
struct Argued {
    #[oneof(payment)]
    payment: Option<Payment>,
}

fn main() {}
