use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
async fn borrows<'a>(state: State<&'a str>) -> State<Sample> {
    State::new(Sample { test: 1 }, ())
}

#[model]
async fn refers(state: &State<Sample>) -> State<Sample> {
    state.clone()
}

#[model]
async unsafe fn risks(state: State<Sample>) -> State<Sample> {
    state
}

#[model]
async fn silent(state: State<Sample>) {
    drop(state);
}

fn main() {}
