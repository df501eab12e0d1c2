use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn nothing(state: State) -> State<Sample> {
    state
}

#[model]
fn borrowed(state: State<&'static Sample>) -> State<Sample> {
    state.with(state.data.clone())
}

#[model]
fn three(state: State<Sample, (), u8>) -> State<Sample> {
    state
}

fn main() {}
