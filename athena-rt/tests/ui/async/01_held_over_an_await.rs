use std::rc::Rc;

use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
async fn counts(mut state: State<Sample>) -> State<Sample> {
    let count = Rc::new(1);
    std::future::ready(()).await;
    state.data.test += *count;
    state
}

fn main() {}
