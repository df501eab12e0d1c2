//! Models for tests.

use crate::registry::Registry;
use crate::state::State;
use crate::{model, structure};

/// A number.
#[structure(crate = crate)]
pub(super) struct Number {
    /// It.
    pub(super) value: i64,
}

/// Twice as much.
#[model(crate = crate)]
fn double(mut state: State<Number>) -> State<Number> {
    state.data.value *= 2;
    state
}

/// Every number below.
#[model(crate = crate)]
fn count(state: State<Number>) -> impl Iterator<Item = State<Number>> {
    (0..state.data.value).map(move |value| state.clone().with(Number { value }))
}

/// These.
pub(super) fn registry() -> Registry {
    Registry::collect().expect("each has a name of its own")
}
