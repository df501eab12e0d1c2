//! `serve`, `work`, `submit`, `collect` and `mpi`: a runner in production. An absent value is the
//! runner's default.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(feature = "args")]
use super::value;
use super::{Environments, Format, Messages};

/// Serves models over HTTP and gRPC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Serve {
    /// Model ids, or unique suffixes of them [default: all models]
    #[cfg_attr(feature = "args", arg(value_name = "MODEL"))]
    pub models: Vec<String>,
    /// Address to listen on [default: 127.0.0.1:8080]
    #[cfg_attr(feature = "args", arg(long, value_name = "HOST:PORT"))]
    pub listen: Option<String>,
    /// The environment.
    #[cfg_attr(feature = "args", command(flatten))]
    pub environments: Environments,
    /// Let a message set variables that are not secret: {"environment": {"K": "V"}} beside its fields
    #[cfg_attr(feature = "args", arg(long))]
    pub allow_env_override: bool,
    /// Certificates for TLS, in PEM
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE", requires = "tls_key"))]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificates, in PEM
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE", requires = "tls_cert"))]
    pub tls_key: Option<PathBuf>,
    /// Require clients to send the bearer token in this file [default: the token in `ATHENA_TOKEN`]
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub token_file: Option<PathBuf>,
    /// Listen on a public address without a token
    #[cfg_attr(feature = "args", arg(long))]
    pub allow_anonymous: bool,
    /// Answer to this host, too, on a loopback address; by default to localhost only; may be repeated
    #[cfg_attr(feature = "args", arg(long = "allow-host", value_name = "NAME"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_hosts: Vec<String>,
    /// Maximum size of a message [default: 10MB]
    #[cfg_attr(feature = "args", arg(long, value_name = "SIZE", value_parser = value::size))]
    pub body_limit: Option<u64>,
    /// Number of messages that run at once [default: one per core]
    #[cfg_attr(feature = "args", arg(short, long, value_name = "N", value_parser = value::positive::<usize>))]
    pub jobs: Option<usize>,
    /// Run plain models in this number of model processes, so that an abort, an exit, a hang or the
    /// memory of one costs its request only [default: in threads of the service]
    #[cfg_attr(feature = "args", arg(long, value_name = "N", conflicts_with = "jobs", value_parser = value::positive::<usize>))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<usize>,
    /// Maximum memory of a model process [default: its share of most of the machine's]
    #[cfg_attr(feature = "args", arg(long, value_name = "SIZE", requires = "processes", value_parser = value::memory))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// Number of messages that may wait; any more are answered with 503 [default: 64]
    #[cfg_attr(feature = "args", arg(long, value_name = "N"))]
    pub queue: Option<usize>,
    /// Maximum time of a message, and of reading its request [default: 60s]
    #[cfg_attr(feature = "args", arg(long = "timeout", value_name = "DURATION", value_parser = value::positive_millis))]
    pub timeout_ms: Option<u64>,
    /// Time to accept new requests after a shutdown signal [default: 5s]
    #[cfg_attr(feature = "args", arg(long = "grace", value_name = "DURATION", value_parser = value::millis))]
    pub grace_ms: Option<u64>,
    /// Send clients the message of a panic, without secrets; otherwise only an id that the log has, too
    #[cfg_attr(feature = "args", arg(long))]
    pub expose_panics: bool,
    /// How messages are captured as cases.
    #[cfg_attr(feature = "args", command(flatten))]
    pub capture: Option<Capture>,
}

