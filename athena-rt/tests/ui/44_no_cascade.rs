// One mistake in a structure is one error, no matter how often the structure is used.
use athena_rt::prelude::*;

#[structure]
struct Sample {
    #[default]
    test: i64,
}

#[structure]
struct Outer {
    samples: Vec<Sample>,
}

#[environment]
struct Settings {
    #[volatile]
    seed: i64,
}

#[model]
fn compute(state: State<Sample, Settings>) -> State<Outer, Settings> {
    let samples = vec![state.data.clone()];
    println!("{:?} {:?}", samples, *state.env);
    state.with(Outer { samples })
}

fn main() {}
