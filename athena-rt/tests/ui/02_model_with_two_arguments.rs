use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(state: State<Sample>, factor: i64) -> State<Sample> {
    state.with(Sample { test: factor })
}

fn main() {}
