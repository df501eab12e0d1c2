//! What the supervisor and its worker say to each other: a line of JSON each.

use std::path::{Path, PathBuf};

pub use athena_protocol::FailureKind;
use athena_protocol::{Difference, Failure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The variable that makes a runner a worker. Its value stands in front of every note, so that
/// what a model prints is never taken for one.
pub const WORKER_VARIABLE: &str = "ATHENA_WORKER";

/// The first line a worker reads.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Orders {
    pub threads: usize,
    pub timeout_ms: u64,
    pub color: bool,
    /// Where full diffs go.
    pub artifacts: PathBuf,
    /// Whether failures are told in full, for a report.
    pub told: bool,
    /// Whether outcomes are noted, and not compared.
    pub observe: bool,
    /// The folder by which files are told, wherever the worker itself is.
    pub here: PathBuf,
    /// How many bytes of memory the worker may take.
    pub memory_limit: Option<u64>,
}

/// Cases to replay, of one model, from one folder or suite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    pub id: u64,
    pub model: String,
    pub source: JobSource,
}

/// Where the cases of a job are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum JobSource {
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

/// What a worker says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Note {
    /// The first so many cases of a job have completed; those that are not listed have passed.
    Done {
        job: u64,
        completed: usize,
        failures: Vec<(usize, CaseFailure)>,
        /// Outcomes, where these are asked for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        observed: Vec<(usize, String)>,
        nanos: u64,
    },
    /// A case has taken longer than it may. The worker ends itself.
    Late { job: u64, index: usize },
    /// The worker has taken more memory than it may, this many bytes. It ends itself.
    Large { bytes: u64 },
    /// The worker lives.
    Alive,
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
