//! strsim: distances between two texts.

use athena_rt::prelude::*;

/// Two texts.
#[structure]
pub struct Pair {
    /// One text.
    pub a: String,
    /// The other one.
    pub b: String,
}

/// Two lists.
#[structure]
pub struct Lists {
    /// One list.
    pub a: Vec<i64>,
    /// The other one.
    pub b: Vec<i64>,
}

/// A distance.
#[structure]
pub struct Count {
    /// The number of edits.
    pub value: u64,
}

/// A similarity.
#[structure]
pub struct Score {
    /// 1 for equal texts.
    pub value: f64,
}

macro_rules! counts {
    ($($name:ident),*) => { $(
        /// The function of the same name.
        #[model]
        pub fn $name(state: State<Pair>) -> State<Count> {
            let value = ::strsim::$name(&state.data.a, &state.data.b) as u64;
            state.with(Count { value })
        }
    )* };
}

macro_rules! scores {
    ($($name:ident),*) => { $(
        /// The function of the same name.
        #[model]
        pub fn $name(state: State<Pair>) -> State<Score> {
            let value = ::strsim::$name(&state.data.a, &state.data.b);
            state.with(Score { value })
        }
    )* };
}

counts!(levenshtein, osa_distance, damerau_levenshtein);
scores!(normalized_levenshtein, normalized_damerau_levenshtein, jaro, jaro_winkler, sorensen_dice);

/// The function of the same name.
#[model]
pub fn hamming(state: State<Pair>) -> Result<State<Count>, ::strsim::StrSimError> {
    let value = ::strsim::hamming(&state.data.a, &state.data.b)? as u64;
    Ok(state.with(Count { value }))
}

/// `generic_damerau_levenshtein`, of numbers.
#[model]
pub fn lists(state: State<Lists>) -> State<Count> {
    let value = ::strsim::generic_damerau_levenshtein(&state.data.a, &state.data.b) as u64;
    state.with(Count { value })
}
