//! What prints manifests of platforms.

use std::num::NonZeroU32;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::value::time;
use crate::kubernetes::quantity;

/// `cargo athena manifest`
#[derive(Debug, Args)]
pub(crate) struct Print {
    /// Of what.
    #[command(subcommand)]
    pub(crate) kind: ManifestKind,
}

/// What there are manifests of.
#[derive(Debug, Subcommand)]
pub(crate) enum ManifestKind {
    /// A job of the MPI Operator (`kubeflow.org/v2beta1`): a model over a file of messages, on many
    /// hosts.
    Mpijob(Box<Mpijob>),
}

/// `cargo athena manifest mpijob`
#[derive(Debug, Args)]
pub(crate) struct Mpijob {
    /// The model's id, or as much of its end as tells it from the others.
    pub(crate) model: String,
    /// The image: the runner, Open MPI and sshd, as examples/cluster builds it.
    #[arg(long, value_name = "IMAGE")]
    pub(crate) image: String,
    /// How many workers; the launcher, which deals the messages, is not among them.
    #[arg(long, value_name = "N")]
    pub(crate) workers: NonZeroU32,
    /// How many ranks a worker has. One uses all cores.
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) slots: NonZeroU32,
    /// How many cores each of them may take, and the launcher: 2, 500m.
    #[arg(long, value_name = "CORES", value_parser = quantity::cpu)]
    pub(crate) cpu: Option<String>,
    /// How much memory: 512Mi, 4Gi.
    #[arg(long, value_name = "SIZE", value_parser = quantity::memory)]
    pub(crate) memory: Option<String>,
    /// What the job is called; by default as the model.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The volume claim that has the messages, and gets journal and outcomes; by default called as
    /// the job.
    #[arg(long, value_name = "NAME")]
    pub(crate) claim: Option<String>,
    /// The file of messages on the volume.
    #[arg(long, value_name = "FILE", default_value = "messages.jsonl")]
    pub(crate) messages: String,
    /// The file of outcomes on the volume. Where it is there, the job is done.
    #[arg(long, value_name = "FILE", default_value = "outcomes.jsonl")]
    pub(crate) out: String,
    /// The file on the volume for messages that failed, with line and reason.
    #[arg(long, value_name = "FILE", default_value = "rejects.jsonl")]
    pub(crate) rejects: String,
    /// The runner in the image.
    #[arg(long, value_name = "PATH", default_value = "/usr/local/bin/runner")]
    pub(crate) runner: String,
    /// How often the launcher is started at most: it goes on where it ended.
    #[arg(long, value_name = "N", default_value = "10")]
    pub(crate) attempts: NonZeroU32,
    /// How long the job stays to be looked at once it has ended.
    #[arg(long, value_name = "TIME", default_value = "1day", value_parser = time)]
    pub(crate) keep: Duration,
    /// More for the runner's `mpi`, such as `-- --unordered -e NAME=VALUE`.
    #[arg(last = true, value_name = "WORDS")]
    pub(crate) more: Vec<String>,
}
