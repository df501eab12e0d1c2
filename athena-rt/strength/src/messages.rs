//! What the supervisor and its processes send each other, in JSON.

use std::path::PathBuf;

use athena_protocol::Catch;
use serde::{Deserialize, Serialize};

/// The settings of a process that runs models under mutants.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StrengthSettings {
    pub(crate) sites: Vec<PathBuf>,
    /// The cases that requests refer to by index.
    pub(crate) cases: Vec<RecordedCase>,
}

/// A recorded case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RecordedCase {
    pub(crate) model: String,
    /// Its name: `model id::case`.
    pub(crate) name: String,
    /// The text of its file, or its line of a suite.
    pub(crate) text: String,
}

/// What a process is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum StrengthRequest {
    /// Runs a case unmutated.
    Observe { case: usize },
    /// Runs cases under a mutant until one fails. Each with the sites that it runs unmutated.
    Judge { mutant: u32, cases: Vec<(usize, u64)> },
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum StrengthResponse {
    Observed {
        /// The reason that it fails.
        failure: Option<String>,
        /// The sites that ran, with how often.
        sites: Vec<(u32, u32)>,
    },
    Judged {
        /// The index of the case that failed, and how.
        caught: Option<(usize, Catch)>,
        /// Whether the mutant's site ran.
        reached: bool,
        /// Whether a case passes unmutated afterwards: no state is left behind.
        clean: bool,
    },
}