/// Runs models on the messages of a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Work {
    /// Model ids, or unique suffixes of them [default: all models]
    #[cfg_attr(feature = "args", arg(value_name = "MODEL"))]
    pub models: Vec<String>,
    /// Queue of messages, such as `sqlite:FILE?queue=NAME` or redis://HOST:PORT/KEY
    #[cfg_attr(feature = "args", arg(long, value_name = "URL"))]
    pub from: String,
    /// Queue of outcomes [default: a sibling of the queue of messages]
    #[cfg_attr(feature = "args", arg(long, value_name = "URL"))]
    pub to: Option<String>,
    /// The environment.
    #[cfg_attr(feature = "args", command(flatten))]
    pub environments: Environments,
    /// Let a message set variables that are not secret: {"environment": {"K": "V"}} beside its fields
    #[cfg_attr(feature = "args", arg(long))]
    pub allow_env_override: bool,
    /// Number of model processes [default: one per core]
    #[cfg_attr(feature = "args", arg(long, value_name = "N", value_parser = value::positive::<usize>))]
    pub processes: Option<usize>,
    /// Maximum number of messages in flight [default: 1024, fewer if they are slow or large]
    #[cfg_attr(feature = "args", arg(long, value_name = "N", value_parser = value::positive::<usize>))]
    pub prefetch: Option<usize>,
    /// Number of failed attempts after which a message is a dead letter [default: 5]
    #[cfg_attr(feature = "args", arg(long, value_name = "N", value_parser = value::positive::<u32>))]
    pub attempts: Option<u32>,
    /// Delay before a failed message is tried again, doubled after each further failure [default: 1s]
    #[cfg_attr(feature = "args", arg(long = "backoff", value_name = "DURATION", value_parser = value::millis))]
    pub backoff_ms: Option<u64>,
    /// Maximum time of a message [default: 60s]
    #[cfg_attr(feature = "args", arg(long = "timeout", value_name = "DURATION", value_parser = value::positive_millis))]
    pub timeout_ms: Option<u64>,
    /// Maximum memory of a model process [default: its share of most of the machine's]
    #[cfg_attr(feature = "args", arg(long, value_name = "SIZE", value_parser = value::memory))]
    pub memory_limit: Option<u64>,
    /// Time after which a message of an unresponsive worker is delivered to another [default: 30s]
    #[cfg_attr(feature = "args", arg(long = "lease", value_name = "DURATION", value_parser = value::positive_millis))]
    pub lease_ms: Option<u64>,
    /// Exit once the queue has been empty for this time [default: never]
    #[cfg_attr(feature = "args", arg(long = "exit-when-idle", value_name = "DURATION", value_parser = value::millis))]
    pub exit_when_idle_ms: Option<u64>,
    /// Time to finish messages in flight after a shutdown signal [default: 10s]
    #[cfg_attr(feature = "args", arg(long = "grace", value_name = "DURATION", value_parser = value::millis))]
    pub grace_ms: Option<u64>,
    /// Address to serve metrics on, such as 127.0.0.1:9090 [default: none]
    #[cfg_attr(feature = "args", arg(long, value_name = "HOST:PORT"))]
    pub metrics: Option<String>,
    /// Require the bearer token in this file for metrics [default: the token in `ATHENA_TOKEN`]
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE", requires = "metrics"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// Serve metrics on a public address without a token
    #[cfg_attr(feature = "args", arg(long, requires = "metrics"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_anonymous: bool,
    /// How messages are captured as cases.
    #[cfg_attr(feature = "args", command(flatten))]
    pub capture: Option<Capture>,
}

/// Captures messages in production, with their outcomes, as cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args))]
#[serde(default)]
pub struct Capture {
    /// Append messages and their outcomes to this file as cases, one per line
    #[cfg_attr(
        feature = "args",
        arg(long = "capture", id = "capture", value_name = "FILE", required = false)
    )]
    pub file: PathBuf,
    /// Share of the messages to capture, such as 1% or 0.05% [default: 100%]
    #[cfg_attr(feature = "args", arg(long = "sample", value_name = "SHARE", requires = "capture", value_parser = value::per_million))]
    pub per_million: Option<u32>,
    /// Maximum number of cases in the file
    #[cfg_attr(feature = "args", arg(long, value_name = "N", requires = "capture", value_parser = value::positive::<u64>))]
    pub max: Option<u64>,
}

/// Puts messages into a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Submit {
    /// Model id, or a unique suffix of it
    pub model: String,
    /// The messages: [`Messages::Lines`] or [`Messages::StdinLines`], or one.
    #[cfg_attr(feature = "args", command(flatten))]
    pub messages: Messages,
    /// Format of the messages, in the file and in the queue
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "json"))]
    pub input_format: Format,
    /// Queue of messages, such as `sqlite:FILE?queue=NAME` or redis://HOST:PORT/KEY
    #[cfg_attr(feature = "args", arg(long, value_name = "URL"))]
    pub to: String,
    /// Name of the run: the same command with the same name goes on after an interruption, and stores
    /// no message twice [default: a random name, which is printed]
    #[cfg_attr(feature = "args", arg(long, value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// File for messages that the model can't read, with line and reason [default: stderr]
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub rejects: Option<PathBuf>,
}

/// Takes outcomes out of a queue, until none is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Collect {
    /// Queue of outcomes, such as `sqlite:FILE?queue=NAME` or redis://HOST:PORT/KEY
    #[cfg_attr(feature = "args", arg(long, value_name = "URL"))]
    pub from: String,
    /// Print the dead letters of a queue of messages, and leave them there
    #[cfg_attr(feature = "args", arg(long))]
    pub dead: bool,
    /// What happens to the dead letters.
    #[cfg_attr(feature = "args", command(flatten))]
    #[serde(flatten)]
    pub letters: Letters,
    /// Leave the outcomes in the queue
    #[cfg_attr(feature = "args", arg(long))]
    pub keep: bool,
    /// Time to wait for more outcomes when the queue is empty, unless --keep is given [default: 1s]
    #[cfg_attr(feature = "args", arg(long = "wait", value_name = "DURATION", value_parser = value::millis))]
    pub wait_ms: Option<u64>,
    /// Maximum number of outcomes [default: all]
    #[cfg_attr(feature = "args", arg(long, value_name = "N", value_parser = value::positive::<u64>))]
    pub max: Option<u64>,
}

