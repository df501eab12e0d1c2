//! What a change does: two programs run on the same inputs, and their outcomes compared.
//!
//! Each runs twice, the second time elsewhere. The runs alternate, so that a value which follows
//! the clock differs between two runs of one program wherever it differs between the programs.

mod classify;
mod inputs;
mod observations;
mod programs;
mod runner;
mod schemas;
pub(crate) mod terminal;
mod unstable_paths;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use athena_protocol::{SchemaCheck, Test};

use self::classify::Verdicts;
pub(crate) use self::inputs::Inputs;
use self::observations::Cases;
pub(crate) use self::programs::{Side, Sides};
use self::runner::Work;
pub(crate) use self::schemas::Judgement;
use self::unstable_paths::Masks;
use crate::error::Result;
use crate::report::{Comparison, Report, Run, Selection, assemble};
use crate::scratch::scratch;
use crate::{replay, report};

/// What came of it.
pub(crate) struct Compared {
    /// The report, which is written too.
    pub(crate) report: Report,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What became of the schemas.
    pub(crate) schemas: Vec<Judgement>,
    /// How many cases filters left out.
    pub(crate) filtered: u64,
}

/// Runs both programs on the cases that `test` selects, and writes the report.
///
/// # Errors
///
/// A runner that can't do its part; a report that can't be written.
pub(crate) fn compare(sides: &Sides<'_>, test: &Test) -> Result<Compared> {
    let artifacts = &sides.head.session.workspace.artifacts;
    let path = artifacts.join("diff.json");
    let folder = scratch(artifacts, "diff-")?;
    let mut work = Work {
        sides,
        test,
        folder: folder.path(),
        cases: Cases::default(),
        stale: BTreeSet::new(),
        troubles: Vec::new(),
        filtered: 0,
    };
    let mut masks = Masks::default();
    let mut compared = Vec::new();
    for (at, pair) in sides.pairs().iter().enumerate() {
        compared.push(work.pair(at, pair, &mut masks)?);
    }
    let schemas = schemas::judge(sides, folder.path())?;
    let Work { cases, stale, troubles, filtered, .. } = work;
    let part = folder.path().join("part.jsonl");
    let mut verdicts = Verdicts::new(cases, stale, sides, &part)?;
    for notes in &compared {
        verdicts.read(&notes.differences)?;
    }
    let heads: Vec<&Path> = compared.iter().map(|notes| notes.head.as_path()).collect();
    let comparison = Comparison {
        base: sides.base.rev().to_owned(),
        commit: sides.base.commit().to_owned(),
        masked: masks.list(),
        ..verdicts.finish(&heads)?
    };
    let report = report_of(sides, comparison, test, troubles, &schemas);
    let root = &sides.head.session.workspace.root;
    let report = assemble(Run { report, parts: &[part], unanswered: &[], root }, &path)?;
    Ok(Compared { report, path, schemas, filtered })
}

fn report_of(
    sides: &Sides<'_>,
    comparison: Comparison,
    test: &Test,
    troubles: Vec<String>,
    schemas: &[Judgement],
) -> Report {
    let (added, removed) = sides.apart();
    let counts = comparison.counts;
    let checks: Vec<SchemaCheck> = schemas.iter().map(Judgement::check).collect();
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
        code: replay::fingerprint(sides.head.catalog),
        selection: Selection {
            filters: test.filters.clone(),
            exact: test.exact,
            skip: test.skip.clone(),
            packages: sides.head.session.judged(),
            narrowed: sides.head.session.workspace.narrowed || sides.inputs.model.is_some(),
            ..Selection::default()
        },
        summary,
        models: replay::models(sides.head.catalog),
        schemas: checks,
        troubles,
        comparison: Some(Comparison { added, removed, ..comparison }),
        ..Report::default()
    }
}
