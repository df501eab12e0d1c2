use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn generic<T: Clone>(state: State<T>) -> State<T> {
    state
}

#[model]
fn bounded(state: State<Sample>) -> State<Sample>
where
    Sample: Clone,
{
    state
}

fn main() {}
