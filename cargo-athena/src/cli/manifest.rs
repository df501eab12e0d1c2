//! `cargo athena manifest`

use std::num::NonZeroU32;
use std::time::Duration;

use athena_protocol::args::value;
use clap::{Args, Subcommand};

use crate::kubernetes::quantity;

/// `cargo athena manifest`
#[derive(Debug, Args)]
pub(crate) struct Print {
    /// Kind of manifest
    #[command(subcommand)]
    pub(crate) kind: ManifestKind,
}

/// Kinds of manifests.
#[derive(Debug, Subcommand)]
pub(crate) enum ManifestKind {
    /// Job of the MPI Operator (`kubeflow.org/v2beta1`): a model on a file of messages, over many
    /// hosts
    Mpijob(Box<Mpijob>),
}

/// `cargo athena manifest mpijob`
#[derive(Debug, Args)]
pub(crate) struct Mpijob {
    /// Model id, or a unique suffix of it
    pub(crate) model: String,
    /// Image with the runner, Open MPI and sshd, as examples/cluster builds it
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: String,
    /// Number of workers, without the launcher, which distributes the messages
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroU32>)]
    pub(crate) workers: NonZeroU32,
    /// Number of ranks of a worker; one rank uses all cores
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroU32>)]
    pub(crate) slots: NonZeroU32,
    /// Cores of each worker and of the launcher, such as 2 or 500m
    #[arg(long, value_name = "CORES", value_parser = quantity::cpu)]
    pub(crate) cpu: Option<String>,
    /// Memory of each worker and of the launcher, such as 512Mi or 4Gi
    #[arg(long, value_name = "SIZE", value_parser = quantity::memory)]
    pub(crate) memory: Option<String>,
    /// Name of the job [default: after the model]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Volume claim for messages, journal and outcomes [default: the name of the job]
    #[arg(long, value_name = "NAME")]
    pub(crate) claim: Option<String>,
    /// File of messages on the volume
    #[arg(long, value_name = "FILE", default_value = "messages.jsonl")]
    pub(crate) messages: String,
    /// File of outcomes on the volume, created when the job is done
    #[arg(long, value_name = "FILE", default_value = "outcomes.jsonl")]
    pub(crate) out: String,
    /// File on the volume for messages that failed, with line and reason
    #[arg(long, value_name = "FILE", default_value = "rejects.jsonl")]
    pub(crate) rejects: String,
    /// Path of the runner in the image
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/runner")]
    pub(crate) runner: String,
    /// Maximum number of times to start the launcher, which continues where it ended
    #[arg(long, value_name = "N", default_value = "10", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroU32>)]
    pub(crate) attempts: NonZeroU32,
    /// Time to keep the job after it has ended
    #[arg(long, value_name = "DURATION", default_value = "1day", value_parser = value::duration)]
    pub(crate) keep: Duration,
    /// Further arguments for the runner's `mpi`, such as `-- --unordered -e KEY=VALUE`
    #[arg(last = true, value_name = "ARGS")]
    pub(crate) more: Vec<String>,
}
