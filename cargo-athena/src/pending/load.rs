//! Loads a report of the current code and cases: the last one, or one of a new run.

use std::collections::HashMap;
use std::path::Path;

use athena_protocol::Test;
use serde::Deserialize;

use super::passed_cases::PassedCases;
use super::{coverage, fingerprint};
use crate::advice::CASE_NAMES;
use crate::catalog::Catalog;
use crate::console::print_status;
use crate::error::{Error, Result};
use crate::gaps;
use crate::options::CaseFilter;
use crate::replay::{ReplayResult, fingerprint, replay_to};
use crate::report::{self, Report, Selection, StoredFailures};
use crate::scratch::scratch_folder;
use crate::session::Session;
use crate::style::Style;

/// The role of the report of a run that has to be made first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewReport {
    /// It becomes the last report, because its outcomes are shown.
    ReplacesLast,
    /// It is discarded, and the last report stays the one that the user has seen.
    UsedOnce,
}

/// An up-to-date report.
pub(super) struct CurrentReport {
    pub(super) report: Report,
    pub(super) failures: StoredFailures,
    /// The results of the previous report, if the cases had to run again.
    pub(super) seen: Option<PreviousResults>,
}

/// What the user has seen before.
pub(super) struct PreviousResults {
    /// The reason why it is out of date or incomplete.
    pub(super) why: String,
    /// Fingerprints of the failing cases by name.
    pub(super) fingerprints: HashMap<String, String>,
    /// The passing cases, by model.
    passed: Vec<PassedCases>,
}

/// What says whether the last report is up to date, and what passed in it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct LastReport {
    code: String,
    selection: Selection,
    troubles: Vec<String>,
    passed: Vec<PassedCases>,
}

impl PreviousResults {
    /// Whether a case passed.
    pub(super) fn has_passed(&self, name: &str) -> bool {
        self.passed.iter().any(|cases| cases.has(name))
    }
}

/// The last report if it is up to date and covers the request; otherwise one of a new run.
pub(super) fn report(
    session: &mut Session,
    catalog: &Catalog,
    which: &CaseFilter,
    keeping: NewReport,
    style: Style,
) -> Result<CurrentReport> {
    let path = report::file(&session.workspace.artifacts);
    let unreadable = || "this version can't read the last run's report".to_owned();
    let (why, last) = match report::read_as::<LastReport>(&path) {
        Ok(None) => ("no report exists yet".to_owned(), None),
        Err(_) => (unreadable(), None),
        Ok(Some((last, failures))) => match outdated(session, catalog, which, &path, &last) {
            None => match report::read(&path) {
                Ok(Some((report, failures))) => {
                    session.silence_output();
                    return Ok(CurrentReport { report, failures, seen: None });
                }
                _ => (unreadable(), None),
            },
            Some(why) => (why, Some((last, failures))),
        },
    };
    // A damaged report counts as none.
    let seen = last.and_then(|(last, failures)| seen(why.clone(), last, failures, which).ok());
    let is_quiet = session.is_quiet();
    if !is_quiet {
        print_status(&format!("{} {why}: running the cases", style.note("note:")));
    }
    session.silence_output();
    let once = scratch_folder(path.parent().unwrap_or(&path), "run-")?;
    let to = match keeping {
        NewReport::UsedOnce if seen.is_some() => once.path().join("report.json"),
        _ => path,
    };
    let test = Test { filters: which.filters.clone(), exact: which.exact, ..Test::default() };
    let ReplayResult { report: new, path, .. } =
        replay_to(to, session, catalog, &test, false, style)?;
    if !is_quiet {
        gaps::print_notes(&new.gaps, style);
    }
    let is_empty = new.summary.cases == 0;
    // It is read again, and two of a large suite are much.
    drop(new);
    // The open files stay readable when the folder is removed.
    let Some((report, failures)) = report::read(&path)? else {
        // A run without a case writes no report.
        if is_empty && !which.filters.is_empty() {
            let is = if which.exact { "is" } else { "contains" };
            let filters = which.filters.join(" or ");
            return Err(Error::nothing(format!("no case's name {is} {filters}")).help(CASE_NAMES));
        }
        return Err(Error::failure(format!("{} is gone", path.display())));
    };
    Ok(CurrentReport { report, failures, seen })
}

/// The reason why a report can't be used. `None` if it can.
fn outdated(
    session: &Session,
    catalog: &Catalog,
    which: &CaseFilter,
    path: &Path,
    report: &LastReport,
) -> Option<String> {
    if report.code != fingerprint(catalog) {
        return Some("the code changed since the last run".to_owned());
    }
    if let Some(gap) =
        coverage::gap(&report.selection, which, session.replayed_packages().as_deref())
    {
        return Some(format!("the last run had {gap}"));
    }
    if !report.troubles.is_empty() {
        return Some("the last run had errors".to_owned());
    }
    let written = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    let is_later = written.is_ok_and(|written| session.recorded_since(written));
    is_later.then(|| "the recordings changed since the last run".to_owned())
}

fn seen(
    why: String,
    last: LastReport,
    failures: StoredFailures,
    which: &CaseFilter,
) -> Result<PreviousResults> {
    let mut passed = last.passed;
    passed.iter_mut().for_each(PassedCases::sort);
    let mut fingerprints = HashMap::new();
    for failure in failures {
        let failure = failure?;
        if which.matches(&failure.name) {
            fingerprints.insert(failure.name.clone(), fingerprint::failure_fingerprint(&failure));
        }
    }
    Ok(PreviousResults { why, fingerprints, passed })
}
