//! `cargo athena diff`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use athena_protocol::args::value;
use clap::Args;

use crate::options::{BuildOptions, ReportFormats};

/// `cargo athena diff`
#[derive(Debug, Args)]
#[command(after_help = DIFF)]
#[group(skip)]
pub(crate) struct Diff {
    /// Only cases whose name, `model id::case`, contains one of these texts
    #[arg(value_name = "FILTER", value_parser = value::filter)]
    pub(crate) filters: Vec<String>,
    /// Commit to compare with: a branch, a tag, a hash, HEAD~3
    #[arg(long, value_name = "REV")]
    pub(crate) base: String,
    /// Match filters and skips against whole names
    #[arg(long)]
    pub(crate) exact: bool,
    /// Skip cases whose name contains this text; may be repeated
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Run a model on each line of a file, or of standard input, instead of recorded cases
    #[arg(long, value_name = "FILE|-", requires = "model", conflicts_with_all = ["filters", "exact", "skip"])]
    pub(crate) messages: Option<PathBuf>,
    /// Model to run on the messages
    #[arg(long, value_name = "MODEL", requires = "messages")]
    pub(crate) model: Option<String>,
    /// Set a variable for the messages, over the process environment; may be repeated
    #[arg(short = 'e', long = "env", value_name = "KEY=VALUE", value_parser = value::variable, requires = "messages")]
    pub(crate) set: Vec<(String, String)>,
    /// Number of threads [default: one per core]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroUsize>)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Maximum time of a case, such as 500ms or 2s [default: 60s]
    #[arg(long, value_name = "DURATION", value_parser = value::positive_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Maximum memory of a model process, such as 512MB [default: four fifths of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = value::memory)]
    pub(crate) memory_limit: Option<u64>,
    #[command(flatten)]
    pub(crate) formats: ReportFormats,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

const DIFF: &str =
    "The working tree, as it is, is compared with REV itself, like `git diff REV`. To \
see the changes since a branch left main: --base $(git merge-base main HEAD). Inputs are the \
recorded cases of the working tree. The commit is built under target/athena/base/, which the next \
diff reuses.

Exit codes: 0 no outcome changed, 1 some outcomes changed, 2 wrong usage, an unknown commit or a \
broken case file, 3 one of the two does not build, 4 nothing to compare.";
