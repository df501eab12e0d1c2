use athena_rt::prelude::*;

#[structure(reserved(4, "old"))]
struct Sample {
    #[field(3)]
    first: i64,
    #[field(3)]
    again: i64,
    #[field(4)]
    reserved: i64,
    #[field(0)]
    zero: i64,
    #[field(536870912)]
    huge: i64,
    #[field(19000)]
    implementation: i64,
    #[field("5")]
    text: i64,
    old: i64,
}

fn main() {}
