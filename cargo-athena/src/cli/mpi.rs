//! What runs a model over the ranks of an MPI job.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::{bytes, time};
use super::{Build, Environment, MessageFormat};

/// `cargo athena mpi`
#[derive(Debug, Args)]
pub(crate) struct Mpi {
    /// The model's id, or as much of its end as tells it from the others.
    pub(crate) model: String,
    /// How many ranks: one deals the messages, all others run them.
    #[arg(short = 'n', long = "ranks", value_name = "N")]
    pub(crate) ranks: NonZeroUsize,
    /// A file of messages, a line each.
    #[arg(long, value_name = "FILE")]
    pub(crate) messages: PathBuf,
    /// Where outcomes go; the file is there when the job is done.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Where messages that failed go, with line and reason; stderr by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// How messages come in.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) input_format: MessageFormat,
    /// How outcomes go out.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) output_format: MessageFormat,
    /// Outcomes come out as they come, not in the order of the messages.
    #[arg(long)]
    pub(crate) unordered: bool,
    /// Where what is done is kept until the job ends; OUT.journal by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) journal: Option<PathBuf>,
    /// Go on where a job that ended early has stopped; begin where there was none.
    #[arg(long)]
    pub(crate) resume: bool,
    /// Go on with what another build of the program has begun.
    #[arg(long)]
    pub(crate) allow_other_build: bool,
    /// How often the job is started: it goes on by itself when a rank or a host dies.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) attempts: NonZeroU32,
    /// How many threads a rank runs messages on; by default its cores.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How often a message may crash the process it runs in, alone, before it is rejected; by
    /// default twice.
    #[arg(long, value_name = "N")]
    pub(crate) crashes: Option<NonZeroU32>,
    /// How long a message may take before it is rejected; by default any time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) timeout: Option<Duration>,
    /// How much memory a process may take, such as 512MB; a message that takes more is rejected.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) memory_limit: Option<u64>,
    /// How long a batch is to take; by default 75ms.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) batch_time: Option<Duration>,
    /// How large a batch may be; by default 16MiB.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) batch_size: Option<u64>,
    /// How long a rank may say nothing before the job fails; by default 60s.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) silence: Option<Duration>,
    /// More words for mpirun, as a shell splits them: `--hostfile hosts`.
    #[arg(long, value_name = "WORDS", allow_hyphen_values = true)]
    pub(crate) mpirun: Option<String>,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}
