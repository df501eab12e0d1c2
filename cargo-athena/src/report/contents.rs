//! The fields of a report.

use std::collections::BTreeMap;

use athena_protocol::{Failure, Names, Partition, SchemaCheck, TestSummary};
use serde::{Deserialize, Serialize};

use super::cluster::Cluster;
use super::comparison::Comparison;

/// The version of the file. It grows when an old reader could misread a new file.
pub(crate) const VERSION: u32 = 1;

/// All of a report but its failures, of which there may be more than memory should hold:
/// [`StoredFailures`](super::StoredFailures) reads them one by one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Report {
    /// [`VERSION`] of the one who wrote it.
    pub(crate) version: u32,
    /// Which program wrote it: `cargo-athena 0.1.0`.
    pub(crate) tool: String,
    /// What was run, by hash: other runners, another fingerprint.
    pub(crate) code: String,
    /// What was asked for.
    pub(crate) selection: Selection,
    /// The parts that were put together, where it was.
    pub(crate) merged: Vec<Partition>,
    /// The counts.
    pub(crate) summary: TestSummary,
    /// The models, sorted by id.
    pub(crate) models: Vec<ModelCounts>,
    /// What failed, grouped; the largest group first.
    pub(crate) clusters: Vec<Cluster>,
    /// Schema locks that were compared.
    pub(crate) schemas: Vec<SchemaCheck>,
    /// What went wrong beside any case.
    pub(crate) troubles: Vec<String>,
    /// Cases that passed, by model.
    pub(crate) passed: Vec<Names>,
    /// Cases that were selected and not run, by model.
    pub(crate) skipped: Vec<Names>,
    /// Cases that failed, and passed when they were tried again.
    pub(crate) flaky: Vec<Failure>,
    /// What was compared, where the report is one of `cargo athena diff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comparison: Option<Comparison>,
}

/// Which cases a run was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Selection {
    /// Texts, one of which a name must contain.
    pub(crate) filters: Vec<String>,
    /// Whether these are whole names.
    pub(crate) exact: bool,
    /// Texts that a name must not contain.
    pub(crate) skip: Vec<String>,
    /// Which part of them.
    pub(crate) partition: Option<Partition>,
    /// The packages that were selected; all of the workspace's if absent.
    pub(crate) packages: Option<Vec<String>>,
    /// Whether targets were picked by hand, or the run stopped at the first failure.
    pub(crate) narrowed: bool,
}

/// How a model's cases did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ModelCounts {
    /// Its id.
    pub(crate) id: String,
    /// The source file, as the compiler saw it; empty for a model that is gone.
    pub(crate) file: String,
    /// The line of the function.
    pub(crate) line: u32,
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    pub(crate) flaky: u64,
}

impl Selection {
    /// Whether every case was asked for.
    pub(crate) fn is_whole(&self) -> bool {
        self.filters.is_empty()
            && self.skip.is_empty()
            && self.partition.is_none()
            && self.packages.is_none()
            && !self.narrowed
    }
}

/// Names by model, from many small lists.
#[derive(Debug, Default)]
pub(crate) struct ByModel(BTreeMap<String, Vec<String>>);

impl ByModel {
    pub(crate) fn add(&mut self, names: Names) {
        self.0.entry(names.model).or_default().extend(names.cases);
    }

    /// Sorted by model and by name.
    pub(crate) fn sorted(self) -> Vec<Names> {
        self.0
            .into_iter()
            .map(|(model, mut cases)| {
                cases.sort_unstable();
                Names { model, cases }
            })
            .collect()
    }
}

/// Adds one runner's counts to those of all.
pub(crate) fn add_summary(total: &mut TestSummary, one: TestSummary) {
    total.cases += one.cases;
    total.passed += one.passed;
    total.failed += one.failed;
    total.skipped += one.skipped;
    total.flaky += one.flaky;
    total.filtered += one.filtered;
    total.in_other_parts += one.in_other_parts;
    total.broken += one.broken;
    total.orphans += one.orphans;
    total.models_without_cases.extend(one.models_without_cases);
    total.schemas += one.schemas;
    total.schemas_failed += one.schemas_failed;
    total.schema_notes.extend(one.schema_notes);
}
