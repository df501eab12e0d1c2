use athena_rt::prelude::*;

#[structure]
struct Sample {
    #[default]
    none: i64,
    #[default = 2]
    assigned: i64,
    #[default(1, 2)]
    two: i64,
    #[default(1)]
    #[default(2)]
    twice: i64,
}

fn main() {}
