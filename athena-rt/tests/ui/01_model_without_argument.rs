use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute() -> State<Sample> {
    State::new(Sample { test: 1 }, ())
}

fn main() {}
