use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: Option<Option<i64>>,
    list: Vec<Option<std::option::Option<i64>>>,
}

fn main() {}
