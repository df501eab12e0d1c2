use athena_rt::prelude::*;

#[structure]
struct Sample {
    #[volatile(always)]
    argument: i64,
    #[unordered]
    map: std::collections::BTreeMap<String, i64>,
    #[cfg(test)]
    conditional: i64,
}

#[structure]
struct Pair(#[default(1)] i64, i64);

#[structure(open)]
struct Open(i64, i64);

#[structure]
enum Kind {
    #[default(2)]
    Retail,
    Trade(#[secret] String),
}

fn main() {}
