//! `cargo athena diff`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::value::{setting, size, timeout};
use super::{Build, Forms};

/// `cargo athena diff`
#[derive(Debug, Args)]
#[command(after_help = DIFF)]
pub(crate) struct Diff {
    /// Only cases whose name, `model id::case`, contains one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// The commit to compare with: a branch, a tag, a hash, HEAD~3.
    #[arg(long, value_name = "REV")]
    pub(crate) base: String,
    /// Filters and skips are whole names.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Leave out cases whose name contains this; may be repeated.
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Run a model on each line of a file, or of standard input, in place of recorded cases.
    #[arg(long, value_name = "FILE|-", requires = "model", conflicts_with_all = ["filters", "exact", "skip"])]
    pub(crate) messages: Option<PathBuf>,
    /// The model that takes these messages.
    #[arg(long, value_name = "MODEL", requires = "messages")]
    pub(crate) model: Option<String>,
    /// Set a variable for these messages; may be repeated. The process environment comes first.
    #[arg(short = 'e', long = "env", value_name = "KEY=VALUE", value_parser = setting, requires = "messages")]
    pub(crate) set: Vec<(String, String)>,
    /// How many threads.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How long a case may take, as in 2s or 500ms; 60s by default.
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,
    /// How much memory a worker may take, as in 512MB; four fifths of the machine's by default.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    #[command(flatten)]
    pub(crate) forms: Forms,
    #[command(flatten)]
    pub(crate) build: Build,
}

const DIFF: &str = "REV itself is compared with, as `git diff REV` has it. For what a branch did since \
it left main: --base $(git merge-base main HEAD). Head is the working tree as it stands; inputs are \
its recorded cases. The commit is built under target/athena/base/, which the next diff reuses.

Exit codes: 0 no outcome changed, 1 some did, 2 wrong usage, an unknown commit or a broken case \
file, 3 one of the two does not build, 4 nothing to compare.";
