use athena_rt::prelude::*;

#[structure]
struct Sample {
    #[tolerance(abs = 1e-9)]
    count: i64,
    #[tolerance]
    nothing: f64,
    #[tolerance(abs = -0.5)]
    negative: f64,
    #[tolerance(absolute = 0.5)]
    unknown: f64,
    #[tolerance(0.5)]
    bare: f64,
    #[tolerance(ulps = 0.5)]
    half: f64,
}

fn main() {}
