//! iso8601: dates, times and durations.

use athena_rt::prelude::*;

/// What is read.
#[structure]
pub struct Written {
    /// As the standard writes it.
    pub text: String,
}

/// A value as Rust shows it.
#[structure]
pub struct Text {
    /// With the crate's own names.
    pub text: String,
}

fn shown<T: std::fmt::Debug>(
    state: State<Written>,
    read: fn(&str) -> Result<T, String>,
) -> Result<State<Text>, String> {
    let text = format!("{:?}", read(&state.data.text)?);
    Ok(state.with(Text { text }))
}

/// The function of the same name.
#[model]
pub fn date(state: State<Written>) -> Result<State<Text>, String> {
    shown(state, iso8601::date)
}

/// The function of the same name.
#[model]
pub fn time(state: State<Written>) -> Result<State<Text>, String> {
    shown(state, iso8601::time)
}

/// The function of the same name.
#[model]
pub fn datetime(state: State<Written>) -> Result<State<Text>, String> {
    shown(state, iso8601::datetime)
}

/// The function of the same name.
#[model]
pub fn duration(state: State<Written>) -> Result<State<Text>, String> {
    shown(state, iso8601::duration)
}
