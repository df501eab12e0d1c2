use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

/// Waits.
#[model]
#[must_use]
async fn waits(state: State<Sample>) -> State<Sample> {
    std::future::ready(()).await;
    state
}

fn main() {}
