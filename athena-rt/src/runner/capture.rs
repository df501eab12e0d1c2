//! What can be typed to keep production's messages as cases.

use std::num::NonZeroU64;
use std::path::PathBuf;

use athena_protocol::{Capture, per_million};
use clap::Args;

#[derive(Debug, Default, Args)]
pub(super) struct CaptureArgs {
    /// Keep messages, and what came of them, as cases: a line each, added to this file.
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// Keep this share of the messages, such as 1% or 0.05% [default: 100%].
    #[arg(long, value_name = "SHARE", requires = "capture", value_parser = per_million)]
    sample: Option<u32>,
    /// How many cases the file may have.
    #[arg(long, value_name = "N", requires = "capture")]
    max: Option<NonZeroU64>,
}

impl CaptureArgs {
    /// What is to be kept, where anything is.
    pub(super) fn asked(self) -> Option<Capture> {
        let Self { capture, sample, max } = self;
        capture.map(|file| Capture { file, per_million: sample, max: max.map(Into::into) })
    }
}
