//! What runs and records models.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Build;
use super::value::setting;

/// Under which variables a model runs. The process environment comes first, or in its place each
/// named environment; then files; then single settings.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub(crate) struct Environment {
    /// Set a variable; may be repeated.
    #[arg(short = 'e', long = "env", value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
    /// Set the variables of a file of KEY=VALUE lines; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Run under `fixtures/environments/NAME.env`; if repeated, under each.
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Vec<String>,
}

/// `cargo athena run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The model's id, or as much of its end as tells it from the others.
    pub(crate) model: String,
    /// The message: a file, `-` for standard input, or JSON; else `message.json` in the working
    /// directory, else in the package's root, else {}.
    #[arg(short, long, value_name = "FILE|-|JSON")]
    pub(crate) message: Option<String>,
    /// Take a message from each line of a file, or of standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["message", "case"])]
    pub(crate) messages: Option<PathBuf>,
    /// Take the inputs of recorded cases whose name contains this.
    #[arg(long, value_name = "FILTER", conflicts_with = "message")]
    pub(crate) case: Option<String>,
    /// Where messages that failed go, with line and reason; stderr by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// How many threads.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How messages come in.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) input_format: MessageFormat,
    /// How outcomes go out.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) output_format: MessageFormat,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena record`
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The model's id, or as much of its end as tells it from the others; with --from-capture, any
    /// number of them, by default all; with --rerecord, texts one of which a case's name must
    /// contain.
    #[arg(value_name = "MODEL", required_unless_present_any = ["rerecord", "from_capture"])]
    pub(crate) model: Vec<String>,
    /// The message: a file, `-` for standard input, or JSON; else `message.json` in the working
    /// directory, else in the package's root, else {}.
    #[arg(short, long, value_name = "FILE|-|JSON")]
    pub(crate) message: Option<String>,
    /// Record each line of a file, or of standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["message", "case"])]
    pub(crate) messages: Option<PathBuf>,
    /// The case's name; by default a hash of environment and message.
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// Write all cases to one file of this name, a line each.
    #[arg(long, value_name = "NAME")]
    pub(crate) suite: Option<String>,
    /// Run what was captured in production, and write each model's messages to a suite of the file's
    /// name, or of that given by --suite.
    #[arg(long, value_name = "FILE", conflicts_with_all = GIVEN)]
    pub(crate) from_capture: Option<PathBuf>,
    /// Renew existing cases from their own message and environment, and show what changes.
    #[arg(long, conflicts_with_all = RECORDING)]
    pub(crate) rerecord: bool,
    /// Record even where CI is set.
    #[arg(long)]
    pub(crate) force: bool,
    /// Renew the schema lock even over a change that breaks stored messages or old readers.
    #[arg(long)]
    pub(crate) accept_breaking: bool,
    /// How messages come in; cases keep them as JSON.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) input_format: MessageFormat,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// What has no meaning with `--rerecord`.
const RECORDING: [&str; 8] =
    ["message", "messages", "case", "suite", "from_capture", "set", "env_file", "environment"];

/// What a captured message brings along.
const GIVEN: [&str; 7] =
    ["message", "messages", "case", "input_format", "set", "env_file", "environment"];

/// How messages are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MessageFormat {
    /// JSON; many of them, a line each.
    Json,
    /// Protocol Buffers; many of them, each behind its length.
    Protobuf,
}

impl From<MessageFormat> for athena_protocol::Format {
    fn from(format: MessageFormat) -> Self {
        match format {
            MessageFormat::Json => Self::Json,
            MessageFormat::Protobuf => Self::Protobuf,
        }
    }
}
