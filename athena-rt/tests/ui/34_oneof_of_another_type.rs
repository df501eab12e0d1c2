use athena_rt::prelude::*;

#[structure]
enum Payment {
    Card(String),
    Invoice(u64),
}

#[structure]
struct Text {
    #[oneof]
    payment: Option<String>,
}

fn main() {}
