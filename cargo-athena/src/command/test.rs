//! `cargo athena test`

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _, stdout};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use athena_protocol::{Exit, Test, TestSummary};

use super::deny;
use super::test_news::NewsOnly;
use crate::advice::{CASE_NAMES, record_first};
use crate::catalog::{Catalog, list};
use crate::cli;
use crate::console::{print, print_status};
use crate::display::plural;
use crate::error::{Error, Result};
use crate::findings::examine;
use crate::gaps::{self, Gap, untested_models};
use crate::options::OutputOptions;
use crate::replay::{ChangeSearch, ReplayResult, replay, search_changes};
use crate::report::terminal::{self, Examples};
use crate::report::{self, ModelCounts, Report, ReportOutputs, Selection, unfinished_report};
use crate::scratch::{scratch_folder, temporary_folder};
use crate::session::Session;
use crate::style::Style;
use crate::unmatched::refuse_unmatched;

/// Has every runner replay the cases of the models it owns, and sums up.
pub(crate) fn run(verb: &cli::TestVerb, output: OutputOptions) -> Result<Exit> {
    let style = Style::for_both_streams(output.color);
    let outputs = ReportOutputs::new(&verb.formats)?;
    let mut session = match Session::open(verb.build.clone(), output) {
        Ok(session) => session,
        Err(error) => {
            // Without a workspace it is unknown where the cases are, which nothing may overwrite.
            let folder = temporary_folder()?;
            let path = folder.path().join("report.json");
            let report = unfinished_report(error.to_line(), selection(verb), &path)?;
            outputs.replace_unless_cases(&report, &path)?;
            return Err(error);
        }
    };
    session.hash_when_built();
    // While cargo looks for something to build.
    let changes = search_changes(&session);
    let stored = report::file(&session.workspace.artifacts);
    outputs.check(session.fixtures(), &stored)?;
    let root = &session.workspace.root;
    let aside = scratch_folder(&session.workspace.artifacts, "run-")?;
    let earlier = aside.path().join("earlier.json");
    let has_earlier = fs::rename(&stored, &earlier).is_ok();
    // The report of a hundred thousand failures takes as long to remove as some thousand cases to replay.
    let removed = (!is_narrowed(verb)).then(|| {
        let earlier = earlier.clone();
        std::thread::spawn(move || fs::remove_file(earlier))
    });
    // If this process is killed, no report of an earlier run passes for that of this one.
    if has_earlier || !verb.formats.files.is_empty() {
        let reason = "the run did not finish".to_owned();
        let report = unfinished_report(reason, selection(verb), &stored)?;
        outputs.replace_earlier(&report, &stored, root)?;
    }
    let replayed = replay_in(verb, &session, &outputs, changes, style);
    if let Err(error) = &replayed {
        // After a mistyped filter the last run is still the one to look at. The files are asked for by this command.
        let is_refused = selects_nothing(verb, error) && !outputs.has(&stored);
        let path = if is_refused { aside.path().join("report.json") } else { stored.clone() };
        // The error of the run is the one to report.
        if let Ok(report) = unfinished_report(error.to_line(), selection(verb), &path)
            && let Err(other) = outputs.write(&report, &path, root)
        {
            other.print_as_warning(style);
        }
        if is_refused {
            let restored =
                if has_earlier { fs::rename(&earlier, &stored) } else { fs::remove_file(&stored) };
            if let Err(other) = restored.or_else(ignore_missing) {
                Error::unwritable(&stored, other).print_as_warning(style);
            }
        }
    }
    // It is gone, or was not there.
    removed.map(JoinHandle::join);
    replayed
}

/// Whether a run had nothing to do because of what its filters say, or its flags that select cases.
fn selects_nothing(verb: &cli::TestVerb, error: &Error) -> bool {
    is_narrowed(verb) && error.exit() == Exit::Nothing
}

fn is_narrowed(verb: &cli::TestVerb) -> bool {
    !verb.test.filters.is_empty() || !verb.test.skip.is_empty()
}

