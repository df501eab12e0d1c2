//! What can be typed after `review`, `accept`, `reject` and `pending`.

use clap::Args;

use super::{Build, Format};

/// Which of the cases that failed.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Which {
    /// Only cases whose name, `model id::case`, contains one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Filters are whole names.
    #[arg(long, requires = "filters")]
    pub(crate) exact: bool,
}

/// What is needed to keep new outcomes.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct Keep {
    /// Accept even where CI is set.
    #[arg(long)]
    pub(crate) force: bool,
    /// Renew the schema lock even over a change that breaks stored messages or old readers.
    #[arg(long)]
    pub(crate) accept_breaking: bool,
}

/// `cargo athena review`
#[derive(Debug, Args)]
pub(crate) struct Review {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena accept`
#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) keep: Keep,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena reject`
#[derive(Debug, Args)]
pub(crate) struct Reject {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Forget earlier rejections: the cases are pending again.
    #[arg(long)]
    pub(crate) undo: bool,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena pending`
#[derive(Debug, Args)]
pub(crate) struct Pending {
    #[command(flatten)]
    pub(crate) which: Which,
    /// A name a line, or JSON a line with all that is known.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) build: Build,
}
