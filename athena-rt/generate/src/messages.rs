//! What the supervisor and its processes send each other, in JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use athena_core::environment::Variables;
use athena_protocol::Literals;
use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};

use crate::model_subject::FatalRun;
use crate::search::{Entry, Finding, RoundPlan, RoundResult};
use crate::select::{ExistingCase, Selection};

/// The settings of a process that searches.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SearchSettings {
    pub(crate) model: String,
    pub(crate) sites: Vec<PathBuf>,
    pub(crate) literals: Literals,
    /// The variables that every input has.
    pub(crate) base: Variables,
    /// The names of those that vary.
    pub(crate) varied: Vec<String>,
    /// Inputs of cases.
    pub(crate) seeds: Vec<StoredInput>,
    /// Runs that have ended a process.
    pub(crate) fatal: Vec<FatalRun>,
    /// Whether threads of the model run its code: each call waits for those that it begins.
    pub(crate) watches_threads: bool,
    /// Whether each run is reported before it begins.
    pub(crate) is_careful: bool,
}

/// An input as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredInput {
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
}

impl From<ModelInput> for StoredInput {
    fn from(ModelInput { env, message }: ModelInput) -> Self {
        Self { env, message }
    }
}

impl From<StoredInput> for ModelInput {
    fn from(StoredInput { env, message }: StoredInput) -> Self {
        Self { env, message }
    }
}

/// What a process is asked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum SearchRequest {
    /// Runs a part of a round, with the entries that were kept since the last one.
    Round { plan: RoundPlan, new: Vec<Entry> },
    /// Selects cases.
    Select {
        fixed: Vec<ExistingCase>,
        recorded: Vec<ExistingCase>,
        pool: Vec<StoredInput>,
        findings: Vec<Finding>,
        /// The hashed names of rejected cases.
        rejected: Vec<String>,
        most: usize,
    },
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum SearchResponse {
    Round(RoundResult),
    Selected(Selection),
    /// Threads of the model have run its code, which may have counted as code of other calls.
    Threaded,
}
