use serde::{Deserialize, Serialize};

use crate::{Health, ModelInfo};

/// What a runner answers. A runner that ended without one has died.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The protocol version of the runner.
    pub version: u32,
    /// How it went: the numbers of [`Exit`](crate::Exit).
    pub exit: u8,
    /// What was asked for, where that is more than the exit.
    #[serde(default)]
    pub answer: Answer,
    /// With a list of models, the features of `athena-rt` that the runner was built with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

impl Reply {
    /// A reply of this version that says no more than how it went.
    pub fn new(exit: u8) -> Self {
        Self { version: crate::VERSION, exit, answer: Answer::Nothing, features: Vec::new() }
    }
}

/// What a verb gives back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// No more than the exit.
    #[default]
    Nothing,
    /// The models, sorted by id.
    List(Vec<ModelInfo>),
    /// What a replay came to.
    Test(TestSummary),
    /// What was recorded.
    Record(RecordSummary),
    /// What was found in the recordings.
    Doctor(Health),
}

/// What a replay came to. `cases` is the sum of the other counts but `broken` and `filtered`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TestSummary {
    /// Cases that were selected.
    pub cases: u64,
    /// Outcomes as recorded.
    pub passed: u64,
    /// Outcomes that differ, models that crashed, files that are broken, cases without a model.
    pub failed: u64,
    /// Selected, but not run: left when `--fail-fast` stopped the run.
    pub skipped: u64,
    /// Failed, and passed when tried again.
    pub flaky: u64,
    /// Left out by filters.
    pub filtered: u64,
    /// Left to other partitions.
    pub in_other_parts: u64,
    /// Of the failed: those whose file could not be read.
    pub broken: u64,
    /// Of the failed: those whose model is gone.
    pub orphans: u64,
    /// Models that have no case at all.
    pub models_without_cases: Vec<String>,
    /// Schema locks that were compared with the code; no cases.
    pub schemas: u64,
    /// Of these: those that the code breaks, and those that could not be read.
    pub schemas_failed: u64,
    /// What is to be said of the others, a line each.
    pub schema_notes: Vec<String>,
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordSummary {
    /// Cases that are new.
    pub created: u64,
    /// Cases whose content changed.
    pub updated: u64,
    /// Cases that were as they are.
    pub unchanged: u64,
}