/// Chooses dead letters, and what happens to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Letters {
    /// Return dead letters to their queue, to be tried again
    #[cfg_attr(feature = "args", arg(long, requires = "dead", conflicts_with_all = ["keep", "take"]))]
    #[serde(skip_serializing_if = "is_false")]
    pub requeue: bool,
    /// Print dead letters and remove them
    #[cfg_attr(feature = "args", arg(long, requires = "dead", conflicts_with = "keep"))]
    #[serde(skip_serializing_if = "is_false")]
    pub take: bool,
    /// Print what --requeue or --take would return or remove, and change nothing
    #[cfg_attr(feature = "args", arg(long, requires = "dead"))]
    #[serde(skip_serializing_if = "is_false")]
    pub dry_run: bool,
    /// Only dead letters whose reason contains this text
    #[cfg_attr(feature = "args", arg(long, value_name = "TEXT", requires = "dead"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Only dead letters for this model: its id, or an end of it
    #[cfg_attr(feature = "args", arg(long, value_name = "MODEL", requires = "dead"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Only the dead letter with this id; may be repeated
    #[cfg_attr(feature = "args", arg(long = "id", value_name = "ID", requires = "dead"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// Only dead letters that are at least this old, such as 10m
    #[cfg_attr(feature = "args", arg(long = "older-than", value_name = "DURATION", requires = "dead", value_parser = value::millis))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older_than_ms: Option<u64>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Counts what is in a queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Status {
    /// Queue: redis://HOST:PORT/KEY, `nats://HOST:PORT/SUBJECT`, or the URL of another broker
    #[cfg_attr(feature = "args", arg(value_name = "URL"))]
    pub queue: String,
    /// Format of the output
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"]))]
    pub format: String,
}

/// Runs a model on many messages, over the ranks of an MPI job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Mpi {
    /// Model id, or a unique suffix of it
    pub model: String,
    /// File of messages, one per line; only rank 0 reads it
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub messages: PathBuf,
    /// File for outcomes, created when the job is done
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub out: PathBuf,
    /// File for messages that failed, with line and reason [default: stderr]
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub rejects: Option<PathBuf>,
    /// Format of the messages
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "json"))]
    pub input_format: Format,
    /// Format of the outcomes
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "json"))]
    pub output_format: Format,
    /// The environment; rank 0 reads it for all.
    #[cfg_attr(feature = "args", command(flatten))]
    pub environments: Environments,
    /// Write outcomes as they come, not in the order of the messages
    #[cfg_attr(feature = "args", arg(long))]
    pub unordered: bool,
    /// Fail unless the job has exactly this number of ranks
    #[cfg_attr(feature = "args", arg(long, value_name = "N", value_parser = value::positive::<usize>))]
    pub expect_ranks: Option<usize>,
    /// File for finished batches, kept until the job is done [default: OUT.journal]
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub journal: Option<PathBuf>,
    /// Continue a job that ended early; start if there is none
    #[cfg_attr(feature = "args", arg(long))]
    pub resume: bool,
    /// Continue the job of another build of the program, or run one on other ranks
    #[cfg_attr(feature = "args", arg(long))]
    pub allow_other_build: bool,
    /// Number of threads of a rank [default: its cores, or its share of the host's]
    #[cfg_attr(feature = "args", arg(short, long, value_name = "N", value_parser = value::positive::<usize>))]
    pub jobs: Option<usize>,
    /// Number of crashes, alone in its process, after which a message is rejected [default: 2]
    #[cfg_attr(feature = "args", arg(long, value_name = "N", value_parser = value::positive::<u32>))]
    pub crashes: Option<u32>,
    /// Maximum time of a message, which is rejected if it takes longer [default: none]
    #[cfg_attr(
        feature = "args",
        arg(long = "timeout", value_name = "DURATION", value_parser = value::positive_millis)
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// Maximum memory of a rank's model process; a message that takes more is rejected
    /// [default: none]
    #[cfg_attr(feature = "args", arg(long, value_name = "SIZE", value_parser = value::memory))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// Target time of a batch [default: 75ms]
    #[cfg_attr(feature = "args", arg(long = "batch-time", value_name = "DURATION", value_parser = value::positive_millis))]
    pub batch_ms: Option<u64>,
    /// Maximum size of a batch [default: 16MiB]
    #[cfg_attr(feature = "args", arg(long = "batch-size", value_name = "SIZE", value_parser = value::size))]
    pub batch_bytes: Option<u64>,
    /// Time after which the job fails if a rank is unresponsive [default: 60s]
    #[cfg_attr(feature = "args", arg(long = "heartbeat-timeout", alias = "silence", value_name = "DURATION", value_parser = value::positive_millis))]
    #[serde(rename = "silence_ms")]
    pub heartbeat_timeout_ms: Option<u64>,
    /// Whether a terminal shows the progress.
    #[cfg_attr(feature = "args", arg(skip))]
    pub terminal: bool,
}
