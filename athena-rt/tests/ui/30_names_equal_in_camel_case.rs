use athena_rt::prelude::*;

#[structure]
#[allow(non_snake_case)]
struct Sample {
    unit_price: i64,
    unitPrice: i64,
}

fn main() {}
