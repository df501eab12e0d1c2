use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[model]
fn compute(state: State<Sample>) -> Result<Sample, String> {
    Ok(state.data)
}

fn main() {}
