//! A model that works on the messages of a directory of files.

mod files;

use athena_rt::prelude::*;

/// A number to double.
#[structure]
struct Number {
    /// Less than half of the largest.
    n: i64,
}

/// Doubles a number.
#[model]
fn double(mut state: State<Number>) -> Result<State<Number>, String> {
    state.data.n = state.data.n.checked_mul(2).ok_or("too large to double")?;
    Ok(state)
}

athena_rt::main!();
