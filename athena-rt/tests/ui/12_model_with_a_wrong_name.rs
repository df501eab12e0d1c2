use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model(name = "Total")]
fn upper(state: State<Sample>) -> State<Sample> {
    state
}

#[model(nmae = "pricing::total")]
fn mistyped(state: State<Sample>) -> State<Sample> {
    state
}

#[model("pricing::total")]
fn bare(state: State<Sample>) -> State<Sample> {
    state
}

fn main() {}
