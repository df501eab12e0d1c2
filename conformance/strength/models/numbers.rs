//! numfmt: numbers as people write them.

use athena_rt::prelude::*;
use numfmt::Formatter;

/// A number, and how it is written.
#[structure]
pub struct Number {
    /// Any number.
    pub value: f64,
    /// In the crate's language.
    pub format: String,
}

/// A number as it is written.
#[structure]
pub struct Text {
    /// With separators and units.
    pub text: String,
}

/// A format that the crate reads.
#[model]
pub fn format(state: State<Number>) -> Result<State<Text>, String> {
    let mut formatter: Formatter =
        state.data.format.parse().map_err(|error: numfmt::ParseError| error.to_string())?;
    let text = formatter.fmt2(state.data.value).to_owned();
    Ok(state.with(Text { text }))
}
