use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(sample: Sample) -> State<Sample> {
    State::new(sample, ())
}

fn main() {}
