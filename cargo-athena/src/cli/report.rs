//! What is done with the report of a run, and in which forms it comes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Place;

/// `cargo athena report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) verb: ReportVerb,
}

/// What is done with reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// Show every failure of the last run, whole.
    Show(Show),
    /// Make one report of those of partitions.
    Merge(Merge),
}

/// `cargo athena report show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Only cases whose name, `model id::case`, contains one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Filters are whole names.
    #[arg(long, requires = "filters")]
    pub(crate) exact: bool,
    /// Another report than that of the last run.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// `cargo athena report merge`
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The reports, as `--report json=FILE` writes them: one a partition.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where the merged report goes; by default it becomes that of the last run.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) forms: Forms,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// In which forms the report of a run is given, beside `target/athena/report.json`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Forms {
    /// Write the report as junit, markdown, html or json to a file; may be repeated.
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',', value_parser = report_file)]
    pub(crate) report: Vec<(ReportKind, PathBuf)>,
    /// For people, or also as GitHub's annotations and step summary.
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub(crate) format: TestFormat,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportKind {
    /// `JUnit`'s XML, which builders read.
    Junit,
    /// A summary for a comment.
    Markdown,
    /// A page that has everything in it.
    Html,
    /// The report itself.
    Json,
}

impl ReportKind {
    /// As it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// How failures are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    Text,
    /// Also as annotations and step summary on GitHub.
    Github,
}

fn report_file(text: &str) -> Result<(ReportKind, PathBuf), String> {
    let kinds = || ReportKind::value_variants().iter().map(|kind| kind.name());
    let Some((name, file)) = text.split_once('=') else {
        let kinds = kinds().collect::<Vec<_>>().join(", ");
        return Err(format!("write it as KIND=FILE, where KIND is one of {kinds}"));
    };
    match ReportKind::value_variants().iter().find(|kind| kind.name() == name) {
        None => {
            let kinds = kinds().collect::<Vec<_>>().join(", ");
            Err(format!("`{name}` is no kind of report: there are {kinds}"))
        }
        Some(_) if file.is_empty() => Err(format!("name the file: {name}=FILE")),
        Some(kind) => Ok((*kind, file.into())),
    }
}
