use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::json::{deserialize_some, digits};
use crate::json_text::JsonText;

/// A line of the file in which a runner reports the results of cases: JSON Lines, in the order in
/// which they become known. If a case has several entries, the last one counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A case that failed.
    Failed(Failure),
    /// A case that failed, and passed when retried.
    Flaky(Failure),
    /// Cases whose outcome is as recorded.
    Passed(Names),
    /// Cases that were selected and not run.
    Skipped(Names),
    /// A schema lock that was compared.
    Schema(SchemaCheck),
    /// An error not tied to a case.
    Trouble(String),
    /// An outcome, if outcomes were requested rather than verdicts.
    Observed(Observation),
}

/// Names of cases of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// The model's id.
    pub model: String,
    /// The part after `model::` of the names: `seeded`, or in a suite `book/one`.
    pub cases: Vec<String>,
    /// How long each took, in microseconds and in the same order; empty if that is not known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub micros: Vec<u64>,
}

/// A case that failed, with the details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The name: `model id::case`.
    pub name: String,
    /// The model's id; for a broken file, as its folder has it.
    pub model: String,
    /// The value of the input's field that `#[structure(label = "..")]` names; absent if the type names
    /// none, or the message has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The kind of failure.
    pub kind: FailureKind,
    /// The case's file: in an entry as the runner found it, in a report relative to the workspace.
    pub file: String,
    /// The line in that file, from 1.
    pub line: u64,
    /// The reason; empty if `differences` show it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The differences of the outcome, at most [`MOST_DIFFERENCES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// The number of further differences.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// The recorded variables of the case; absent if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<JsonText>,
    /// The message of the case. Absent if it is larger than [`LARGEST_OUTCOME`], or can't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<JsonText>,
    /// The outcome that is recorded, as the case has it: an object with `output`, `outputs` or
    /// `error`, with fields in the order in which their type declares them. Absent if it is larger than
    /// [`LARGEST_OUTCOME`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<JsonText>,
    /// The new outcome, in the same form: what is volatile or within its tolerance is as recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<JsonText>,
    /// A hash of the new outcome, whatever its size; empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// The output of the model before its process died: its start and its end.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub printed: String,
    /// How long the case took, in microseconds, comparison included; 0 if that is not known.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub micros: u64,
}

/// The maximum number of differences in a [`Failure`].
pub const MOST_DIFFERENCES: usize = 64;

/// The maximum size in bytes of the JSON of an outcome in a [`Failure`].
pub const LARGEST_OUTCOME: usize = 64 << 10;

/// The kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The outcome differs from the recorded one.
    Differs,
    /// The model has no outcome: it panicked, or the message or environment no longer reads.
    Failed,
    /// The model's process died, or took more memory than it may.
    Crashed,
    /// The case took too long.
    TimedOut,
    /// The case failed in some runs and passed in others.
    Flaky,
    /// The case can't be read.
    Broken,
    /// The case has no model.
    Orphan,
    /// No case: the types break what the schema lock has.
    Schema,
    /// The case is marked as one that fails. It is counted apart, and is in no report.
    Known,
}

/// A difference between two outcomes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difference {
    /// The JSON pointer; empty for the outcome as a whole.
    pub pointer: String,
    /// The pointer with `*` for each index of a list and key of a map: the same for all cases in
    /// which the same field differs.
    pub path: String,
    /// The recorded value; absent if there is none. A long value is the start of its JSON, as text.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "deserialize_some")]
    pub old: Option<Value>,
    /// The new value; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "deserialize_some")]
    pub new: Option<Value>,
    /// The tolerance that was exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// `old` with the members of its objects in the order in which their type declares them. Absent if that
    /// is the order of their names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_text: Option<JsonText>,
    /// `new` in the same form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_text: Option<JsonText>,
}

impl Difference {
    /// The recorded value as compact JSON, as people read it. `None` if there is none.
    pub fn old_json(&self) -> Option<String> {
        shown(self.old_text.as_ref(), self.old.as_ref())
    }

    /// The new value as [`Difference::old_json`].
    pub fn new_json(&self) -> Option<String> {
        shown(self.new_text.as_ref(), self.new.as_ref())
    }
}

fn shown(text: Option<&JsonText>, value: Option<&Value>) -> Option<String> {
    let text = text.map(|text| text.as_str().to_owned());
    text.or_else(|| value.map(digits::to_text))
}

/// A schema lock that was compared with the code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaCheck {
    /// `schema::<package>`
    pub name: String,
    /// The reason of a failure; absent if it passed.
    pub failure: Option<String>,
    /// A note to print even on success.
    pub note: Option<String>,
}

/// The outcome of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observation {
    /// The case's name.
    pub name: String,
    /// The model's id.
    pub model: String,
    /// The case's file.
    pub file: String,
    /// The line in that file, from 1.
    pub line: u64,
    /// The outcome: JSON text of an object with `output`, `outputs` or `error`; absent if there is
    /// none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The reason if the outcome is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<Failure>>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
