//! What can be typed after `mpi`.

use std::io::IsTerminal as _;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use athena_protocol::{Environments, Format, Mpi};
use clap::Args;

use super::by_hand::{duration, format, millis, pair};
use super::serve::size;
use super::work::memory;

#[derive(Debug, Args)]
pub(super) struct TypedMpi {
    /// The model's id, or its end.
    model: String,
    /// A file of messages, a line each; only rank 0 reads it.
    #[arg(long, value_name = "FILE")]
    messages: PathBuf,
    /// Where outcomes go; it is there when the job is done.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Where messages that fail go.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// How messages come in: json or protobuf.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    input_format: Format,
    /// How outcomes go out: json or protobuf.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    output_format: Format,
    /// Set a variable, on all ranks.
    #[arg(short = 'e', long = "env", value_name = "K=V", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Set variables from a file, which rank 0 reads.
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// Use a named environment, `fixtures/environments/NAME.env`, in place of rank 0's own.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Outcomes come out as they come, not in the order of the messages.
    #[arg(long)]
    unordered: bool,
    /// Fail where there are more or fewer ranks.
    #[arg(long, value_name = "N")]
    expect_ranks: Option<NonZeroUsize>,
    /// Where what is done is kept until the job ends [default: OUT.journal].
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Go on where a job that ended early has stopped; begin where there was none.
    #[arg(long)]
    resume: bool,
    /// Go on with what another build of this program has begun, or let one run on other ranks.
    #[arg(long)]
    allow_other_build: bool,
    /// How many threads a rank runs messages on [default: its cores, or its share of the host's].
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// How often a message may crash the process it runs in, alone, before it is rejected
    /// [default: 2].
    #[arg(long, value_name = "N")]
    crashes: Option<NonZeroU32>,
    /// How long a message may take before it is rejected [default: any time].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    timeout: Option<Duration>,
    /// How much memory a process may take, such as 512MB; a message that takes more is rejected
    /// [default: any].
    #[arg(long, value_name = "SIZE", value_parser = memory)]
    memory_limit: Option<u64>,
    /// How long a batch is to take [default: 75ms].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    batch_time: Option<Duration>,
    /// How large a batch may be [default: 16MiB].
    #[arg(long, value_name = "SIZE", value_parser = size)]
    batch_size: Option<u64>,
    /// How long a rank may say nothing before the job fails [default: 60s].
    #[arg(long, value_name = "TIME", value_parser = duration)]
    silence: Option<Duration>,
}

impl From<TypedMpi> for Mpi {
    fn from(typed: TypedMpi) -> Self {
        Self {
            model: typed.model,
            messages: typed.messages,
            out: typed.out,
            rejects: typed.rejects,
            input_format: typed.input_format,
            output_format: typed.output_format,
            environments: Environments {
                named: typed.environment.into_iter().collect(),
                files: typed.env_file,
                set: typed.set,
            },
            unordered: typed.unordered,
            expect_ranks: typed.expect_ranks.map(Into::into),
            journal: typed.journal,
            resume: typed.resume,
            allow_other_build: typed.allow_other_build,
            jobs: typed.jobs.map(Into::into),
            crashes: typed.crashes.map(Into::into),
            timeout_ms: typed.timeout.map(millis),
            memory_limit: typed.memory_limit,
            batch_ms: typed.batch_time.map(millis),
            batch_bytes: typed.batch_size,
            silence_ms: typed.silence.map(millis),
            terminal: std::io::stderr().is_terminal(),
        }
    }
}
