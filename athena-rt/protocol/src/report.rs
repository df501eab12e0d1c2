use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A line of the file in which a runner notes what became of cases: JSON Lines, in the order in
/// which it was known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// A case that failed.
    Failed(Failure),
    /// A case that failed, and passed when it was tried again.
    Flaky(Failure),
    /// Cases whose outcome is as recorded.
    Passed(Names),
    /// Cases that were selected and not run.
    Skipped(Names),
    /// A schema lock that was compared.
    Schema(SchemaCheck),
    /// Something that went wrong beside any case.
    Trouble(String),
    /// What a case's model gave, where outcomes were asked for and not verdicts.
    Observed(Observation),
}

/// Names of cases of one model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Names {
    /// The model's id.
    pub model: String,
    /// What is behind `model::` in the names: `seeded`, or in a suite `book/one`.
    pub cases: Vec<String>,
}

/// A case that failed, and all that is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its name: `model id::case`.
    pub name: String,
    /// The model's id; of a broken file what its folder says.
    pub model: String,
    /// What kind of failure.
    pub kind: FailureKind,
    /// The case's file. A runner gives it as it found it, a report relative to the workspace.
    pub file: String,
    /// The line in that file, from 1.
    pub line: u64,
    /// Why, in words; empty where `differences` say it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Where the outcome differs, at most [`MOST_DIFFERENCES`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Difference>,
    /// How many more differences there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// The outcome that is recorded, as the case has it: an object with `output`, `outputs` or
    /// `error`. Absent where it is larger than [`LARGEST_OUTCOME`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<Value>,
    /// The outcome now, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Value>,
    /// A hash of the outcome now, whatever its size; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// What the model printed before its process died: its beginning and its end.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub printed: String,
}

/// How many differences a [`Failure`] names.
pub const MOST_DIFFERENCES: usize = 64;

/// How many bytes of JSON an outcome may have to be part of a [`Failure`].
pub const LARGEST_OUTCOME: usize = 64 << 10;

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The outcome is another than recorded.
    Differs,
    /// The model has no outcome: it panicked, or the message or environment no longer reads.
    Failed,
    /// The model's process died, or took more memory than it may.
    Crashed,
    /// It took too long.
    TimedOut,
    /// It failed and passed, in runs that should have been alike.
    Flaky,
    /// The case can't be read.
    Broken,
    /// The case has no model.
    Orphan,
    /// No case: the types break what the schema lock has.
    Schema,
}

/// One place where an outcome differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Difference {
    /// The JSON pointer; empty for the outcome as a whole.
    pub pointer: String,
    /// The pointer with `*` for each index of a list and key of a map: the same for all cases in
    /// which the same field differs.
    pub path: String,
    /// What was recorded; absent where nothing was. A long value is the beginning of its JSON, as
    /// text.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub old: Option<Value>,
    /// What came out; absent where nothing did.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub new: Option<Value>,
    /// Which tolerance was exceeded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A schema lock that was compared with the code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaCheck {
    /// `schema::<package>`
    pub name: String,
    /// Why it failed; absent where it passed.
    pub failure: Option<String>,
    /// What is to be said though it passed.
    pub note: Option<String>,
}

/// What a case's model gave.
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
    /// The outcome: JSON text of an object with `output`, `outputs` or `error`; absent where there
    /// is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Box<Failure>>,
}

/// An absent value is none; one that is `null` is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}
