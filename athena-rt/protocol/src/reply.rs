use serde::{Deserialize, Serialize};

use crate::{DoctorFindings, Generated, ModelInfo, StrengthSummary};

/// The reply of a runner. A runner that ended without a reply has crashed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The protocol version of the runner.
    pub version: u32,
    /// The exit code: the numbers of [`Exit`](crate::Exit).
    pub exit: u8,
    /// The result of the verb.
    #[serde(default)]
    pub answer: Answer,
    /// With a list of models, the features of `athena-rt` that the runner was built with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

impl Reply {
    /// A reply of this version without a result.
    pub fn new(exit: u8) -> Self {
        Self { version: crate::VERSION, exit, answer: Answer::Nothing, features: Vec::new() }
    }
}

/// The result of a verb.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// No result but the exit code.
    #[default]
    Nothing,
    /// The models, sorted by id.
    List(Vec<ModelInfo>),
    /// The counts of a replay.
    Test(TestSummary),
    /// The counts of a recording.
    Record(RecordSummary),
    /// The findings about the recorded cases.
    Doctor(DoctorFindings),
    /// Inputs that were found for cases.
    Generated(Generated),
    /// What the recorded cases catch.
    Strength(StrengthSummary),
}

/// The counts of a replay. `cases` is the sum of the other counts except `broken` and `filtered`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TestSummary {
    /// Selected cases.
    pub cases: u64,
    /// Cases whose outcome is as recorded.
    pub passed: u64,
    /// Cases whose outcome differs, whose model crashed, whose file is broken, or whose model is gone.
    pub failed: u64,
    /// Selected cases that did not run, because `--fail-fast` stopped the replay.
    pub skipped: u64,
    /// Cases that failed, and passed when retried.
    pub flaky: u64,
    /// Cases that failed and are marked as known failures.
    #[serde(skip_serializing_if = "is_zero")]
    pub known: u64,
    /// Those cases, in the order of their names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_failures: Vec<KnownFailure>,
    /// Cases that the filters leave out.
    pub filtered: u64,
    /// Cases of other partitions.
    pub in_other_parts: u64,
    /// Failed cases whose file could not be read.
    pub broken: u64,
    /// Failed cases whose model is gone.
    pub orphans: u64,
    /// Models without cases.
    pub models_without_cases: Vec<String>,
    /// Schema locks that were compared with the code; they don't count as cases.
    pub schemas: u64,
    /// Schema locks that the code breaks, or that could not be read.
    pub schemas_failed: u64,
    /// Notes on the other schema locks, one line each.
    pub schema_notes: Vec<String>,
    /// Comparisons of outcomes that can't fail, one line each.
    pub vacuous: Vec<String>,
    /// Names similar to the filters, if those select no case.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<String>,
    /// Models of the program's package that have cases and are not linked, with the number of their cases, for a
    /// program that prints the counts itself. `None` if they were not looked for.
    #[serde(skip)]
    pub unlinked: Option<Vec<(String, u64)>>,
}

/// A case that failed and is marked as a known failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct KnownFailure {
    /// The name: `model id::case`.
    pub name: String,
    /// The model's id.
    pub model: String,
    /// The reason that the case has.
    pub reason: String,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl TestSummary {
    /// The question whether one of the similar names was meant.
    pub fn did_you_mean(&self) -> Option<String> {
        let names: Vec<String> =
            self.nearest.iter().take(3).map(|name| format!("`{name}`")).collect();
        (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
    }
}

/// The counts of a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RecordSummary {
    /// New cases.
    pub created: u64,
    /// Cases whose content changed.
    pub updated: u64,
    /// Cases whose content is the same.
    pub unchanged: u64,
    /// Messages that were not recorded.
    #[serde(skip_serializing_if = "is_zero")]
    pub rejected: u64,
}
