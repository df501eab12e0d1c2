//! Models for tests.

use athena_core::registry::Registry;
use athena_core::state::State;
use athena_core::{model, structure};

/// A number.
#[structure(crate = athena_core)]
pub(super) struct Number {
    /// It.
    pub(super) value: i64,
}

/// Twice as much.
#[model(crate = athena_core)]
fn double(mut state: State<Number>) -> State<Number> {
    state.data.value *= 2;
    state
}

/// Every number below.
#[model(crate = athena_core)]
fn count(state: State<Number>) -> impl Iterator<Item = State<Number>> {
    (0..state.data.value).map(move |value| state.clone().with(Number { value }))
}

/// These.
pub(super) fn registry() -> Registry {
    Registry::collect().expect("each has a name of its own")
}
