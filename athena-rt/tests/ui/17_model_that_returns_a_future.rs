use std::future::Future;

use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn waits(state: State<Sample>) -> impl Future<Output = State<Sample>> + Send {
    async move { state }
}

fn main() {}