/// A file that is to be removed may be missing.
fn ignore_missing(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// What a run that has not reached its cases was to select.
fn selection(verb: &cli::TestVerb) -> Selection {
    Selection {
        filters: verb.test.filters.clone(),
        exact: verb.test.exact,
        skip: verb.test.skip.clone(),
        partition: verb.test.partition,
        narrowed: true,
        ..Selection::default()
    }
}

fn replay_in(
    verb: &cli::TestVerb,
    session: &Session,
    outputs: &ReportOutputs,
    changes: ChangeSearch,
    style: Style,
) -> Result<Exit> {
    deny::check(verb, session)?;
    let catalog = session.catalog(deny::counts(verb))?;
    let changes = RefCell::new(Some(changes));
    let replay = TestReplay { verb, session, catalog: &catalog, outputs, changes, style };
    let (exit, replayed) = replay.once(&[], None)?;
    // The names of a hundred thousand cases take as long to free as some thousand cases to replay.
    std::mem::forget(replayed);
    Ok(exit)
}

/// A replay, and how it is shown.
pub(super) struct TestReplay<'a> {
    pub(super) verb: &'a cli::TestVerb,
    pub(super) session: &'a Session,
    pub(super) catalog: &'a Catalog,
    pub(super) outputs: &'a ReportOutputs,
    /// A search that has begun already, for the first replay.
    pub(super) changes: RefCell<Option<ChangeSearch>>,
    pub(super) style: Style,
}

impl TestReplay<'_> {
    /// Replays once, the cases of these names `first`, and shows how it went. With failures that were `shown`
    /// before, only what is new among the cases that the function selects.
    pub(super) fn once(
        &self,
        first: &[String],
        shown: Option<NewsOnly<'_>>,
    ) -> Result<(Exit, ReplayResult)> {
        let Self { verb, session, catalog, outputs, style, .. } = *self;
        let start = Instant::now();
        refuse_unmatched(session.fixtures(), &verb.test.filters, verb.test.exact)?;
        let test = Test { silent: shown.is_some(), ..verb.test.clone() };
        let changes = self.changes.take();
        let orphans = verb.allow_orphans;
        let mut replayed = replay(session, catalog, &test, first, orphans, changes, style)?;
        if outputs.has_page()
            && replayed.report.is_green()
            && replayed.report.selection.is_of_all_cases()
        {
            replayed.report.findings = Some(examine(session, catalog, &[]).report);
        }
        let report = &replayed.report;
        let total = &report.summary;
        let schemas_asked = total.schemas > 0 && !verb.test.filters.is_empty();
        if total.cases == 0
            && total.in_other_parts == 0
            && !schemas_asked
            && matches!(replayed.exit, Exit::Success | Exit::Nothing)
        {
            return Err(no_cases_error(verb, report, catalog, session.fixtures()));
        }
        outputs.write(report, &replayed.path, &session.workspace.root)?;
        if !session.is_quiet() {
            for note in total.schema_notes.iter().chain(&total.vacuous) {
                print_status(&format!("{} {note}", style.note("note:")));
            }
            print(&uncovered(total, verb))?;
            gaps::print_notes(&report.gaps, style);
            print_untested(report, catalog, style);
        }
        let is_news = shown.is_some();
        if let Some(NewsOnly { shown, is_replayed }) = shown {
            shown.print_news(report, &replayed.path, is_replayed, style)?;
        }
        // Up to some hundred cases each has been shown by itself already.
        let examples = total.cases + total.schemas > SHOWN_ONE_BY_ONE || total.failed > SHOWN_WHOLE;
        if !is_news && (total.failed > 1 || (total.failed > 0 && examples)) {
            let examples = match (examples, verb.test.show_input) {
                (false, _) => Examples::None,
                (true, false) => Examples::Diff,
                (true, true) => Examples::WithInput,
            };
            print(&format!("\n{}\n", terminal::clusters(report, examples, style)))?;
        }
        if let Some(help) = next_step(report).filter(|_| !session.is_quiet()) {
            print_status(&format!("{} {help}", style.note("help:")));
        }
        let took = start.elapsed();
        // Text that a program reads stays the same in every run.
        let took = if took >= SHORTEST && stdout().is_terminal() {
            style.dim(&format!(" ({:.1}s)", took.as_secs_f64()))
        } else {
            String::new()
        };
        print(&format!("{}{took}\n", terminal::verdict(report, style)))?;
        let gaps = replayed.gaps.all();
        let exit = deny::judge(verb, catalog, &gaps, replayed.exit, style);
        Ok((deny::vacuous(&verb.deny, &report.summary.vacuous, exit, style), replayed))
    }
}

