//! `cargo athena shrink`

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use super::Build;
use super::value::{size, timeout};

/// `cargo athena shrink`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Shrink {
    /// The case: its name, `model id::case`, or as much of it as no other has.
    pub(crate) case: String,
    /// The commit whose outcome differs, where the model has one; HEAD where files differ from it.
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// How many inputs may be tried.
    #[arg(long, value_name = "N", default_value = "2000")]
    pub(crate) budget: NonZeroUsize,
    /// How long the model may take for one, as in 2s or 500ms.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = timeout)]
    pub(crate) timeout: Duration,
    /// How much memory a worker may take, as in 512MB; four fifths of the machine's by default.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    /// How many threads.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Record what was found as a case of this name.
    #[arg(long, value_name = "NAME", value_parser = case_name)]
    pub(crate) record: Option<String>,
    /// Record nothing, and don't ask.
    #[arg(long, conflicts_with = "record")]
    pub(crate) no_record: bool,
    #[command(flatten)]
    pub(crate) build: Build,
}

const AFTER: &str =
    "A case that panics, crashes or takes too long is shrunk to one that does so in \
the same way. One that has an outcome is shrunk to one whose outcome differs, at the same place, \
between the base and the working tree. What is recorded is what the working tree gives.

Exit codes: 0 a failing input was found, 1 the case does not fail, 2 wrong usage or a broken case \
file, 3 the build failed, 4 no case, or more than one, has this name.";

/// The name of a case that can be written on every system.
fn case_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if text.is_empty() || text.len() > 60 || !text.chars().all(is_plain) {
        return Err("a case name is made of a-z, 0-9, - and _, at most 60 of them".to_owned());
    }
    Ok(text.to_owned())
}
