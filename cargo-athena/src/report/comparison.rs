//! What a report has beside what any report has, where it is one of a comparison with a commit.

use athena_protocol::Names;
use serde::{Deserialize, Serialize};

/// Outcomes of the working tree compared with those of a commit. In a report of one, what failed
/// is what changed; what passed is unchanged; and what could not be compared is skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Comparison {
    /// The commit, as it was typed.
    pub(crate) base: String,
    /// Its hash.
    pub(crate) commit: String,
    /// The cases, counted.
    pub(crate) counts: ComparisonCounts,
    /// The same by model, sorted; models whose cases are all unchanged are left out.
    pub(crate) models: Vec<ModelChanges>,
    /// Cases whose outcome on the commit was not the one recorded there.
    pub(crate) stale_on_base: Vec<Names>,
    /// Cases that fail in one run and not in the other, of the same program.
    pub(crate) unstable: Vec<Names>,
    /// Places where outcomes of the same program differ: no change there is one.
    pub(crate) masked: Vec<UnstablePath>,
    /// Models that the commit does not have.
    pub(crate) added: Vec<String>,
    /// Models that only the commit has.
    pub(crate) removed: Vec<String>,
}

/// Cases by what became of them. Their sum is all that were compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ComparisonCounts {
    /// Both have an outcome, and these differ.
    pub(crate) changed: u64,
    /// Only the commit has an outcome.
    pub(crate) newly_failing: u64,
    /// Only the working tree has an outcome.
    pub(crate) newly_passing: u64,
    /// Both have the same outcome.
    pub(crate) unchanged: u64,
    /// Neither has an outcome.
    pub(crate) failing_on_both: u64,
    /// One of the two has an outcome in one run and none in the other.
    pub(crate) unstable: u64,
    /// The case's file can't be read.
    pub(crate) broken: u64,
}

/// What became of a model's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ModelChanges {
    pub(crate) model: String,
    pub(crate) counts: ComparisonCounts,
    /// How many of them were stale on the commit.
    pub(crate) stale_on_base: u64,
}

/// A place where outcomes of the same program differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UnstablePath {
    pub(crate) model: String,
    /// A JSON pointer with `*` for indices and keys; empty for the outcome as a whole.
    pub(crate) path: String,
    /// In how many cases, at least.
    pub(crate) cases: u64,
}

impl ComparisonCounts {
    /// How many were compared.
    pub(crate) fn cases(&self) -> u64 {
        self.different() + self.unchanged + self.failing_on_both + self.unstable + self.broken
    }

    /// How many outcomes are others.
    pub(crate) fn different(&self) -> u64 {
        self.changed + self.newly_failing + self.newly_passing
    }

    /// Adds other counts.
    pub(crate) fn add(&mut self, other: &Self) {
        self.changed += other.changed;
        self.newly_failing += other.newly_failing;
        self.newly_passing += other.newly_passing;
        self.unchanged += other.unchanged;
        self.failing_on_both += other.failing_on_both;
        self.unstable += other.unstable;
        self.broken += other.broken;
    }
}
