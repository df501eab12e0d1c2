//! Every legal signature of a model.
use std::error::Error;
use std::fmt;

use athena_rt::prelude::*;

#[structure]
struct Sample {
    test: i64,
}

#[environment]
struct Settings {
    seed: Option<i64>,
}

#[derive(Debug)]
struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused")
    }
}

mod local {
    pub type Result<T> = std::result::Result<T, super::Refused>;
}

#[model]
fn plain(state: State<Sample>) -> State<Sample> {
    state
}

#[model]
pub(crate) fn with_environment(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    state.data.test += 1;
    state
}

#[model]
fn pattern(State { data, env }: athena_rt::State<Sample, Settings>) -> ::athena_rt::State<Sample> {
    State::new(Sample { test: data.test + env.seed.unwrap_or_default() }, ())
}

#[model]
fn fails(state: State<Sample>) -> Result<State<Sample>, Refused> {
    if state.data.test > 0 { Ok(state) } else { Err(Refused) }
}

#[model]
fn boxed(state: State<Sample>) -> Result<State<Sample>, Box<dyn Error + Send + Sync>> {
    Ok(state)
}

#[model]
fn alias(state: State<Sample>) -> local::Result<State<Sample>> {
    Ok(state)
}

#[model]
fn many(state: State<Sample>) -> impl Iterator<Item = State<Sample>> + Send {
    (0..state.data.test).map(|test| State::new(Sample { test }, ()))
}

#[model]
fn some_fail(state: State<Sample, Settings>) -> impl DoubleEndedIterator<Item = Result<State<Sample>, Refused>> {
    [Ok(State::new(state.data.clone(), ())), Err(Refused)].into_iter()
}

#[cfg(any())]
#[model]
fn left_out(state: State<Missing>) -> State<Missing> {
    state
}

#[model]
#[cfg(any())]
fn left_out_below(state: State<Missing>) -> State<Missing> {
    state
}

#[structure]
#[cfg(any())]
struct LeftOut {
    missing: Missing,
}

fn main() {
    let state = State::new(Sample { test: 2 }, ());
    assert_eq!(many(state.clone()).count(), 2);
    assert!(fails(state.with(Sample { test: 0 })).is_err());
    assert_eq!(plain(state).data.test, 2);
}
