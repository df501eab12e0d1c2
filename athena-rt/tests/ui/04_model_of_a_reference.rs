use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(state: &mut State<Sample>) -> State<Sample> {
    state.clone()
}

fn main() {}
