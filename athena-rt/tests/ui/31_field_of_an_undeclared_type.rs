use athena_rt::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    test: i64,
}

#[structure]
struct Sample {
    inner: Inner,
}

fn main() {}
