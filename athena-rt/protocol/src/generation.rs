//! Cases that are generated: the request to search for inputs, and what was found.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::args::Environments;

/// Literals of the source code: what inputs are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Literals {
    /// Texts and characters.
    pub texts: Vec<String>,
    /// Integers, in decimal digits.
    pub integers: Vec<String>,
    /// Floats, as Rust writes them.
    pub floats: Vec<String>,
}

/// Searches for inputs of a model. Writes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Generate {
    /// The model's id.
    pub model: String,
    /// The same seed finds the same inputs.
    pub seed: u64,
    /// The maximum number of generated cases in the suite.
    pub cases: u64,
    /// Multiplies the number of model runs.
    pub effort: u64,
    /// The suite that the cases are for.
    pub suite: String,
    /// The variables that every input has. The process environment is not read.
    pub environments: Environments,
    /// The files of [`RewrittenCrate`](crate::RewrittenCrate)s that the runner links; none if it is not
    /// rewritten.
    pub sites: Vec<PathBuf>,
    /// Literals of the source code.
    pub literals: Literals,
    /// The maximum time of one run.
    pub timeout_ms: Option<u64>,
    /// The number of processes that search at once; one per core if absent. The result is the same.
    pub jobs: Option<usize>,
    /// The maximum memory of a process, in bytes.
    pub memory_limit: Option<u64>,
    /// Only check the request: the environments, the suite, the recorded cases and the model's type. Nothing is
    /// searched for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub check_only: bool,
}

/// The inputs that were found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Generated {
    /// New cases for the suite.
    pub cases: Vec<GeneratedCase>,
    /// Inputs that have no outcome.
    pub findings: Vec<GenerationFinding>,
    /// Generated cases of the suite that catch nothing that others do not, by name.
    pub unneeded: Vec<String>,
    /// The names, `model id::case`, of recorded cases that fail before the search. They catch nothing.
    pub failing: Vec<String>,
    /// The generated cases that the suite has.
    pub recorded: u64,
    /// The mutants that an input of the model reaches.
    pub reached: u64,
    /// Those that a case catches: recorded or new.
    pub caught: u64,
    /// The number of runs.
    pub runs: u64,
    /// Whether an outcome depended on earlier calls, or on chance: what is caught is uncertain.
    pub keeps_state: bool,
    /// Whether threads of the model work on after it has returned: what they run is in no verdict.
    pub leaves_threads: bool,
    /// Whether the time limit ended the search: the result may differ on another machine.
    pub out_of_time: bool,
}

/// A case that is to be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedCase {
    /// Its name in the suite.
    pub name: String,
    /// The variables that are set.
    pub env: BTreeMap<String, String>,
    /// The message, as JSON.
    pub input: String,
    /// Why the case exists: `catches < for <= in jaro: i <= upper`.
    pub reason: String,
    /// What the model returned in the search, as a case states it. If it returns something else when it is recorded, the
    /// outcome does not depend on the input alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// An input without an outcome that could be recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenerationFinding {
    /// The variables that are set.
    pub env: BTreeMap<String, String>,
    /// The message, as JSON.
    pub input: String,
    /// What happens: `the model panicked: ..`.
    pub reason: String,
}

/// What is to be written to a suite of generated cases: the content of the file of
/// [`Record::generated`](crate::Record::generated).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GeneratedSuite {
    /// New cases.
    pub cases: Vec<GeneratedCase>,
    /// The names of generated cases that are removed.
    pub removed: Vec<String>,
    /// The names of generated cases that are removed and never generated again.
    pub rejected: Vec<String>,
}
