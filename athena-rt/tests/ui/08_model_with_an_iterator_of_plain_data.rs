use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(state: State<Sample>) -> impl Iterator<Item = Sample> {
    std::iter::once(state.data)
}

#[model]
fn forgetful(state: State<Sample>) -> impl Iterator {
    std::iter::once(state)
}

#[model]
fn opaque(state: State<Sample>) -> impl Clone {
    state
}

fn main() {}
