use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(state: State<Sample>) -> Option<State<Sample>> {
    Some(state)
}

fn main() {}
