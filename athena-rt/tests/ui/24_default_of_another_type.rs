use athena_rt::prelude::*;

#[structure]
struct Sample {
    #[default("two")]
    number: i64,
    #[default(2)]
    text: String,
}

fn main() {}
