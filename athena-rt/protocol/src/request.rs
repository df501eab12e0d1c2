use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::args::{
    Collect, Mpi, Orphans, Record, Rerecord, Run, Schema, Serve, Submit, Test, Work,
};

/// What a runner is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The protocol version of the side that asks.
    pub version: u32,
    /// Where the reply is to be written.
    pub reply: PathBuf,
    /// Whether what is printed may have colours.
    #[serde(default)]
    pub color: bool,
    /// Whether only errors and outcomes are printed.
    #[serde(default)]
    pub quiet: bool,
    /// The folder of cases.
    #[serde(default)]
    pub fixtures: PathBuf,
    /// The folder for what a run leaves behind, full diffs for one: `target/athena`.
    #[serde(default)]
    pub artifacts: PathBuf,
    /// The root of the model's package: the second place where `message.json` is looked for.
    #[serde(default)]
    pub package_root: PathBuf,
    /// The roots of the workspace's packages, by name. If there are any, the runner itself looks for
    /// the model that the verb names, and answers with all its models whether it finds it or not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, PathBuf>,
    /// What to do.
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
            verb,
        }
    }
}

/// The verbs a runner knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Describe every model.
    List,
    /// Run a model on messages.
    Run(Run),
    /// Keep runs as cases.
    Record(Record),
    /// Renew existing cases from their own input and environment.
    Rerecord(Rerecord),
    /// Replay cases.
    Test(Test),
    /// Replay cases and note what comes out, whatever is recorded.
    Observe(Test),
    /// Compare outcomes that were noted.
    Compare(Compare),
    /// Rename a model's cases.
    Move(Move),
    /// Bring cases of an older format up to this one.
    Migrate(Migrate),
    /// Print the schema of a model's messages.
    Schema(Schema),
    /// Look at the health of the recordings.
    Doctor(Doctor),
    /// Answer messages over HTTP.
    Serve(Serve),
    /// Run models on what comes from a queue.
    Work(Work),
    /// Put messages into a queue.
    Submit(Submit),
    /// Take outcomes out of a queue.
    Collect(Collect),
    /// Run a model over the ranks of an MPI job.
    Mpi(Mpi),
}

impl Verb {
    /// The model that the verb is about, by its id or an end of it.
    pub fn model(&self) -> Option<&str> {
        match self {
            Self::Run(run) => Some(&run.model),
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

/// A case whose outcome was shown and is to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Accepted {
    /// The case's name: `model id::case`.
    pub name: String,
    /// The recorded outcome that was shown, where it was small enough to be.
    pub recorded: Option<serde_json::Value>,
    /// The outcome that was shown.
    pub now: Option<serde_json::Value>,
    /// Its hash.
    pub digest: String,
}

/// Compare outcomes that were noted, case by case, by the types of this runner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Compare {
    /// A file of [`Entry::Observed`](crate::Entry::Observed); of several entries for one case the
    /// last counts. Absent: what the cases have recorded.
    pub old: Option<PathBuf>,
    /// Another; its cases are those compared.
    pub new: PathBuf,
    /// Where the [`Entry`](crate::Entry)s go: `passed` are the same, `failed` differ.
    pub report: PathBuf,
    /// By model: paths at which, and below which, a difference is none. The empty path is the
    /// outcome as a whole, and nothing below it.
    pub masked: BTreeMap<String, Vec<String>>,
}

/// Look at the health of the recordings; no model is run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Doctor {
    /// The models this runner answers for.
    pub models: Vec<String>,
    /// Only models whose id contains one of these; all if empty.
    pub filters: Vec<String>,
    /// What this runner is to say of cases whose model is gone; nothing if absent.
    pub orphans: Option<Orphans>,
    /// Whether this runner looks at the named environments.
    pub environments: bool,
}

/// Rename a model's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Move {
    /// The id the cases have now.
    pub old: String,
    /// The id they are to have.
    pub new: String,
}

/// Bring cases of an older format up to this one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Migrate {
    /// Say what would change, and change nothing.
    pub dry_run: bool,
}