/// A replay that took this long says so on a terminal.
const SHORTEST: Duration = Duration::from_secs(1);

/// Up to how many failures a runner shows each.
const SHOWN_WHOLE: u64 = 10;

/// Up to how many cases a runner has a line each.
const SHOWN_ONE_BY_ONE: u64 = 300;

/// What to do about cases that failed.
fn next_step(report: &Report) -> Option<String> {
    let total = &report.summary;
    let has_outcome = report.clusters.iter().any(|cluster| cluster.acceptable);
    match (total.failed, has_outcome) {
        (0, _) => None,
        (1, false) => Some("fix the case or the model and run: cargo athena test".to_owned()),
        (_, false) => Some("see all: cargo athena report show".to_owned()),
        (1, true) => Some(
            "if the new outcome is right: cargo athena accept; otherwise fix the model and run: \
             cargo athena test"
                .to_owned(),
        ),
        _ => Some("see all: cargo athena report show; decide: cargo athena review".to_owned()),
    }
}

fn no_cases_error(
    verb: &cli::TestVerb,
    report: &Report,
    catalog: &Catalog,
    fixtures: &Path,
) -> Error {
    let total = &report.summary;
    if total.filtered > 0 {
        let filters: Vec<_> =
            verb.test.filters.iter().map(|filter| format!("`{filter}`")).collect();
        let error = if filters.is_empty() {
            Error::nothing(format!("--skip leaves none of {}", plural(total.filtered, "case")))
        } else {
            let is = if verb.test.exact { "is" } else { "contains" };
            Error::nothing(format!(
                "no case's name {is} {}; all {} are filtered out",
                filters.join(" or "),
                total.filtered
            ))
        };
        let error = match total.did_you_mean() {
            Some(help) => error.help(help),
            None => error,
        };
        return with_gaps(error, report).help(CASE_NAMES);
    }
    let is_missing = verb.build.fixtures.is_some() && !fixtures.exists();
    let error = if is_missing {
        Error::nothing(format!("no case is recorded: {} does not exist", fixtures.display()))
    } else if report.gaps.is_empty() {
        Error::nothing("no case is recorded yet")
    } else {
        with_gaps(Error::nothing("no case is recorded for a model that is linked"), report)
    };
    error.help(record_first(catalog.first_id()))
}

/// The error with what was not replayed.
fn with_gaps(error: Error, report: &Report) -> Error {
    report.gaps.iter().map(Gap::to_line).fold(error, Error::help)
}

/// Names the cases of this run that plain `cargo test` leaves out.
fn print_untested(report: &Report, catalog: &Catalog, style: Style) {
    let has_cases = |model: &&ModelCounts| {
        model.passed + model.failed + model.skipped + model.flaky > 0 && !model.file.is_empty()
    };
    let ids: Vec<&str> =
        report.models.iter().filter(has_cases).map(|model| model.id.as_str()).collect();
    let mut by_target: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (id, target) in untested_models(catalog, &ids) {
        by_target.entry(target.advice()).or_default().push(id);
    }
    for (advice, ids) in by_target {
        print_status(&format!(
            "{} plain `cargo test` does not replay the cases of {}: {advice}",
            style.note("note:"),
            list(&ids)
        ));
    }
}

/// The models that nothing guards, where filters don't hide the others' cases.
fn uncovered(total: &TestSummary, verb: &cli::TestVerb) -> String {
    let models = &total.models_without_cases;
    if models.is_empty() || !verb.test.filters.is_empty() || !verb.test.skip.is_empty() {
        return String::new();
    }
    format!("models without cases: {}\n", list(models))
}
