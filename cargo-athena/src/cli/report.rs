//! `cargo athena report`, and the flags of verbs that write reports.

use std::path::PathBuf;

use athena_protocol::args::value;
use clap::builder::PossibleValue;
use clap::{Args, Subcommand, ValueEnum};

use super::ReportLocation;
use super::convert::read_as;
use crate::options::{FailureDisplay, ReportFormats, ReportKind};

read_as! {
    ReportFormatArgs => ReportFormats,
}

/// `cargo athena report`
#[derive(Debug, Args)]
pub(crate) struct ReportCommand {
    /// Operation
    #[command(subcommand)]
    pub(crate) verb: ReportVerb,
}

/// Operations on reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// Show every failure of the last run in full
    Show(Show),
    /// Merge the reports of partitions
    Merge(Merge),
}

/// `cargo athena report show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Only cases whose name, `model id::case`, contains one of these texts
    #[arg(value_name = "FILTER", value_parser = value::filter)]
    pub(crate) filters: Vec<String>,
    /// Match filters against whole names
    #[arg(long, requires = "filters")]
    pub(crate) exact: bool,
    /// Report to show [default: that of the last run]
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) location: ReportLocation,
}

/// `cargo athena report merge`
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// Reports of the partitions, as `--report json=FILE` writes them
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// File for the merged report [default: that of the last run]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) formats: ReportFormats,
    #[command(flatten)]
    pub(crate) location: ReportLocation,
}

/// The flags that write a report.
#[derive(Debug, Args)]
#[group(skip)]
struct ReportFormatArgs {
    /// Write the report to a file as junit, markdown, html or json; may be repeated
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',', value_parser = report_file)]
    report: Vec<(ReportKind, PathBuf)>,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: FailureDisplay,
}

impl From<ReportFormatArgs> for ReportFormats {
    fn from(ReportFormatArgs { report, format }: ReportFormatArgs) -> Self {
        Self { files: report, display: format }
    }
}

impl ValueEnum for FailureDisplay {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Github]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Text => PossibleValue::new("text").help("Plain text"),
            Self::Github => {
                PossibleValue::new("github").help("Also GitHub's annotations and step summary")
            }
        })
    }
}

fn report_file(text: &str) -> Result<(ReportKind, PathBuf), String> {
    let kinds = || ReportKind::ALL.map(ReportKind::name);
    let Some((name, file)) = text.split_once('=') else {
        let kinds = kinds().join(", ");
        return Err(format!("write it as KIND=FILE, where KIND is one of {kinds}"));
    };
    match ReportKind::ALL.into_iter().find(|kind| kind.name() == name) {
        None => {
            let kinds = kinds().join(", ");
            Err(format!("`{name}` is not a kind of report; the kinds are {kinds}"))
        }
        Some(_) if file.is_empty() => Err(format!("name the file: {name}=FILE")),
        Some(kind) => Ok((kind, file.into())),
    }
}
