//! The fields of a report.

use std::collections::BTreeMap;

use athena_protocol::{Failure, Names, Partition, SchemaCheck, TestSummary};
use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::comparison::Comparison;
use super::name_order::name_order;
use super::run_facts::RunFacts;
use crate::findings::DoctorReport;
use crate::gaps::Gap;

/// The version of the file. It increases when an old reader could misread a new file.
pub(crate) const VERSION: u32 = 2;

/// All of a report except its failures, which may be too many for memory:
/// [`StoredFailures`](super::StoredFailures) reads them one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Report {
    /// The [`VERSION`] of the writer.
    pub(crate) version: u32,
    /// The program that wrote it: `cargo-athena 0.1.0`.
    pub(crate) tool: String,
    /// A hash of the runners.
    pub(crate) code: String,
    /// A hash of the sources and of the lock file, which is the same on every machine.
    pub(crate) sources: String,
    /// When and where it ran. `None` if it is not that of one run, as for merged partitions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run: Option<RunFacts>,
    /// The cases that were selected.
    pub(crate) selection: Selection,
    /// The partitions that were merged.
    pub(crate) merged: Vec<Partition>,
    pub(crate) summary: TestSummary,
    /// Sorted by id.
    pub(crate) models: Vec<ModelCounts>,
    /// The failures in groups, the largest first.
    pub(crate) clusters: Vec<Cluster>,
    /// The schema locks that were checked.
    pub(crate) schemas: Vec<SchemaCheck>,
    /// Errors outside of cases.
    pub(crate) troubles: Vec<String>,
    /// What was not replayed, though it could have models or cases.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) gaps: Vec<Gap>,
    /// Cases that passed, by model.
    pub(crate) passed: Vec<Names>,
    /// Cases that were selected and not run, by model.
    pub(crate) skipped: Vec<Names>,
    /// Cases that failed, and passed when they were retried.
    pub(crate) flaky: Vec<Failure>,
    /// The comparison, in a report of `cargo athena diff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comparison: Option<Comparison>,
    /// What the cases lack. Known only right after a run in which all is well, for its page.
    #[serde(skip)]
    pub(crate) findings: Option<DoctorReport>,
}

/// The cases that a run selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Selection {
    /// Texts of which a name must contain at least one.
    pub(crate) filters: Vec<String>,
    /// Whether the filters are whole names.
    pub(crate) exact: bool,
    /// Texts that a name must not contain.
    pub(crate) skip: Vec<String>,
    /// The partition.
    pub(crate) partition: Option<Partition>,
    /// The selected packages. `None` means all of the workspace.
    pub(crate) packages: Option<Vec<String>>,
    /// Whether targets were selected, or the run stopped at the first failure.
    pub(crate) narrowed: bool,
}

/// The counts of a model's cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ModelCounts {
    pub(crate) id: String,
    /// The source file as the compiler saw it. Empty for a model that no longer exists.
    pub(crate) file: String,
    /// The line of the function.
    pub(crate) line: u32,
    /// The key of the input's field that tells cases apart, if the type names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    pub(crate) flaky: u64,
    /// How long its cases took together, in microseconds, comparison included; 0 if that is not known.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) micros: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Report {
    /// Whether cases were replayed and all is well.
    pub(crate) fn is_green(&self) -> bool {
        let total = &self.summary;
        total.cases > 0
            && total.failed + total.schemas_failed == 0
            && self.clusters.is_empty()
            && self.troubles.is_empty()
    }

    /// The command that accepts a cluster. `None` if it has no outcomes to accept, or if they were not
    /// compared with what is recorded.
    pub(crate) fn accept_command(&self, cluster: &Cluster) -> Option<String> {
        cluster.accept_command().filter(|_| self.comparison.is_none())
    }
}

impl Selection {
    /// Whether no case of the selected packages is left out.
    pub(crate) fn is_of_all_cases(&self) -> bool {
        self.filters.is_empty() && self.skip.is_empty() && self.partition.is_none()
    }

    /// Whether all cases were selected.
    pub(crate) fn is_whole(&self) -> bool {
        self.is_of_all_cases() && self.packages.is_none() && !self.narrowed
    }
}

/// Collects names by model.
#[derive(Debug, Default)]
pub(crate) struct ByModel(BTreeMap<String, Vec<(String, Option<u64>)>>);

impl ByModel {
    pub(crate) fn add(&mut self, names: Names) {
        let mut micros = names.micros.into_iter();
        let timed = names.cases.into_iter().map(|case| (case, micros.next()));
        self.0.entry(names.model).or_default().extend(timed);
    }

    /// Sorted by model and by name.
    pub(crate) fn sorted(self) -> Vec<Names> {
        self.0
            .into_iter()
            .map(|(model, cases)| {
                let order = name_order(cases.len(), |at| &cases[at].0);
                // Either all times are known or none is used.
                let micros: Option<Vec<u64>> = order.iter().map(|at| cases[*at].1).collect();
                let mut cases: Vec<String> = cases.into_iter().map(|(case, _)| case).collect();
                let cases = order.into_iter().map(|at| std::mem::take(&mut cases[at])).collect();
                Names { model, cases, micros: micros.unwrap_or_default() }
            })
            .collect()
    }
}

/// Adds one runner's counts to the total.
pub(crate) fn add_summary(total: &mut TestSummary, one: TestSummary) {
    total.cases += one.cases;
    total.passed += one.passed;
    total.failed += one.failed;
    total.skipped += one.skipped;
    total.flaky += one.flaky;
    total.known += one.known;
    total.known_failures.extend(one.known_failures);
    total.filtered += one.filtered;
    total.in_other_parts += one.in_other_parts;
    total.broken += one.broken;
    total.orphans += one.orphans;
    total.models_without_cases.extend(one.models_without_cases);
    total.schemas += one.schemas;
    total.schemas_failed += one.schemas_failed;
    // Rounds of one run, and runners that link one package, have the same notes.
    let add = |all: &mut Vec<String>, notes: Vec<String>| {
        for note in notes {
            if !all.contains(&note) {
                all.push(note);
            }
        }
    };
    add(&mut total.schema_notes, one.schema_notes);
    add(&mut total.vacuous, one.vacuous);
    total.nearest.extend(one.nearest);
}
