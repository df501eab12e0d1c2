//! Compares two programs, built from two commits, on the same inputs.
//!
//! Each program runs twice, the second time in a perturbed environment. The runs alternate, so that
//! a value which follows the clock differs between two runs of one program whenever it differs
//! between the programs.

mod classify;
mod execute;
mod inputs;
mod observations;
mod programs;
mod schemas;
pub(crate) mod terminal;
mod unstable_paths;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use athena_protocol::{SchemaCheck, Test};

use self::classify::CaseClassifier;
use self::execute::ComparisonExecutor;
pub(crate) use self::inputs::Inputs;
use self::observations::ObservedCases;
pub(crate) use self::programs::{Program, Programs};
pub(crate) use self::schemas::SchemaComparison;
use self::unstable_paths::UnstablePaths;
use crate::error::Result;
use crate::report::{Comparison, Report, ReportInput, Selection, assemble};
use crate::scratch::scratch_folder;
use crate::{replay, report};

/// The result of a comparison.
pub(crate) struct ComparisonResult {
    /// The report, which is also written to `path`.
    pub(crate) report: Report,
    pub(crate) path: PathBuf,
    /// The comparisons of schemas, by package.
    pub(crate) schemas: Vec<SchemaComparison>,
    /// The number of cases that the filters removed.
    pub(crate) filtered: u64,
}

/// Runs both programs on the cases that `test` selects, and writes the report.
///
/// # Errors
///
/// A runner fails, or the report can't be written.
pub(crate) fn compare(programs: &Programs<'_>, test: &Test) -> Result<ComparisonResult> {
    let artifacts = &programs.head.session.workspace.artifacts;
    let path = artifacts.join("diff.json");
    let folder = scratch_folder(artifacts, "diff-")?;
    let mut runner = ComparisonExecutor {
        programs,
        test,
        folder: folder.path(),
        cases: ObservedCases::default(),
        stale: BTreeMap::new(),
        troubles: Vec::new(),
        filtered: 0,
    };
    let mut unstable = UnstablePaths::default();
    let mut compared = Vec::new();
    for (at, pair) in programs.pairs().iter().enumerate() {
        compared.push(runner.run_pair(at, pair, &mut unstable)?);
    }
    let schemas = schemas::judge(programs, folder.path())?;
    let ComparisonExecutor { cases, stale, troubles, filtered, .. } = runner;
    let part = folder.path().join("part.jsonl");
    let mut verdicts = CaseClassifier::new(cases, stale, programs, &part)?;
    for notes in &compared {
        verdicts.read(&notes.differences)?;
    }
    let heads: Vec<&Path> = compared.iter().map(|notes| notes.head.as_path()).collect();
    let comparison = Comparison {
        base: programs.baseline.rev().to_owned(),
        commit: programs.baseline.commit().to_owned(),
        masked: unstable.list(),
        ..verdicts.finish(&heads)?
    };
    let report = build_report(programs, comparison, test, troubles, &schemas);
    let root = &programs.head.session.workspace.root;
    let report = assemble(ReportInput { report, parts: &[part], amended: false, root }, &path)?;
    Ok(ComparisonResult { report, path, schemas, filtered })
}

fn build_report(
    programs: &Programs<'_>,
    comparison: Comparison,
    test: &Test,
    troubles: Vec<String>,
    schemas: &[SchemaComparison],
) -> Report {
    let (added, removed) = programs.added_and_removed();
    let counts = comparison.counts;
    let checks: Vec<SchemaCheck> = schemas.iter().map(SchemaComparison::check).collect();
    let summary = athena_protocol::TestSummary {
        cases: counts.cases(),
        passed: counts.unchanged,
        failed: counts.different() + counts.broken,
        skipped: counts.failing_on_both + counts.unstable,
        broken: counts.broken,
        schemas: checks.len() as u64,
        schemas_failed: checks.iter().filter(|check| check.failure.is_some()).count() as u64,
        ..athena_protocol::TestSummary::default()
    };
    Report {
        version: report::VERSION,
        tool: format!("cargo-athena {}", env!("CARGO_PKG_VERSION")),
        code: replay::fingerprint(programs.head.catalog),
        selection: Selection {
            filters: test.filters.clone(),
            exact: test.exact,
            skip: test.skip.clone(),
            packages: programs.head.session.replayed_packages(),
            narrowed: programs.head.session.workspace.narrowed || programs.inputs.model.is_some(),
            ..Selection::default()
        },
        summary,
        models: replay::uncounted_models(programs.head.catalog),
        schemas: checks,
        troubles,
        gaps: programs.gaps(test),
        comparison: Some(Comparison { added, removed, ..comparison }),
        ..Report::default()
    }
}
