//! Has every runner replay cases, and puts their notes together to one report.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use athena_protocol::{Answer, Exit, Orphans, Test, TestSummary, Verb};

use crate::catalog::Catalog;
use crate::error::Result;
use crate::exit::combined_exit;
use crate::report::{self, ModelCounts, Report, ReportInput, Selection, add_summary, assemble};
use crate::scratch::scratch;
use crate::session::Session;
use crate::style::Style;

/// What a replay came to.
#[derive(Debug)]
pub(crate) struct ReplayResult {
    /// The report, which is written too.
    pub(crate) report: Report,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// How the runners ended, all together.
    pub(crate) exit: Exit,
}

/// Replays what `test` selects; of it, the cases of these names `first`. Cases whose model is gone
/// fail unless `allow_orphans`.
///
/// # Errors
///
/// The report can't be written. A runner that dies is told, and keeps no other from its cases.
pub(crate) fn replay(
    session: &Session,
    catalog: &Catalog,
    test: &Test,
    first: &[String],
    allow_orphans: bool,
    style: Style,
) -> Result<ReplayResult> {
    let path = report::file(&session.workspace.artifacts);
    in_turn(path, session, catalog, &rounds(test, first), allow_orphans, style)
}

/// The same with the report at a place of its own: the last one that a person saw stays.
pub(crate) fn replay_to(
    path: PathBuf,
    session: &Session,
    catalog: &Catalog,
    test: &Test,
    allow_orphans: bool,
    style: Style,
) -> Result<ReplayResult> {
    in_turn(path, session, catalog, std::slice::from_ref(test), allow_orphans, style)
}

/// All rounds, each over all runners, to one report.
fn in_turn(
    path: PathBuf,
    session: &Session,
    catalog: &Catalog,
    rounds: &[Test],
    allow_orphans: bool,
    style: Style,
) -> Result<ReplayResult> {
    let folder = path.parent().unwrap_or(&session.workspace.artifacts);
    let parts = scratch(folder, "run-")?;
    let mut total = TestSummary::default();
    let mut exits = Vec::new();
    let mut noted = Vec::new();
    let mut unanswered = Vec::new();
    let mut troubles = Vec::new();
    'rounds: for (round, test) in rounds.iter().enumerate() {
        let mut orphans = orphans(session, catalog, allow_orphans);
        // The last round looks at all there is, and so tells what has no case.
        total.models_without_cases.clear();
        total.filtered = 0;
        for (at, runner) in catalog.runners.iter().enumerate() {
            let models = catalog.owned(at);
            if models.is_empty() {
                continue;
            }
            let part = parts.path().join(format!("{round}-{at}.jsonl"));
            let request = Test {
                models: Some(models),
                orphans: orphans.take(),
                schemas: session.schemas(catalog, Some(at), catalog.checked(at)),
                report: Some(part.clone()),
                brief: true,
                ..test.clone()
            };
            let exit = match session.ask(runner, Verb::Test(request)) {
                Ok(reply) => {
                    noted.push(part);
                    if let Answer::Test(summary) = reply.answer {
                        add_summary(&mut total, summary);
                    }
                    Exit::of(reply.exit)
                }
                // One runner that dies keeps no other from its cases.
                Err(error) => {
                    unanswered.push(part);
                    troubles.push(error.to_line());
                    error.print(style);
                    error.exit()
                }
            };
            exits.push(exit);
            if test.fail_fast && matches!(exit, Exit::Failure | Exit::Usage) {
                break 'rounds;
            }
        }
    }
    // As a runner counts what went wrong beside any case: as a case that failed.
    total.cases += troubles.len() as u64;
    total.failed += troubles.len() as u64;
    let mut exit = combined_exit(exits);
    if (total.failed > 0 || total.skipped > 0) && exit == Exit::Success {
        exit = Exit::Failure;
    }
    // The last round selects by what was asked for.
    let test = rounds.last().cloned().unwrap_or_default();
    let report = Report {
        version: report::VERSION,
        tool: format!("cargo-athena {}", env!("CARGO_PKG_VERSION")),
        code: fingerprint(catalog),
        selection: Selection {
            filters: test.filters,
            exact: test.exact,
            skip: test.skip,
            partition: test.partition,
            packages: session.packages_in_scope(),
            narrowed: session.workspace.narrowed || test.fail_fast || !troubles.is_empty(),
        },
        summary: total,
        models: models(catalog),
        troubles,
        ..Report::default()
    };
    let run = ReportInput {
        report,
        parts: &noted,
        unanswered: &unanswered,
        root: &session.workspace.root,
    };
    // A run of nothing, for a filter that is mistyped, leaves the last report as it is.
    let summary = &run.report.summary;
    let is_empty = summary.cases + summary.in_other_parts + summary.schemas == 0;
    let report = if is_empty { run.report } else { assemble(run, &path)? };
    Ok(ReplayResult { report, path, exit })
}

/// What is asked for, in turn. All rounds together have every case once.
fn rounds(test: &Test, first: &[String]) -> Vec<Test> {
    if first.is_empty() {
        return vec![test.clone()];
    }
    let those = Test { filters: first.to_vec(), exact: true, skip: Vec::new(), ..test.clone() };
    let others = Test { except: first.to_vec(), ..test.clone() };
    vec![those, others]
}

/// What the runners are, by hash: built anew, they are others.
pub(crate) fn fingerprint(catalog: &Catalog) -> String {
    let mut hasher = DefaultHasher::new();
    for runner in &catalog.runners {
        runner.path.hash(&mut hasher);
        if let Ok(metadata) = fs::metadata(&runner.path) {
            metadata.len().hash(&mut hasher);
            let modified = metadata.modified().ok();
            let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            since.hash(&mut hasher);
        }
    }
    format!("{:016x}", hasher.finish())
}

/// What the first runner is to say of cases whose model is gone.
pub(crate) fn orphans(session: &Session, catalog: &Catalog, allowed: bool) -> Option<Orphans> {
    // Where targets were picked by hand, a model that isn't linked may well exist.
    if allowed || session.workspace.narrowed {
        return None;
    }
    Some(Orphans { known: catalog.ids(), packages: session.packages_in_scope() })
}

/// The models, none of whose cases are counted yet.
pub(crate) fn models(catalog: &Catalog) -> Vec<ModelCounts> {
    let models = catalog.models.iter().map(|model| ModelCounts {
        id: model.info.id.clone(),
        file: model.info.file.clone(),
        line: model.info.line,
        ..ModelCounts::default()
    });
    models.collect()
}
