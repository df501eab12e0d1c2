//! What the supervisor and its worker say to each other: a line of JSON each.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The variable that makes a runner a worker. Its value stands in front of every note, so that
/// what a model prints is never taken for one.
pub(crate) const WORKER_VARIABLE: &str = "ATHENA_WORKER";

/// The first line a worker reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Orders {
    pub(crate) threads: usize,
    pub(crate) timeout_ms: u64,
    pub(crate) color: bool,
    /// Where full diffs go.
    pub(crate) artifacts: PathBuf,
}

/// Cases to replay, of one model, from one folder or suite.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) model: String,
    pub(crate) source: JobSource,
}

/// Where the cases of a job are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum JobSource {
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
pub(crate) enum Note {
    /// The first so many cases of a job have completed; those that are not listed have passed.
    Done { job: u64, completed: usize, failures: Vec<(usize, CaseFailure)>, nanos: u64 },
    /// A case has taken longer than it may. The worker ends itself.
    Late { job: u64, index: usize },
    /// The worker lives.
    Alive,
}

/// Why a case failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CaseFailure {
    pub(crate) kind: FailureKind,
    /// What a person reads: several lines, no more than fit a screen.
    pub(crate) text: String,
}

/// What kind of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FailureKind {
    /// The outcome is another than recorded.
    Differs,
    /// The model has no outcome: it panicked, or the message or environment no longer reads.
    Failed,
    /// The worker died.
    Crashed,
    /// It took too long.
    TimedOut,
    /// The case can't be read.
    Broken,
    /// The case has no model.
    Orphan,
    /// No case: the types break what the schema lock has.
    Schema,
}
