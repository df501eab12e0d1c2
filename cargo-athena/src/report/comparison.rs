//! The extra fields of a report that compares with a commit.

use athena_protocol::Names;
use serde::{Deserialize, Serialize};

/// Outcomes of the working tree compared with those of a commit. In such a report failed cases are
/// those that changed, passed cases are unchanged, and skipped cases could not be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Comparison {
    /// The commit, as typed.
    pub(crate) base: String,
    /// The commit's hash.
    pub(crate) commit: String,
    /// The cases by status.
    pub(crate) counts: ComparisonCounts,
    /// The same by model, sorted, without models whose cases are all unchanged.
    pub(crate) models: Vec<ModelChanges>,
    /// Cases whose outcome on the commit was not the one recorded there.
    pub(crate) stale_on_base: Vec<Names>,
    /// Cases that fail in only one of two runs of the same program.
    pub(crate) unstable: Vec<Names>,
    /// Paths whose values differ between runs of the same program. Changes there are ignored.
    pub(crate) masked: Vec<UnstablePath>,
    /// Models that the commit does not have.
    pub(crate) added: Vec<String>,
    /// Models that only the commit has.
    pub(crate) removed: Vec<String>,
}

/// The number of compared cases by status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ComparisonCounts {
    /// Both have an outcome, and the outcomes differ.
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

/// The changes of a model's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ModelChanges {
    pub(crate) model: String,
    pub(crate) counts: ComparisonCounts,
    /// The number of these cases that were stale on the commit.
    pub(crate) stale_on_base: u64,
}

/// A path whose values differ between runs of the same program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UnstablePath {
    pub(crate) model: String,
    /// A JSON pointer with `*` for indices and keys; empty for the outcome as a whole.
    pub(crate) path: String,
    /// The least number of affected cases.
    pub(crate) cases: u64,
}

impl ComparisonCounts {
    /// The number of all cases.
    pub(crate) fn cases(&self) -> u64 {
        self.different() + self.unchanged + self.failing_on_both + self.unstable + self.broken
    }

    /// The number of cases whose outcomes differ.
    pub(crate) fn different(&self) -> u64 {
        self.changed + self.newly_failing + self.newly_passing
    }

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
