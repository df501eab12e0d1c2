//! The cases that are pending, found in a report.

use athena_protocol::{Failure, FailureKind, Names};

use super::fingerprint;
use super::load::{CurrentReport, PreviousResults};
use super::rejected::RejectedCases;
use crate::display::plural;
use crate::error::{Error, Result};
use crate::options::CaseFilter;
use crate::report::{
    ClusterIndex, FailureArchive, FailurePosition, Report, StoredFailures, is_acceptable,
};

/// The most clusters that an error names.
const NAMED: usize = 5;

/// A failing case without a decision.
#[derive(Clone, Debug)]
pub(crate) struct PendingCase {
    /// `model id::case`
    pub(crate) name: String,
    /// The value of the field that tells cases apart, if the type names one.
    pub(crate) label: Option<String>,
    /// A hash of the shown differences.
    pub(crate) fingerprint: String,
    /// Whether there is an outcome to accept.
    pub(crate) acceptable: bool,
    /// The index of its cluster.
    pub(crate) cluster: usize,
    /// The position of its failure in the report.
    pub(crate) position: FailurePosition,
}

/// The pending cases of a report.
#[derive(Debug)]
pub(crate) struct PendingCases {
    /// Sorted by name.
    pub(crate) cases: Vec<PendingCase>,
    /// The number of failing cases that were rejected before.
    pub(crate) rejected: usize,
    /// The number of all cases that match the filters.
    pub(crate) known: usize,
    /// The failures of the report.
    pub(crate) archive: FailureArchive,
    /// Errors outside of cases: more cases may fail.
    pub(crate) troubles: Vec<String>,
    /// The changes since the previous run, if the cases had to run again.
    pub(crate) unseen: Option<UnseenChanges>,
}

/// Cases that fail differently than in the run that the user has seen.
#[derive(Debug)]
pub(crate) struct UnseenChanges {
    /// The reason why the cases ran again.
    pub(crate) why: String,
    pub(crate) names: Vec<String>,
}

impl PendingCases {
    /// Fails if a case changed since the user saw it.
    pub(crate) fn refuse_unseen(&self) -> Result<()> {
        let Some(UnseenChanges { why, names }) = &self.unseen else { return Ok(()) };
        let Some(first) = names.first() else { return Ok(()) };
        let more = match names.len() - 1 {
            0 => " has an outcome that is".to_owned(),
            more => format!(" and {} have outcomes that are", plural(more, "more case")),
        };
        Err(Error::usage(format!("{first}{more} not what was shown"))
            .cause(why.clone())
            .help(
                "see the current outcomes: cargo athena test; decide on them: cargo athena review",
            )
            .help("plain `cargo test` leaves no report of what it showed; nothing was changed"))
    }

    /// Fails if nothing is pending. `verb` is the action.
    pub(crate) fn refuse_none(&self, verb: &str) -> Result<()> {
        if !self.cases.is_empty() {
            return Ok(());
        }
        let error = Error::nothing(format!("there is nothing to {verb}: {}", self.none()));
        Err(match self.rejected {
            0 => error,
            _ => error.help("to decide again: cargo athena reject --undo"),
        })
    }

    /// The reason why nothing is pending.
    pub(crate) fn none(&self) -> String {
        match self.rejected {
            0 => format!("none of {} fails", plural(self.known, "case")),
            1 => "the one case that fails was rejected".to_owned(),
            rejected => format!("all {rejected} cases that fail were rejected"),
        }
    }
}

/// The reason why a case can't be accepted. `None` if it can.
pub(crate) fn why_not(failure: &Failure) -> Option<String> {
    let first = failure.reason.lines().next().unwrap_or_default();
    match failure.kind {
        _ if is_acceptable(failure) => None,
        FailureKind::Differs => Some("its outcome can't be recorded".to_owned()),
        FailureKind::Flaky => Some("its outcome differs between runs".to_owned()),
        _ if first.is_empty() => Some("it has no outcome".to_owned()),
        _ => Some(first.to_owned()),
    }
}

pub(super) fn gather(
    fresh: CurrentReport,
    which: &CaseFilter,
    rejected: &RejectedCases,
) -> Result<PendingCases> {
    let CurrentReport { report, mut failures, seen } = fresh;
    let chosen = chosen_cluster(&report, which)?;
    // The cases of a cluster are cases that fail.
    let known = if chosen.is_some() { 0 } else { others(&report, which) };
    let mut found = Collector { known, ..Collector::default() };
    let seen = seen.as_ref();
    let index = ClusterIndex::new(&report.clusters);
    while let Some(failure) = failures.next() {
        let failure = failure?;
        // A report has the clusters of all its failures.
        let cluster = index.cluster_of(&failure).unwrap_or(report.clusters.len());
        if chosen.is_none_or(|chosen| chosen == cluster) {
            found.add(&failure, cluster, &failures, (which, rejected, seen));
        }
    }
    Ok(PendingCases {
        cases: found.cases,
        rejected: found.rejected,
        known: found.known,
        archive: failures.into_archive(),
        troubles: report.troubles,
        unseen: seen.map(|seen| UnseenChanges { why: seen.why.clone(), names: found.unseen }),
    })
}

/// The index of the cluster that the filter names.
fn chosen_cluster(report: &Report, which: &CaseFilter) -> Result<Option<usize>> {
    let Some(id) = &which.cluster else { return Ok(None) };
    let at = report.clusters.iter().position(|cluster| cluster.id == *id);
    let none = || {
        let known: Vec<String> = report
            .clusters
            .iter()
            .take(NAMED)
            .map(|one| format!("{} ({} {})", one.id, one.model, one.title()))
            .collect();
        let error =
            Error::nothing(format!("no cluster of the cases that fail now has the id {id}"));
        match &known[..] {
            [] => error.help("no case fails"),
            known => error.help(format!("the clusters are: {}", known.join(", "))),
        }
    };
    at.map(Some).ok_or_else(none)
}

#[derive(Default)]
struct Collector {
    cases: Vec<PendingCase>,
    rejected: usize,
    known: usize,
    unseen: Vec<String>,
}

impl Collector {
    fn add(
        &mut self,
        failure: &Failure,
        cluster: usize,
        failures: &StoredFailures,
        (which, rejected, seen): (&CaseFilter, &RejectedCases, Option<&PreviousResults>),
    ) {
        // A broken schema is not a case.
        if failure.kind == FailureKind::Schema || !which.matches(&failure.name) {
            return;
        }
        self.known += 1;
        let fingerprint = fingerprint::failure_fingerprint(failure);
        if rejected.has(&failure.name, &fingerprint) {
            self.rejected += 1;
            return;
        }
        let acceptable = why_not(failure).is_none();
        let is_other = |seen: &PreviousResults| match seen.fingerprints.get(&failure.name) {
            Some(was) => *was != fingerprint,
            None => seen.has_passed(&failure.name),
        };
        if acceptable && seen.is_some_and(is_other) {
            self.unseen.push(failure.name.clone());
        }
        let (name, position) = (failure.name.clone(), failures.position());
        let label = failure.label.clone();
        self.cases.push(PendingCase { name, label, fingerprint, acceptable, cluster, position });
    }
}

/// The number of matching cases that did not fail.
fn others(report: &Report, which: &CaseFilter) -> usize {
    let of = |names: &Names| {
        let its = names.cases.iter().map(|case| format!("{}::{case}", names.model));
        its.filter(|name| which.matches(name)).count()
    };
    let flaky = report.flaky.iter().filter(|failure| which.matches(&failure.name)).count();
    report.passed.iter().chain(&report.skipped).map(of).sum::<usize>() + flaky
}
