use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(state: State<Sample>) {
    drop(state);
}

fn main() {}
