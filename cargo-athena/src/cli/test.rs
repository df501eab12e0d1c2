//! What replays cases.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use athena_protocol::Partition;
use clap::Args;

use super::value::{partition, size, timeout};
use super::{Build, Forms};
use crate::finding_kind::{self, FindingKind};

/// `cargo athena test`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Test {
    /// Only cases whose name, `model id::case`, contains one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Filters and skips are whole names.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Leave out cases whose name contains this; may be repeated.
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// How many threads.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Stop at the first failure.
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Show what models print, as it comes.
    #[arg(long, alias = "nocapture")]
    pub(crate) no_capture: bool,
    /// How long a case may take, as in 2s or 500ms; 60s by default.
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,
    /// Replay one of several parts that together have every case once: hash:1/4 or slice:1/4.
    #[arg(long, value_name = "KIND:M/N", value_parser = partition)]
    pub(crate) partition: Option<Partition>,
    /// Try a case that failed so often again; one that then passes is flaky.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) retries: u32,
    /// Run every case so often; one that does not always pass fails.
    #[arg(long, value_name = "N", conflicts_with = "retries")]
    pub(crate) repeat: Option<NonZeroU32>,
    /// Run every case once more under another time zone, locale, working directory and hash seed.
    #[arg(long)]
    pub(crate) check_determinism: bool,
    /// How much memory a worker may take, as in 512MB; four fifths of the machine's by default.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    /// Let cases pass whose model is gone.
    #[arg(long)]
    pub(crate) allow_orphans: bool,
    /// Fail where there are: orphans, cases whose model is gone, as is the default; uncovered,
    /// models without cases, whatever the filters.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = finding_kind::test_parser())]
    pub(crate) deny: Vec<FindingKind>,
    /// Fail where a schema lock wants renewing, though nothing breaks; for builders.
    #[arg(long)]
    pub(crate) locked_schema: bool,
    #[command(flatten)]
    pub(crate) forms: Forms,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena watch`
#[derive(Debug, Args)]
#[command(after_help = WATCH)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) test: Test,
}

const WATCH: &str = "What git ignores is not watched. Ctrl-C ends it, with exit code 0 whatever \
failed. A build that fails is shown, and watched on.";
