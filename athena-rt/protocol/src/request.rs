use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::args::{
    Collect, Mpi, Orphans, Record, Rerecord, Run, Schema, SchemaFormat, Serve, Status, Submit,
    Test, Work,
};
use crate::generation::Generate;
use crate::json_text::JsonText;
use crate::mutants::Strength;

/// A request to a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The protocol version of the sender.
    pub version: u32,
    /// The file for the reply.
    pub reply: PathBuf,
    /// Whether the output may have colours.
    #[serde(default)]
    pub color: bool,
    /// Whether only errors and outcomes are printed.
    #[serde(default)]
    pub quiet: bool,
    /// The folder of cases.
    #[serde(default)]
    pub fixtures: PathBuf,
    /// The folder for generated files, such as full diffs: `target/athena`.
    #[serde(default)]
    pub artifacts: PathBuf,
    /// The root of the model's package, where `message.json` is looked for second.
    #[serde(default)]
    pub package_root: PathBuf,
    /// The roots of the workspace's packages, by name. If there are any, the runner itself looks for
    /// the model that the verb names, and answers with all its models whether it finds it or not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, PathBuf>,
    /// Whether the command has sent a request before, other than for the list of models: what concerns all
    /// runners alike is said already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_later: bool,
    /// The verb.
    pub verb: Verb,
}

impl Request {
    /// A request of this version with every setting at its default.
    pub fn new(reply: impl Into<PathBuf>, verb: Verb) -> Self {
        Self {
            version: crate::VERSION,
            reply: reply.into(),
            color: false,
            quiet: false,
            fixtures: PathBuf::new(),
            artifacts: PathBuf::new(),
            package_root: PathBuf::new(),
            packages: BTreeMap::new(),
            is_later: false,
            verb,
        }
    }
}

/// The verbs of a runner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Describes every model.
    List,
    /// Runs a model on messages.
    Run(Run),
    /// Records runs as cases.
    Record(Record),
    /// Records existing cases again, from their own input and environment.
    Rerecord(Rerecord),
    /// Replays cases.
    Test(Test),
    /// Replays cases and reports their outcomes, whatever is recorded.
    Observe(Test),
    /// Compares outcomes that were observed.
    Compare(Compare),
    /// Searches for inputs of a model.
    Generate(Generate),
    /// Replays cases against mutants.
    Strength(Strength),
    /// Moves a model's cases to another id.
    Move(Move),
    /// Converts cases of an older format to the current one.
    Migrate(Migrate),
    /// Prints the schema of a model's messages.
    Schema(Schema),
    /// Examines the recorded cases for gaps.
    Doctor(Doctor),
    /// Serves models over HTTP and gRPC.
    Serve(Serve),
    /// Runs models on the messages of a queue.
    Work(Work),
    /// Puts messages into a queue.
    Submit(Submit),
    /// Takes outcomes out of a queue.
    Collect(Collect),
    /// Counts what is in a queue.
    QueueStatus(Status),
    /// Runs a model over the ranks of an MPI job.
    Mpi(Mpi),
}

impl Verb {
    /// The model that the verb is about, by its id or an end of it.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Run(run) => Some(&run.model),
            // Without a name it is about all of a program; a JSON Schema needs one model.
            Self::Schema(schema)
                if schema.model.is_empty() && schema.format != SchemaFormat::JsonSchema =>
            {
                None
            }
            Self::Schema(schema) => Some(&schema.model),
            Self::Submit(submit) => Some(&submit.model),
            _ => None,
        }
    }

    /// The same verb about another model.
    #[must_use]
    pub fn with_model(self, model: String) -> Self {
        match self {
            Self::Run(run) => Self::Run(Run { model, ..run }),
            Self::Schema(schema) => Self::Schema(Schema { model, ..schema }),
            Self::Submit(submit) => Self::Submit(Submit { model, ..submit }),
            other => other,
        }
    }
}

/// A case whose new outcome was shown and accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accepted {
    /// The case's name: `model id::case`.
    pub name: String,
    /// The recorded outcome that was shown; absent if it was too large.
    pub recorded: Option<JsonText>,
    /// The new outcome that was shown.
    pub now: Option<JsonText>,
    /// The hash of the new outcome.
    pub digest: String,
}

/// Compares observed outcomes, case by case, by the types of this runner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Compare {
    /// A file of [`Entry::Observed`](crate::Entry::Observed), of which the last for a case counts; the
    /// recorded outcomes if absent.
    pub old: Option<PathBuf>,
    /// Another such file; its cases are compared.
    pub new: PathBuf,
    /// The file for the [`Entry`](crate::Entry)s: `passed` are equal, `failed` differ.
    pub report: PathBuf,
    /// By model: paths at and below which differences are ignored. The empty path is the outcome as a
    /// whole, and nothing below it.
    pub masked: BTreeMap<String, Vec<String>>,
}

/// Examines the recorded cases for gaps, without running a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Doctor {
    /// The models that this runner examines.
    pub models: Vec<String>,
    /// Only models whose id contains one of these; all if empty.
    pub filters: Vec<String>,
    /// How this runner reports cases whose model is gone; not at all if absent.
    pub orphans: Option<Orphans>,
    /// Whether this runner examines the named environments.
    pub environments: bool,
    /// Whether a case whose message its model can't read is broken, and each such case is named.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub messages: bool,
}

/// Moves a model's cases to another id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Move {
    /// The current id of the cases.
    pub old: String,
    /// The new id.
    pub new: String,
}

/// Converts cases of an older format to the current one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Migrate {
    /// Only prints what would change.
    pub dry_run: bool,
}
