use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::deployed::{Collect, Mpi, Serve, Submit, Work};

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

/// Run a model on messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// The model's id, or a suffix of it that no other model shares.
    pub model: String,
    /// What to run it on.
    pub messages: Messages,
    /// Under which settings.
    pub environments: Environments,
    /// Where messages that failed go, a line each; stderr if absent.
    pub rejects: Option<PathBuf>,
    /// How many threads; as many as there are cores if absent.
    pub jobs: Option<usize>,
    /// Whether outcomes of a matrix are shown as a table, and progress as a bar.
    pub terminal: bool,
    /// How messages come in.
    pub input_format: Format,
    /// How outcomes go out.
    pub output_format: Format,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON; many of them, a line each.
    #[default]
    Json,
    /// Protocol Buffers; many of them, each behind its length.
    Protobuf,
}

/// Where messages come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Messages {
    /// `message.json` in the working directory, else in the package root, else `{}`.
    #[default]
    Default,
    /// One message, as typed on the command line.
    Text(String),
    /// One message, in a file.
    File(PathBuf),
    /// One message, from standard input.
    Stdin,
    /// A message a line, from a file.
    Lines(PathBuf),
    /// A message a line, from standard input.
    StdinLines,
    /// The inputs of recorded cases whose name contains this text.
    Cases(String),
}

/// Where the variables of an environment come from, lowest first: the process (or, in its place,
/// each named environment), then files, then single settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Environments {
    /// Names of files under `fixtures/environments/`. More than one: run under each.
    pub named: Vec<String>,
    /// Files of `KEY=VALUE` lines.
    pub files: Vec<PathBuf>,
    /// Single settings.
    pub set: Vec<(String, String)>,
}

/// Keep runs as cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// The model's id, or a suffix of it that no other model shares.
    pub model: String,
    /// What to run it on.
    pub messages: Messages,
    /// Under which settings.
    pub environments: Environments,
    /// The case's name; a hash of environment and input if absent.
    pub case: Option<String>,
    /// Write all cases to one suite of this name.
    pub suite: Option<String>,
    /// Take messages and environments from a file that was captured in production, and write each
    /// model's to a suite: of the file's name if `suite` is absent. All models' if `model` is empty.
    pub from_capture: Option<PathBuf>,
    /// Record even where `CI` is set.
    pub force: bool,
    /// How messages come in; they are kept as JSON.
    pub input_format: Format,
    /// How the schema lock of the model's package is judged.
    pub schemas: Schemas,
    /// Renew the lock even over a change that breaks someone.
    pub accept_breaking: bool,
}

/// Renew existing cases from their own input and environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rerecord {
    /// The models whose cases this runner renews; all it links if empty.
    pub models: Vec<String>,
    /// Only cases whose name contains one of these; all if empty.
    pub filters: Vec<String>,
    /// Only these cases, and only to the outcomes that were shown: a file with an [`Accepted`] a
    /// line.
    pub accepted: Option<PathBuf>,
    /// Record even where `CI` is set.
    pub force: bool,
    /// How the schema locks are judged.
    pub schemas: Schemas,
    /// Renew the locks even over a change that breaks someone.
    pub accept_breaking: bool,
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

/// Replay cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Test {
    /// The models this runner replays; all it links if absent.
    pub models: Option<Vec<String>>,
    /// Only cases whose name contains one of these; all if empty.
    pub filters: Vec<String>,
    /// Filters and skips are whole names.
    pub exact: bool,
    /// Leave out cases whose name contains one of these.
    pub skip: Vec<String>,
    /// Leave out these cases, by their whole names.
    pub except: Vec<String>,
    /// How many threads; as many as there are cores if absent.
    pub jobs: Option<usize>,
    /// Stop at the first failure.
    pub fail_fast: bool,
    /// How long a case may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// Show what models print, as it comes.
    pub no_capture: bool,
    /// What this runner is to say of cases whose model is gone; nothing if absent.
    pub orphans: Option<Orphans>,
    /// Which schema locks this runner compares with the code.
    pub schemas: Schemas,
    /// A lock that wants renewing fails.
    pub locked_schema: bool,
    /// Where a line of JSON a case is written, an [`Entry`](crate::Entry); nowhere if absent.
    pub report: Option<PathBuf>,
    /// Failures are told in the report only.
    pub brief: bool,
    /// Only this part of the cases.
    pub partition: Option<Partition>,
    /// How often a case that failed is tried again.
    pub retries: u32,
    /// How often every case is run; 0 is once.
    pub repeat: u32,
    /// Run every case once more, with another time zone, locale, working directory and hash seed.
    pub check_determinism: bool,
    /// How many bytes of memory a worker may take; most of the machine's if absent.
    pub memory_limit: Option<u64>,
}

/// One of several parts that together have every case once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// By the hash of a case's name; else by its place in the order of names.
    pub hash: bool,
    /// Which part, from 1.
    pub part: u64,
    /// Of how many.
    pub parts: u64,
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

/// Which packages' types a runner compares with their schema lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schemas {
    /// The packages.
    pub packages: Vec<String>,
    /// Every model of every runner.
    pub known: Vec<String>,
    /// Of the packages, those whose models are all known: one that only the lock has is gone.
    pub whole: Vec<String>,
}

/// Print the schema of a model's messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// The model's id, or a suffix of it that no other model shares.
    pub model: String,
    /// As what.
    pub format: SchemaFormat,
}

/// How a schema is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SchemaFormat {
    /// Protocol Buffers: a `.proto` file in proto2.
    #[default]
    Proto,
    /// JSON Schema, draft 2020-12.
    JsonSchema,
    /// For people.
    Text,
}

/// How cases without a model are found: by one runner, which is told what the others link.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Orphans {
    /// Every model of every runner.
    pub known: Vec<String>,
    /// The packages whose folders under `fixtures/` are looked through; all if absent.
    pub packages: Option<Vec<String>>,
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
