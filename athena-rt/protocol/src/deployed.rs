//! What a runner is asked to do in production: the verbs of the service, of the queue and of MPI.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::request::{Environments, Format, Messages};

/// Answer messages over HTTP. What is absent is as the runner has it by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Serve {
    /// The models, by id or by a suffix of it that no other model shares; all if empty.
    pub models: Vec<String>,
    /// Where to listen: `127.0.0.1:8080`.
    pub listen: Option<String>,
    /// Under which settings.
    pub environments: Environments,
    /// A message may set variables that are declared and not secret.
    pub allow_env_override: bool,
    /// A file with the certificates of TLS, in PEM.
    pub tls_cert: Option<PathBuf>,
    /// A file with their private key, in PEM.
    pub tls_key: Option<PathBuf>,
    /// A file with the bearer token that clients must bear.
    pub token_file: Option<PathBuf>,
    /// No token is needed, whatever the address.
    pub allow_anonymous: bool,
    /// How many bytes a message may have.
    pub body_limit: Option<u64>,
    /// How many messages may run at once; as many as there are cores if absent.
    pub jobs: Option<usize>,
    /// How many messages may wait to be run.
    pub queue: Option<usize>,
    /// How long a message may take, and how long a client is waited for, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// How long new requests are still taken after a signal to end, in milliseconds.
    pub grace_ms: Option<u64>,
    /// Clients are told the words of a panic.
    pub expose_panics: bool,
    /// Keep some of what comes as cases.
    pub capture: Option<Capture>,
}

/// Run models on what comes from a queue. What is absent is as the runner has it by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Work {
    /// The models, by id or by a suffix of it that no other model shares; all if empty.
    pub models: Vec<String>,
    /// Where messages come from: `redis://host:port/KEY`, `nats://host:port/SUBJECT`.
    pub from: String,
    /// Where outcomes go; beside the messages if absent.
    pub to: Option<String>,
    /// Under which settings.
    pub environments: Environments,
    /// A message may set variables that are declared and not secret.
    pub allow_env_override: bool,
    /// How many processes run models; as many as there are cores if absent.
    pub processes: Option<usize>,
    /// How many messages are held at most.
    pub prefetch: Option<usize>,
    /// How often a message may fail before it is a dead letter.
    pub attempts: Option<u32>,
    /// How long a message waits for its second try, in milliseconds; twice as long for each further.
    pub backoff_ms: Option<u64>,
    /// How long a message may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// How many bytes of memory a process may take; its share of most of the machine's if absent.
    pub memory_limit: Option<u64>,
    /// How long a message stays with a worker that gives no sign of life, in milliseconds.
    pub lease_ms: Option<u64>,
    /// End once nothing is left and nothing came for so long, in milliseconds; never if absent.
    pub exit_when_idle_ms: Option<u64>,
    /// How long what has begun may go on after a signal to end, in milliseconds.
    pub grace_ms: Option<u64>,
    /// Where counts are served over HTTP: `127.0.0.1:9090`; nowhere if absent.
    pub metrics: Option<String>,
    /// Keep some of what comes as cases.
    pub capture: Option<Capture>,
}

/// Keep some of what comes in production, with its outcome, as cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Capture {
    /// A suite, to which lines are added.
    pub file: PathBuf,
    /// Of a million messages, how many; all if absent.
    pub per_million: Option<u32>,
    /// How many lines the file may have.
    pub max: Option<u64>,
}

/// Put messages into a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Submit {
    /// The model's id, or a suffix of it that no other model shares.
    pub model: String,
    /// The messages: [`Messages::Lines`] or [`Messages::StdinLines`], or one.
    pub messages: Messages,
    /// How messages come in, and go on.
    pub input_format: Format,
    /// The queue.
    pub to: String,
    /// Where messages that are none go, a line each; stderr if absent.
    pub rejects: Option<PathBuf>,
}

/// Take outcomes out of a queue, until none is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Collect {
    /// The queue.
    pub from: String,
    /// Show the dead letters of a queue of messages, and leave them there.
    pub dead: bool,
    /// Leave the outcomes there.
    pub keep: bool,
    /// How long to wait for more when none is left, in milliseconds.
    pub wait_ms: Option<u64>,
    /// How many at most.
    pub max: Option<u64>,
}

/// Run a model on many messages, over the ranks of an MPI job. What is absent is as the runner has it
/// by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mpi {
    /// The model's id, or a suffix of it that no other model shares.
    pub model: String,
    /// A file of messages, where rank 0 is.
    pub messages: PathBuf,
    /// Where outcomes go.
    pub out: PathBuf,
    /// Where messages that fail go, a line each; stderr if absent.
    pub rejects: Option<PathBuf>,
    /// How messages come in.
    pub input_format: Format,
    /// How outcomes go out.
    pub output_format: Format,
    /// Under which settings; those of rank 0 are everyone's.
    pub environments: Environments,
    /// Outcomes may come out as they come.
    pub unordered: bool,
    /// How many ranks there must be.
    pub expect_ranks: Option<usize>,
    /// What is done is kept here; beside the outcomes if absent.
    pub journal: Option<PathBuf>,
    /// Go on where the journal ends.
    pub resume: bool,
    /// Another build of the program may have begun, or run on other ranks.
    pub allow_other_build: bool,
    /// How many threads a rank runs messages on; its cores if absent.
    pub jobs: Option<usize>,
    /// How often a message may end its process, alone, before it is rejected.
    pub crashes: Option<u32>,
    /// How long a message may take, in milliseconds; any time if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How many bytes of memory a process may take; any if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// How long a batch is to take, in milliseconds.
    pub batch_ms: Option<u64>,
    /// How many bytes a batch may have.
    pub batch_bytes: Option<u64>,
    /// How long a rank may say nothing, in milliseconds.
    pub silence_ms: Option<u64>,
    /// Whether a terminal shows how far it is.
    pub terminal: bool,
}
