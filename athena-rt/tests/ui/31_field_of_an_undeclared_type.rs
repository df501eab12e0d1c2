use athena_rt::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    test: i64,
}

#[structure]
struct Sample {
    inner: Inner,
}

#[structure]
struct Transparent(Inner);

#[structure]
enum Choice {
    One(Inner),
    Two { inner: Inner },
}

fn main() {}
