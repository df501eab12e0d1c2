//! Verbs whose flags the runner declares: `cargo athena` adds how it is built.

use std::num::{NonZeroU32, NonZeroUsize};

use athena_protocol::args::value;
use athena_protocol::{Mpi, RunArgs};
use clap::{ArgMatches, Args, Command, FromArgMatches};

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

/// `cargo athena run`
#[derive(Debug)]
pub(crate) struct RunVerb {
    pub(crate) args: RunArgs,
    pub(crate) build: BuildOptions,
    /// Whether a message that the model accepts is printed, and the model does not run.
    pub(crate) example: bool,
}

/// The flag of cargo that selects an example; without a name it has the runner print a message.
const EXAMPLE: &str = "example";

impl FromArgMatches for RunVerb {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let Built { args, mut build } = Built::<RunArgs>::from_arg_matches(matches)?;
        let example = build.example.iter().any(String::is_empty);
        build.example.retain(|name| !name.is_empty());
        Ok(Self { args, build, example })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for RunVerb {
    fn augment_args(command: Command) -> Command {
        Built::<RunArgs>::augment_args(command).mut_arg(EXAMPLE, |example| {
            example.num_args(0..=1).default_missing_value("").help(
                "Print a message that the model accepts; with NAME, build only this example of cargo's",
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `cargo athena mpi`
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct MpiVerb {
    #[command(flatten)]
    pub(crate) mpi: Forwarded<Mpi>,
    /// Number of ranks: one distributes the messages, all others run them
    #[arg(short = 'n', long = "ranks", value_name = "N", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroUsize>)]
    pub(crate) ranks: NonZeroUsize,
    /// Number of times to start the job: it continues by itself when a rank or a host dies
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroU32>)]
    pub(crate) attempts: NonZeroU32,
    /// Further arguments for mpirun, split as by a shell: `--hostfile hosts`
    #[arg(long, value_name = "ARGS", allow_hyphen_values = true)]
    pub(crate) mpirun: Option<String>,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}
