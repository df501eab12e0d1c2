//! What works on queues.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::{lease, size, time, timeout};
use super::{Build, CaptureArgs, Environment, MessageFormat};

/// `cargo athena work`
#[derive(Debug, Args)]
pub(crate) struct Work {
    /// The models' ids, or as much of their ends as tells them from the others; by default all.
    #[arg(value_name = "MODEL")]
    pub(crate) models: Vec<String>,
    /// Where messages come from: redis://HOST:PORT/KEY or `nats://HOST:PORT/SUBJECT`.
    #[arg(long, value_name = "URL")]
    pub(crate) from: String,
    /// Where outcomes go; by default beside the messages.
    #[arg(long, value_name = "URL")]
    pub(crate) to: Option<String>,
    /// A message may set variables: {"environment": {"K": "V"}} beside its fields. Secrets never.
    #[arg(long)]
    pub(crate) allow_env_override: bool,
    /// How many processes run models; by default a core each.
    #[arg(long, value_name = "N")]
    pub(crate) processes: Option<NonZeroUsize>,
    /// How many messages are held at most.
    #[arg(long, value_name = "N")]
    pub(crate) prefetch: Option<NonZeroUsize>,
    /// How often a message may fail before it is a dead letter.
    #[arg(long, value_name = "N")]
    pub(crate) attempts: Option<NonZeroU32>,
    /// How long a failed message waits for its second try; twice as long for each further.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) backoff: Option<Duration>,
    /// How long a message may take.
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,
    /// How much memory a process may take; by default its share of most of the machine's.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    /// How long a message stays with a worker that gives no sign of life.
    #[arg(long, value_name = "TIME", value_parser = lease)]
    pub(crate) lease: Option<Duration>,
    /// End once nothing is left and nothing came for so long; by default never.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) exit_when_idle: Option<Duration>,
    /// How long what has begun may go on after a signal to end.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) grace: Option<Duration>,
    /// Where counts are served over HTTP, such as 127.0.0.1:9090; by default nowhere.
    #[arg(long, value_name = "HOST:PORT")]
    pub(crate) metrics: Option<String>,
    #[command(flatten)]
    pub(crate) capture: CaptureArgs,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena submit`
#[derive(Debug, Args)]
pub(crate) struct Submit {
    /// The model's id, or as much of its end as tells it from the others.
    pub(crate) model: String,
    /// The queue: redis://HOST:PORT/KEY or `nats://HOST:PORT/SUBJECT`.
    #[arg(long, value_name = "URL")]
    pub(crate) to: String,
    /// The message: a file, `-` for standard input, or JSON; else `message.json` in the working
    /// directory, else in the package's root, else {}.
    #[arg(short, long, value_name = "FILE|-|JSON")]
    pub(crate) message: Option<String>,
    /// Take a message from each line of a file, or of standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with = "message")]
    pub(crate) messages: Option<PathBuf>,
    /// How messages come in, and go on.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) input_format: MessageFormat,
    /// Where messages go that are none of the model's, with line and reason; stderr by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena collect`
#[derive(Debug, Args)]
pub(crate) struct Collect {
    /// The queue of outcomes: redis://HOST:PORT/KEY or `nats://HOST:PORT/SUBJECT`.
    #[arg(long, value_name = "URL")]
    pub(crate) from: String,
    /// Show the dead letters of a queue of messages, and leave them there.
    #[arg(long)]
    pub(crate) dead: bool,
    /// Leave the outcomes there.
    #[arg(long)]
    pub(crate) keep: bool,
    /// How long to wait for more when none is left, unless they are left there; by default 1s.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) wait: Option<Duration>,
    /// How many at most; by default all.
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<NonZeroU64>,
    #[command(flatten)]
    pub(crate) build: Build,
}
