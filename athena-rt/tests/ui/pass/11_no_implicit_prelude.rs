//! Generated code works without any prelude.
#![no_implicit_prelude]
#![deny(warnings)]
use ::athena_rt::prelude::{State, environment, model, structure};

#[environment]
struct Settings {
    #[default(1)]
    seed: i64,
    #[secret]
    #[default("none")]
    token: ::std::string::String,
}

#[structure]
enum Result {
    None,
    Some(i64),
    Ok { text: ::std::string::String },
}

#[structure(open)]
struct Sample {
    #[default(1)]
    number: i64,
    #[unordered]
    list: ::std::vec::Vec<f64>,
    maybe: ::core::option::Option<Result>,
    #[secret]
    by_name: ::std::collections::BTreeMap<::std::string::String, f64>,
}

#[structure]
struct Pair(u32, ::core::option::Option<Sample>);

#[structure]
struct Holder {
    pair: ::std::boxed::Box<Pair>,
}

#[model]
fn compute(mut state: State<Sample, Settings>) -> State<Sample, Settings> {
    state.data.number += state.env.seed;
    state
}

/// The marker and the test of a runner.
mod runner {
    #[allow(dead_code)]
    mod inner {
        ::athena_rt::main!();
    }
}

#[model]
fn fails(state: State<Holder>) -> ::core::result::Result<State<Holder>, ::core::fmt::Error> {
    ::core::result::Result::Ok(state)
}

fn main() {}
