//! The search: inputs that reach new code, have a new kind of outcome or catch a mutant are kept, and new
//! inputs are mutations of those.
//!
//! It runs in rounds. A round has [`SHARDS`] parts, each with its own random numbers, whose results are merged
//! in their order. So the result depends on the seed, and not on the number of cores or their speed.

mod corpus;
mod merge;
mod progress;
mod round;

#[cfg(test)]
mod tests;

pub(crate) use self::corpus::{Corpus, Entry};
pub(crate) use self::merge::{Merged, merge};
pub(crate) use self::progress::Progress;
pub(crate) use self::round::{Finding, RoundPlan, RoundResult, Searcher};

/// The parts of a round.
pub(crate) const SHARDS: u64 = 8;

/// The largest number of rounds, for each unit of effort.
pub(crate) const ROUNDS: u64 = 24;
