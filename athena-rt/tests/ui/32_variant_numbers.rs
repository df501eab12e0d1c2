use athena_rt::prelude::*;

#[structure(reserved(5, "Old"))]
enum Kind {
    #[field(1)]
    Retail,
    #[field(1)]
    Trade,
    #[field(5)]
    Gone,
    Old,
}

#[structure]
enum Level {
    Low = -1,
    #[field(3)]
    High = 2,
    Empty = 1 + 2,
}

#[structure(open)]
enum Open {
    One,
}

#[structure]
enum Data {
    Parentheses(),
    #[field(0)]
    Zero(u8),
}

#[structure]
enum Start {
    #[default]
    One,
    Two,
}

fn main() {}
