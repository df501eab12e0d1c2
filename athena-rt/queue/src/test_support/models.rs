//! Models for tests.

use athena_core::registry::Registry;
use athena_core::state::State;
use athena_core::{model, structure};

/// The message of both models.
#[structure(crate = athena_core)]
pub(crate) struct Number {
    /// The number to double, or to count to.
    pub(crate) value: i64,
}

/// Doubles a number.
#[model(crate = athena_core)]
fn double(mut state: State<Number>) -> State<Number> {
    state.data.value *= 2;
    state
}

/// Counts from zero to below a number.
#[model(crate = athena_core)]
fn count(state: State<Number>) -> impl Iterator<Item = State<Number>> {
    (0..state.data.value).map(move |value| state.clone().with(Number { value }))
}

pub(crate) fn registry() -> Registry {
    Registry::collect().expect("model names are unique")
}
