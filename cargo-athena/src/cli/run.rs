//! Verbs whose flags the runner declares: `cargo athena` adds how it is built.

use std::num::{NonZeroU32, NonZeroUsize};

use athena_protocol::Mpi;
use clap::Args;

use super::forwarded::Forwarded;
use crate::options::BuildOptions;

/// The arguments of a verb that the runner has as well.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct Built<T: Args> {
    #[command(flatten)]
    pub(crate) args: T,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena mpi`
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct MpiVerb {
    #[command(flatten)]
    pub(crate) mpi: Forwarded<Mpi>,
    /// Number of ranks: one distributes the messages, all others run them
    #[arg(short = 'n', long = "ranks", value_name = "N")]
    pub(crate) ranks: NonZeroUsize,
    /// Number of times to start the job: it continues by itself when a rank or a host dies
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) attempts: NonZeroU32,
    /// Further arguments for mpirun, split as by a shell: `--hostfile hosts`
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) mpirun: Option<String>,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}
