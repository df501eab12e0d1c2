//! glob: patterns of paths.

use athena_rt::prelude::*;
use glob::{MatchOptions, Pattern, PatternError};

/// A pattern and what it is compared with.
#[structure]
pub struct Search {
    /// With `*`, `?` and `[..]`.
    pub pattern: String,
    /// A path.
    pub path: String,
    /// Whether letters of both cases differ.
    #[default(true)]
    pub case_sensitive: bool,
    /// Whether only a separator matches a separator.
    #[default(false)]
    pub separator: bool,
    /// Whether only a dot matches the first dot.
    #[default(false)]
    pub leading_dot: bool,
}

/// The answer.
#[structure]
pub struct Found {
    /// Whether it matches.
    pub matches: bool,
}

/// A text.
#[structure]
pub struct Text {
    /// Any text.
    pub text: String,
}

/// The function `Pattern::matches_with`.
#[model]
pub fn matches(state: State<Search>) -> Result<State<Found>, PatternError> {
    let search = &state.data;
    let options = MatchOptions {
        case_sensitive: search.case_sensitive,
        require_literal_separator: search.separator,
        require_literal_leading_dot: search.leading_dot,
    };
    let matches = Pattern::new(&search.pattern)?.matches_with(&search.path, options);
    Ok(state.with(Found { matches }))
}

/// The function `Pattern::escape`.
#[model]
pub fn escape(state: State<Text>) -> State<Text> {
    let text = Pattern::escape(&state.data.text);
    state.with(Text { text })
}
