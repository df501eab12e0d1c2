//! Verbs that decide on cases that failed: `review`, `accept`, `reject`, `pending`.

use athena_protocol::args::value;
use clap::Args;

use super::Format;
use super::convert::read_as;
use crate::options::{AcceptOptions, BuildOptions, CaseFilter};

read_as! {
    CaseFilterArgs => CaseFilter,
    AcceptArgs => AcceptOptions,
}

#[derive(Debug, Args)]
#[group(skip)]
struct CaseFilterArgs {
    /// Only cases whose name, `model id::case`, contains one of these texts
    #[arg(value_name = "FILTER", value_parser = value::filter)]
    filters: Vec<String>,
    /// Match filters against whole names
    #[arg(long, requires = "filters")]
    exact: bool,
    /// Only cases of this cluster, as `cargo athena test` and every report name it
    #[arg(long, value_name = "ID")]
    cluster: Option<String>,
}

impl From<CaseFilterArgs> for CaseFilter {
    fn from(CaseFilterArgs { filters, exact, cluster }: CaseFilterArgs) -> Self {
        Self { filters, exact, cluster }
    }
}

#[derive(Debug, Args)]
#[group(skip)]
struct AcceptArgs {
    /// Accept even if CI is set
    #[arg(long)]
    force: bool,
    /// Update the schema lock even if the change breaks stored messages or old readers
    #[arg(long)]
    accept_breaking: bool,
}

impl From<AcceptArgs> for AcceptOptions {
    fn from(AcceptArgs { force, accept_breaking }: AcceptArgs) -> Self {
        Self { force, accept_breaking }
    }
}

/// `cargo athena review`
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) filter: CaseFilter,
    #[command(flatten)]
    pub(crate) accept: AcceptOptions,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena accept`
#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    pub(crate) filter: CaseFilter,
    #[command(flatten)]
    pub(crate) accept: AcceptOptions,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena reject`
#[derive(Debug, Args)]
pub(crate) struct Reject {
    #[command(flatten)]
    pub(crate) filter: CaseFilter,
    /// Undo earlier rejections, so that the cases are pending again
    #[arg(long, conflicts_with = "cluster")]
    pub(crate) undo: bool,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena pending`
#[derive(Debug, Args)]
pub(crate) struct Pending {
    #[command(flatten)]
    pub(crate) filter: CaseFilter,
    /// Output format: one name or one JSON object per line
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}
