use athena_rt::prelude::*;

#[environment]
enum Kind {
    Retail,
}

#[environment]
struct Tuple(i64);

#[environment]
struct Unit;

#[environment]
struct Generic<T> {
    seed: T,
}

#[environment]
fn settings() {}

fn main() {}
