#![forbid(unsafe_code)]
#![deny(missing_docs, unused, unreachable_pub, single_use_lifetimes, rust_2018_idioms, warnings)]
//! Every legal signature of an async model.

mod renamed {
    //! Another name of the runtime.
    pub(crate) mod rt {
        //! The runtime.
        pub(crate) use ::athena_rt::*;
    }
}

use std::error::Error;
use std::rc::Rc;

use athena_rt::prelude::*;

/// A message.
#[structure]
struct Sample {
    test: i64,
}

/// Settings.
#[environment]
struct Settings {
    seed: Option<i64>,
}

/// Waits.
#[model]
async fn plain(state: State<Sample>) -> State<Sample> {
    std::future::ready(()).await;
    state
}

#[model(name = "pricing::loop")]
async fn r#loop(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    std::future::ready(()).await;
    state.data.test += state.env.seed.unwrap_or(1);
    state
}

#[model]
async fn fails(
    State { data, env }: State<Sample, Settings>,
) -> Result<State<Sample>, Box<dyn Error + Send + Sync>> {
    std::future::ready(()).await;
    let test = env.seed.map_or_else(|| data.test.to_string().parse(), Ok)?;
    Ok(State::new(Sample { test }, ()))
}

/// The returned value need not be `Send`, nor values that are not held across an `.await`.
#[model]
async fn many(state: State<Sample>) -> impl Iterator<Item = State<Sample>> {
    let to = { *Rc::new(state.data.test) };
    std::future::ready(()).await;
    let state = Rc::new(state);
    (0..to).map(move |test| state.with(Sample { test }))
}

#[model]
async fn some_fail(state: State<Sample>) -> impl Iterator<Item = Result<State<Sample>, String>> {
    [Ok(state), Err("refused".to_owned())].into_iter()
}

#[renamed::rt::model(crate = renamed::rt)]
async fn under_another_name(state: renamed::rt::State<Sample>) -> State<Sample> {
    state
}

#[cfg(any())]
#[model]
async fn left_out(state: State<Missing>) -> State<Missing> {
    state
}

macro_rules! declare {
    ($name:ident) => {
        #[model]
        async fn $name(state: State<Sample>) -> State<Sample> {
            state
        }
    };
}

declare!(declared);

fn main() {}
