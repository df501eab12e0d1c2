use athena_rt::prelude::*;

type Count = i64;
type Maybe = Option<u8>;
type Bytes = Vec<u8>;

#[structure]
struct Item {
    name: String,
}

#[structure]
struct Sample {
    #[tolerance(abs = 1e-9)]
    count: Count,
    #[tolerance(abs = 1e-9)]
    item: Item,
    #[unordered]
    one: Maybe,
    nested: Vec<Option<Maybe>>,
}

#[structure]
struct Kept {
    #[unknown]
    rest: Bytes,
}


fn main() {}
