use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
unsafe fn risks(state: State<Sample>) -> State<Sample> {
    state
}

#[model]
extern "C" fn foreign(state: State<Sample>) -> State<Sample> {
    state
}

#[model]
const fn constant(state: State<Sample>) -> State<Sample> {
    state
}

fn main() {}
