use athena_rt::prelude::*;

#[structure]
struct Sample {
    // Absent, null or a value.
    test: Option<Option<i64>>,
    more: Option<Option<Option<i64>>>,
    list: Vec<Option<std::option::Option<i64>>>,
}

#[structure]
struct Pair(Option<Option<i64>>, i64);

fn main() {}
