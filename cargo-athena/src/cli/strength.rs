//! `cargo athena strength`

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use athena_protocol::args::value;
use clap::{Args, ValueEnum};

use super::Format;
use crate::options::BuildOptions;

/// `cargo athena strength`
#[derive(Debug, Args)]
#[command(after_help = STRENGTH)]
#[group(skip)]
pub(crate) struct StrengthVerb {
    /// Only cases whose name, `model id::case`, contains one of these texts
    #[arg(value_name = "FILTER", value_parser = value::filter)]
    pub(crate) filters: Vec<String>,
    /// Match filters and skips against whole names
    #[arg(long)]
    pub(crate) exact: bool,
    /// Skip cases whose name contains this text; may be repeated
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Only mutants on lines that differ from this commit: a branch, a tag, a hash, HEAD~3
    #[arg(long, value_name = "REV")]
    pub(crate) base: Option<String>,
    /// Fail on: missed, mutants that no case catches
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    pub(crate) deny: Vec<DeniedMutants>,
    /// Format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Write a page with the source, its reached lines and its missed mutants
    #[arg(long, value_name = "html=FILE", value_parser = page)]
    pub(crate) report: Option<PathBuf>,
    /// Really build N mutants, replay the cases, and report where the verdict is another one
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroUsize>)]
    pub(crate) verify: Option<NonZeroUsize>,
    /// Also mutate functions that use files, processes or the network
    #[arg(long)]
    pub(crate) mutate_effects: bool,
    /// Number of model processes [default: one per core]
    #[arg(short, long, value_name = "N", allow_negative_numbers = true, value_parser = value::non_zero::<NonZeroUsize>)]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Maximum time of a case under a mutant, such as 500ms or 2s [default: 10s]
    #[arg(long, value_name = "DURATION", value_parser = value::positive_duration)]
    pub(crate) timeout: Option<Duration>,
    /// Maximum memory of a model process, such as 512MB [default: 2GB]
    #[arg(long, value_name = "SIZE", value_parser = value::memory)]
    pub(crate) memory_limit: Option<u64>,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// What `--deny` of `strength` forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeniedMutants {
    /// Mutants that no case catches, reached or not
    Missed,
}

const STRENGTH: &str =
    "A mutant is a small change of the code, such as + for -. It is caught if a recorded \
case fails with it. Mutants and their names are those of cargo-mutants; all are built at once, \
under target/athena/strength/.

With -p only the code of these packages is mutated; the cases of all packages are replayed. With \
filters only functions that a selected case reaches are examined.

Exit codes: 0 success, 1 a mutant is missed and --deny missed is given, or a case fails without a \
mutant, 2 wrong usage or a broken case file, 3 the build failed, 4 no case to replay.";

/// Parses `html=FILE`.
fn page(text: &str) -> Result<PathBuf, String> {
    match text.strip_prefix("html=").filter(|file| !file.is_empty()) {
        Some(file) => Ok(file.into()),
        None => Err("it is written as html=FILE".to_owned()),
    }
}
