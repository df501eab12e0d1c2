//! The report of a run that has not reached its cases, so that the report of an earlier run does not
//! pass for its own.

use std::path::Path;

use athena_protocol::TestSummary;

use super::{Report, ReportInput, Selection, VERSION, assemble};
use crate::error::Result;

/// Writes a report whose one failure is the reason.
///
/// # Errors
///
/// The report can't be written.
pub(crate) fn unfinished_report(
    reason: String,
    selection: Selection,
    path: &Path,
) -> Result<Report> {
    let report = Report {
        version: VERSION,
        tool: format!("cargo-athena {}", env!("CARGO_PKG_VERSION")),
        selection,
        // As every error outside of cases.
        summary: TestSummary { cases: 1, failed: 1, ..TestSummary::default() },
        troubles: vec![reason],
        ..Report::default()
    };
    assemble(ReportInput { report, parts: &[], amended: false, root: Path::new("") }, path)
}
