//! Replays cases on every runner and assembles one report.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use athena_protocol::{Answer, Exit, Test, TestSummary, Verb};

use crate::baseline::Git;
use crate::catalog::Catalog;
use crate::error::Result;
use crate::gaps::Gaps;
use crate::report::{self, ModelCounts, Report, ReportBuilder, RunFacts, Selection, add_summary};
use crate::scratch::scratch_folder;
use crate::session::Session;
use crate::style::Style;

/// The result of a replay.
#[derive(Debug)]
pub(crate) struct ReplayResult {
    /// The report, which is also written to `path`.
    pub(crate) report: Report,
    /// What was not replayed, whatever the filters.
    pub(crate) gaps: Gaps,
    pub(crate) path: PathBuf,
    /// The combined exit of all runners.
    pub(crate) exit: Exit,
}

/// A search for changes of the working tree that are not in its commit.
pub(crate) type ChangeSearch = JoinHandle<bool>;

/// Begins a search: Git takes as long as the replay of some thousand cases.
pub(crate) fn search_changes(session: &Session) -> ChangeSearch {
    let (root, fixtures) = (session.workspace.root.clone(), session.fixtures().to_owned());
    std::thread::spawn(move || Git::is_modified(&root, &fixtures))
}

/// Replays the cases that `test` selects, those named in `first` before the others. Cases whose
/// model is gone fail unless `allow_orphans` is set.
///
/// # Errors
///
/// The report can't be written. A runner that dies is only reported: the other runners still run
/// their cases.
pub(crate) fn replay(
    session: &Session,
    catalog: &Catalog,
    test: &Test,
    first: &[String],
    allow_orphans: bool,
    changes: Option<ChangeSearch>,
    style: Style,
) -> Result<ReplayResult> {
    let path = report::file(&session.workspace.artifacts);
    let rounds = split_rounds(test, first);
    run_rounds(path, session, catalog, &rounds, allow_orphans, changes, style)
}

/// Like [`replay`], with the report in another file: the last report that the user saw stays.
pub(crate) fn replay_to(
    path: PathBuf,
    session: &Session,
    catalog: &Catalog,
    test: &Test,
    allow_orphans: bool,
    style: Style,
) -> Result<ReplayResult> {
    run_rounds(path, session, catalog, std::slice::from_ref(test), allow_orphans, None, style)
}

/// Runs all rounds on all runners and writes one report.
fn run_rounds(
    path: PathBuf,
    session: &Session,
    catalog: &Catalog,
    rounds: &[Test],
    allow_orphans: bool,
    changes: Option<ChangeSearch>,
    style: Style,
) -> Result<ReplayResult> {
    let (began, start) = (SystemTime::now(), Instant::now());
    let folder = path.parent().unwrap_or(&session.workspace.artifacts);
    let parts = scratch_folder(folder, "run-")?;
    // Reading the sources takes as long as replaying some thousand cases.
    let sources = session.source_hash();
    // A search that was begun before a build is out of date.
    let changes = changes.filter(|_| session.is_fresh()).unwrap_or_else(|| search_changes(session));
    let gaps = session.gaps(catalog);
    let mut total = TestSummary::default();
    let mut exits = Vec::new();
    let amended = rounds.iter().any(Test::amends);
    let root = &session.workspace.root;
    let mut results = ReportBuilder::new(&path, uncounted_models(catalog), amended, root)?;
    let mut troubles = Vec::new();
    'rounds: for (round, test) in rounds.iter().enumerate() {
        let mut orphans = gaps.orphans().filter(|_| !allow_orphans);
        // The last round selects every case, so its list of models without cases is complete.
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
                quiet: session.is_quiet(),
                ..test.clone()
            };
            // Its results are added up while it runs.
            let asked = results.read_while(&part, || session.ask(runner, Verb::Test(request)))?;
            let exit = match asked {
                Ok(reply) => {
                    if let Answer::Test(summary) = reply.answer {
                        add_summary(&mut total, summary);
                    }
                    Exit::of(reply.exit)
                }
                // The other runners still run their cases.
                Err(error) => {
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
    // Counted as a runner counts errors outside of cases: as a failed case.
    total.cases += troubles.len() as u64;
    total.failed += troubles.len() as u64;
    let mut exit = Exit::worst(exits);
    if (total.failed > 0 || total.skipped > 0) && exit == Exit::Success {
        exit = Exit::Failure;
    }
    let duration = start.elapsed();
    let changes = changes.join().unwrap_or_default();
    let run = RunFacts::new(root, began, duration, changes);
    // The last round has the filters that the user gave.
    let test = rounds.last().cloned().unwrap_or_default();
    let selected_gaps = gaps.selected_by(&test);
    let report = Report {
        version: report::VERSION,
        tool: format!("cargo-athena {}", env!("CARGO_PKG_VERSION")),
        code: fingerprint(catalog),
        sources: sources.finish(),
        run: Some(run),
        selection: Selection {
            filters: test.filters,
            exact: test.exact,
            skip: test.skip,
            partition: test.partition,
            packages: session.replayed_packages(),
            narrowed: session.workspace.narrowed || test.fail_fast || !troubles.is_empty(),
        },
        summary: total,
        troubles,
        gaps: selected_gaps,
        ..Report::default()
    };
    // An empty run, after a mistyped filter for instance, keeps the last report.
    let summary = &report.summary;
    let is_empty = summary.cases + summary.in_other_parts + summary.schemas == 0;
    let report = if is_empty {
        Report { models: uncounted_models(catalog), ..report }
    } else {
        results.finish(report)?
    };
    Ok(ReplayResult { report, gaps, path, exit })
}

/// Splits a run into rounds. Together they run every case once.
fn split_rounds(test: &Test, first: &[String]) -> Vec<Test> {
    if first.is_empty() {
        return vec![test.clone()];
    }
    let those = Test { filters: first.to_vec(), exact: true, skip: Vec::new(), ..test.clone() };
    let others = Test { except: first.to_vec(), ..test.clone() };
    vec![those, others]
}

/// A hash of the runners that changes when they are built again.
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

/// The models with all counts at zero.
pub(crate) fn uncounted_models(catalog: &Catalog) -> Vec<ModelCounts> {
    let models = catalog.models.iter().map(|model| ModelCounts {
        id: model.info.id.clone(),
        file: model.info.file.clone(),
        line: model.info.line,
        label: model.info.label().map(str::to_owned),
        ..ModelCounts::default()
    });
    models.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_replayed_before_the_rest_and_each_case_once() {
        let asked = Test { filters: vec!["m::".to_owned()], ..Test::default() };
        assert!(split_rounds(&asked, &[]) == std::slice::from_ref(&asked));
        let failed = ["m::f::a".to_owned()];
        let [first, rest] = &split_rounds(&asked, &failed)[..] else { panic!("two rounds") };
        assert!(first.exact && first.filters == failed && first.except.is_empty());
        assert!(rest.filters == asked.filters && rest.except == failed);
    }
}
