//! What the supervisor and its model processes send each other, in JSON.

use std::path::{Path, PathBuf};

pub use athena_protocol::FailureKind;
use athena_protocol::{Difference, Failure, JsonText};
use serde::{Deserialize, Serialize};

/// The settings of a model process that replays cases.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ReplaySettings {
    pub color: bool,
    /// The folder for full diffs.
    pub artifacts: PathBuf,
    /// Whether failures carry their details, for a report.
    pub detailed: bool,
    /// Whether the text of a failure has the case's input.
    #[serde(default)]
    pub show_input: bool,
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
    /// Case files in a folder, by their names without `.json`.
    Files { folder: PathBuf, stems: Vec<String> },
    /// Lines of a suite: a range of the file, and the numbers of its lines, from 1.
    Suite {
        path: PathBuf,
        stem: String,
        offset: u64,
        length: usize,
        first: usize,
        /// The number of lines.
        count: usize,
        /// The line numbers, if they are not consecutive.
        lines: Option<Vec<usize>>,
    },
}

/// The results of the first cases of a batch; those that are not listed have passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BatchProgress {
    /// The number of completed cases.
    pub completed: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<(usize, CaseFailure)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observed: Vec<(usize, String)>,
    /// The time of each case since the last report, in microseconds; only for a report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub micros: Vec<u64>,
}

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFailure {
    pub kind: FailureKind,
    /// The text for a person: several lines that fit on a screen.
    pub text: String,
    /// A short reason, without location or diff.
    pub reason: String,
    /// The details for a report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Box<FailureDetail>>,
}

/// The details of a failure, for a report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FailureDetail {
    pub differences: Vec<Difference>,
    pub left_out: u64,
    pub recorded: Option<JsonText>,
    pub now: Option<JsonText>,
    pub digest: String,
    pub printed: String,
}

impl CaseFailure {
    /// A failure without details.
    pub fn new(kind: FailureKind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { kind, reason: text.trim_end().to_owned(), text, detail: None }
    }

    /// The failure in the form of a report.
    pub fn at(&self, name: String, model: &str, path: &Path, line: usize) -> Failure {
        let detail = self.detail.as_deref().cloned().unwrap_or_default();
        let reason =
            if detail.differences.is_empty() { self.reason.clone() } else { String::new() };
        Failure {
            name,
            model: model.to_owned(),
            label: None,
            kind: self.kind,
            file: path.to_string_lossy().into_owned(),
            line: line as u64,
            reason,
            differences: detail.differences,
            left_out: detail.left_out,
            env: None,
            input: None,
            recorded: detail.recorded,
            now: detail.now,
            digest: detail.digest,
            printed: detail.printed,
            micros: 0,
        }
    }
}
