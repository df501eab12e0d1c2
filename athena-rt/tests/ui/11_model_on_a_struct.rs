use athena_rt::prelude::*;

#[model]
struct Sample {
    test: i64,
}

fn main() {}
