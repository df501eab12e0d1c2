//! `cargo athena shrink`

use std::num::NonZeroUsize;
use std::time::Duration;

use athena_protocol::args::value;
use clap::Args;

use crate::options::BuildOptions;

/// `cargo athena shrink`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Shrink {
    /// Name of the case, `model id::case`, or a unique part of it
    pub(crate) case: String,
    /// Commit whose outcome differs from the working tree's [default: HEAD if files have changed]
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// Maximum number of inputs to try
    #[arg(long, value_name = "N", default_value = "2000", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroUsize>)]
    pub(crate) budget: NonZeroUsize,
    /// Maximum time of an input, such as 500ms or 2s
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = value::positive_duration)]
    pub(crate) timeout: Duration,
    /// Maximum memory of a model process, such as 512MB [default: four fifths of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = value::memory)]
    pub(crate) memory_limit: Option<u64>,
    /// Number of threads [default: one per core]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroUsize>)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Record the result as a case of this name
    #[arg(long, value_name = "NAME", value_parser = case_name)]
    pub(crate) record: Option<String>,
    /// Neither record the result nor ask
    #[arg(long, conflicts_with = "record")]
    pub(crate) no_record: bool,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

const AFTER: &str =
    "A case that panics, crashes or takes too long is shrunk to one that does so in \
the same way. A case that has an outcome is shrunk to one whose outcome differs, at the same place, \
between the base and the working tree. The outcome that is recorded is the working tree's.

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
