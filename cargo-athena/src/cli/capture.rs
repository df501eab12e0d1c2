//! What keeps production's messages as cases.

use std::num::NonZeroU64;
use std::path::PathBuf;

use athena_protocol::per_million;
use clap::Args;

/// How some of what comes is kept as cases.
#[derive(Debug, Default, Args)]
pub(crate) struct CaptureArgs {
    /// Keep messages, and what came of them, as cases: a line each, added to this file.
    #[arg(long, value_name = "FILE")]
    pub(crate) capture: Option<PathBuf>,
    /// Keep this share of the messages, such as 1% or 0.05%; by default all.
    #[arg(long, value_name = "SHARE", requires = "capture", value_parser = per_million)]
    pub(crate) sample: Option<u32>,
    /// How many cases the file may have.
    #[arg(long, value_name = "N", requires = "capture")]
    pub(crate) max: Option<NonZeroU64>,
}
