//! The smallest model: a value, and what the environment adds to it.

use athena_rt::prelude::*;

/// Settings, from the process environment.
#[environment]
struct Settings {
    /// Added to every test value.
    #[default(1)]
    seed: i64,
}

/// The input and the output.
#[structure]
struct Sample {
    /// The value.
    #[default(2)]
    test: i64,
}

/// Adds the seed to the value.
#[model]
fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    state.data.test += state.env.seed;
    state
}

athena_rt::main!();
