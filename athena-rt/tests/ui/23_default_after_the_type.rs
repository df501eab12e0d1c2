use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64 = 2,
}

fn main() {}
