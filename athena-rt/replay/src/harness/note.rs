//! What the supervisor and its model processes send each other, in JSON.

use std::path::{Path, PathBuf};

pub use athena_protocol::FailureKind;
use athena_protocol::{Difference, Failure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The settings of a model process that replays cases.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReplaySettings {
    pub color: bool,
    /// The folder for full diffs.
    pub artifacts: PathBuf,
    /// Whether failures are described in full, for a report.
    pub told: bool,
    /// Whether outcomes are observed, and not compared.
    pub observe: bool,
    /// The directory that displayed paths are relative to, wherever the process itself is.
    pub base_dir: PathBuf,
}

/// Cases to replay, of one model, from one folder or suite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Batch {
    pub model: String,
    pub source: BatchSource,
}

/// Where the cases of a batch are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum BatchSource {
    /// Case files in a folder, by what is in front of `.json`.
    Files { folder: PathBuf, stems: Vec<String> },
    /// Lines of a suite: a stretch of the file, and which of its lines, from 1.
    Suite {
        path: PathBuf,
        stem: String,
        offset: u64,
        length: usize,
        first: usize,
        /// How many lines.
        count: usize,
        /// Which, where they don't follow one another.
        lines: Option<Vec<usize>>,
    },
}

/// What became of the first cases of a batch; those that are not listed have passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BatchProgress {
    /// How many have completed.
    pub completed: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<(usize, CaseFailure)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<(usize, String)>,
}

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFailure {
    pub kind: FailureKind,
    /// What a person reads: several lines, no more than fit a screen.
    pub text: String,
    /// The same in few words, without place or diff.
    pub reason: String,
    /// What a report says of it beside that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Box<Told>>,
}

/// What a report says of a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    pub differences: Vec<Difference>,
    pub left_out: u64,
    pub recorded: Option<Value>,
    pub now: Option<Value>,
    pub digest: String,
    pub printed: String,
}

impl CaseFailure {
    /// A failure whose words are all there is to say.
    pub fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, reason: text.trim_end().to_owned(), text, told: None }
    }

    /// As a report has it.
    pub fn at(&self, name: String, model: &str, path: &Path, line: usize) -> Failure {
        let told = self.told.as_deref().cloned().unwrap_or_default();
        let reason = if told.differences.is_empty() { self.reason.clone() } else { String::new() };
        Failure {
            name,
            model: model.to_owned(),
            kind: self.kind,
            file: path.to_string_lossy().into_owned(),
            line: line as u64,
            reason,
            differences: told.differences,
            left_out: told.left_out,
            recorded: told.recorded,
            now: told.now,
            digest: told.digest,
            printed: told.printed,
        }
    }
}
