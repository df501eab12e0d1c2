use athena_rt::prelude::*;
use athena_rt::structure::wire::UnknownFields;

#[structure]
struct Forms {
    #[field(sint)]
    name: String,
    #[field(fixed)]
    ratio: f64,
    #[field(zigzag)]
    count: i64,
    #[field(sint, fixed)]
    both: i64,
    #[field(value = sint)]
    list: Vec<i64>,
    #[field(key = sint, sint)]
    map: std::collections::BTreeMap<i64, i64>,
    #[field(implicit)]
    absent: i64,
}

#[structure]
struct Kept {
    #[unknown]
    rest: Vec<u8>,
}

#[structure]
struct KeptTwice {
    #[unknown]
    one: UnknownFields,
    #[unknown]
    two: UnknownFields,
}

#[structure]
enum Point {
    #[field(1, sint)]
    Text(String),
    #[field(2, implicit)]
    Number(i64),
}

fn main() {}
