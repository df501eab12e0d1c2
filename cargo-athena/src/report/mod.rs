//! The report of a test run, `target/athena/report.json`. It is written once and read by every verb
//! that shows, accepts or converts results. `docs/report.md` describes the file.

mod assemble;
mod case_input;
mod case_line;
mod cluster;
mod comparison;
mod contents;
mod describe;
pub(crate) mod diff;
mod escape;
mod failure_line;
mod failure_spool;
mod finished;
mod format;
mod github;
mod html;
mod io;
mod junit;
mod markdown;
mod matrix;
pub(crate) mod merge;
mod name_order;
mod numbers;
mod outputs;
mod read;
mod result_lines;
mod run_facts;
#[cfg(test)]
mod samples;
mod sorted_failures;
pub(crate) mod terminal;
mod unfinished;
mod workspace_location;

use std::path::{Path, PathBuf};

pub(crate) use self::assemble::{ReportBuilder, ReportInput, assemble};
pub(crate) use self::cluster::{
    ChangedPlace, Cluster, ClusterIndex, Clusters, NumberChange, is_acceptable, places,
};
pub(crate) use self::comparison::{Comparison, ComparisonCounts, ModelChanges, UnstablePath};
pub(crate) use self::contents::{ByModel, ModelCounts, Report, Selection, VERSION, add_summary};
pub(crate) use self::escape::html as escape_html;
pub(crate) use self::html::{STYLE, hash as style_hash};
pub(crate) use self::io::write_text;
pub(crate) use self::outputs::ReportOutputs;
pub(crate) use self::read::{FailureArchive, FailurePosition, StoredFailures, read, read_as};
pub(crate) use self::run_facts::RunFacts;
pub(crate) use self::unfinished::unfinished_report;

/// The file of the last run's report.
pub(crate) fn file(artifacts: &Path) -> PathBuf {
    artifacts.join("report.json")
}
