//! Verbs that replay cases.

use athena_protocol::Test;
use clap::Args;

use super::deny;
use crate::finding_kind::FindingKind;
use crate::options::{BuildOptions, ReportFormats};

/// `cargo athena test`
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct TestVerb {
    #[command(flatten)]
    pub(crate) test: Test,
    /// Allow cases whose model is gone
    #[arg(long)]
    pub(crate) allow_orphans: bool,
    /// Fail on orphans (cases without a model; the default), uncovered (models without cases), unbuilt
    /// (targets left out by features), unlinked (models that no program links), vacuous (comparisons
    /// that can't fail) or all; filters hide none of them
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = deny::test_parser())]
    pub(crate) deny: Vec<FindingKind>,
    #[command(flatten)]
    pub(crate) formats: ReportFormats,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena watch`
#[derive(Debug, Args)]
#[command(after_help = WATCH)]
#[group(skip)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) test: TestVerb,
}

const WATCH: &str = "Files that git ignores are watched only if they are cases or a build reads them; \
what a model reads outside of the workspace is not watched. Ctrl-C ends the watch with exit code 0. \
A build that fails is shown, and the watch goes on.";
