use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

struct Refused;

#[model]
async fn compute(state: State<Sample>) -> Result<State<Sample>, Refused> {
    Ok(state)
}

fn main() {}
