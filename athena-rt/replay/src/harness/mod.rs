//! Replays recorded cases: under `cargo athena test`, plain `cargo test` and nextest alike.

mod batch_progress;
mod case_location;
mod compare_runs;
mod failure_detail;
mod failure_texts;
mod filter;
mod in_place;
pub mod messages;
mod model_process;
mod observed;
mod plan;
mod replay;
mod report;
mod report_writer;
mod rounds;
mod schemas;
mod selected;
mod sources;
mod supervisor;

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::{Exit, ModelId, Test, TestSummary};
use libtest_mimic::{Arguments, ColorSetting};

pub use self::compare_runs::compare;
pub use self::failure_detail::digest;
use self::filter::{Filter, nearest_names};
pub use self::in_place::replay_in_place;
use self::messages::ReplaySettings;
pub use self::model_process::{ROLE, run_model_process};
use self::plan::Plan;
pub use self::selected::{SelectedCase, SelectedCases, selected_cases};
use self::supervisor::Launch;
use crate::hidden::hidden_variables;
use crate::vacuous;
use athena_cases::index::{Folder, Index};
use athena_cases::suite::SuiteIndex;
use athena_core::context::Folders;
use athena_core::display;
use athena_core::error::{Error, Result};
use athena_core::progress::is_on_terminal;
use athena_core::registry::{NO_MODEL, Registry};
use athena_core::style::Style;
use athena_process::{ProcessConfig, SpawnOptions, Stderr};

/// The default time limit of a case.
const TIMEOUT_MS: u64 = 60_000;

/// Replays as asked and shows it in libtest's words.
pub fn run(
    registry: &Registry,
    folders: &Folders,
    test: &Test,
    arguments: &Arguments,
    arguments_to_worker: Vec<String>,
) -> Result<TestSummary> {
    let color = arguments.color == Some(ColorSetting::Always);
    let by_model = by_model()?;
    if arguments.list {
        let plan = Plan::new(&folders.fixtures, registry, test)?;
        let cases = (plan.len() + plan.failed.len()) as u64;
        report::list(plan, arguments, by_model)?;
        return Ok(TestSummary { cases, ..TestSummary::default() });
    }
    let nested = !arguments_to_worker.is_empty();
    let launch = Launch {
        config: config(test),
        options: SpawnOptions {
            arguments: arguments_to_worker,
            hidden: hidden_variables(registry),
            stderr: if test.no_capture { Stderr::Inherit } else { Stderr::Capture },
            ..SpawnOptions::default()
        },
        settings: ReplaySettings {
            color,
            artifacts: folders.artifacts.clone(),
            detailed: test.report.is_some(),
            show_input: test.show_input,
            observe: false,
            base_dir: std::env::current_dir().unwrap_or_default(),
        },
        // What models print goes to the same terminal.
        shows_progress: !test.quiet && !test.no_capture && is_on_terminal(),
    };
    // It starts while the cases are looked up.
    let process = launch.start()?;
    let mut plan = Plan::new(&folders.fixtures, registry, test)?;
    // `cargo athena` counts them over all programs.
    let others = plan.others.take().filter(|_| !test.brief);
    // `cargo athena` and libtest run several programs, each with a part of the cases.
    if test.models.is_none() {
        refuse_unmatched(&plan.unmatched(test), test.exact, plan.case_names())?;
    }
    let results = rounds::run(&plan, test, &launch, Some(process))?;
    let nearest = plan.nearest_names(&test.filters);
    let replayed = plan.models().into_iter().filter_map(|model| registry.get(model));
    let vacuous = replayed.flat_map(vacuous::notes).collect();
    let shown = report::ReportOptions {
        brief: test.brief,
        nested,
        quiet: test.quiet,
        silent: test.silent,
        paint: Style(color),
    };
    let summary = report::report(plan, results, arguments, shown)?;
    let unlinked = others.map(|folders| count_unlinked(registry, folders));
    Ok(TestSummary { nearest, vacuous, unlinked, ..summary })
}

/// Fails if filters select nothing: beside others that do, nobody would notice.
///
/// # Errors
///
/// There is such a filter.
pub(crate) fn refuse_unmatched(
    unmatched: &[&str],
    exact: bool,
    all: impl Iterator<Item = String>,
) -> Result<()> {
    if unmatched.is_empty() {
        return Ok(());
    }
    let is = if exact { "is" } else { "contains" };
    let names: Vec<_> = unmatched.iter().map(|it| format!("`{}`", display::escape(it))).collect();
    let filters: Vec<String> = unmatched.iter().map(|&it| it.to_owned()).collect();
    let error = Error::nothing(format!("no case's name {is} {}", names.join(" or ")));
    let error = match nearest_names(&filters, all).first() {
        Some(near) => error.help(format!("did you mean `{}`?", display::escape(near))),
        None => error,
    };
    Err(error.help("each filter has to select a case; nothing was run"))
}

/// Runs cases and notes what comes out, whatever is recorded.
pub fn observe(registry: &Registry, folders: &Folders, test: &Test) -> Result<TestSummary> {
    let plan = Plan::new(&folders.fixtures, registry, test)?;
    let launch = Launch {
        config: config(test),
        options: SpawnOptions {
            hidden: hidden_variables(registry),
            stderr: Stderr::Capture,
            ..SpawnOptions::default()
        },
        settings: ReplaySettings { observe: true, ..ReplaySettings::default() },
        shows_progress: !test.quiet && is_on_terminal(),
    };
    let results = rounds::run(&plan, test, &launch, None)?;
    Ok(report::count(&plan, &results))
}

/// Whether a list has one trial per model: nextest starts one process per trial, and a process per
/// case is too slow. `ATHENA_TRIALS=case` lists one trial per case.
fn by_model() -> Result<bool> {
    let trials = std::env::var_os("ATHENA_TRIALS").unwrap_or_default();
    match trials.to_str() {
        Some("" | "model") => Ok(std::env::var_os("NEXTEST").is_some()),
        Some("case") => Ok(false),
        _ => Err(Error::usage(format!(
            "ATHENA_TRIALS is `{}`, which is not a kind of trial",
            display::escape(&trials.to_string_lossy())
        ))
        .help("set it to `case` for one trial per case; without it nextest sees one per model")),
    }
}

/// The models of a package that have cases and are not linked, with the number of their cases, or
/// of the files that can't be counted. A replay of all cases has counted them.
pub fn unlinked_models(
    registry: &Registry,
    fixtures: &Path,
    package: &str,
    replayed: &TestSummary,
) -> Vec<(String, u64)> {
    let is_its = |id: &str| ModelId::new(id).package() == package;
    match &replayed.unlinked {
        Some(all) => all.iter().filter(|(id, _)| is_its(id)).cloned().collect(),
        None => unlinked(registry, fixtures, Some(&[package])),
    }
}

fn unlinked(registry: &Registry, fixtures: &Path, packages: Option<&[&str]>) -> Vec<(String, u64)> {
    count_unlinked(registry, Index::read(fixtures, packages).folders)
}

fn count_unlinked(registry: &Registry, folders: BTreeMap<String, Folder>) -> Vec<(String, u64)> {
    let unlinked = folders.into_iter().filter(|(id, _)| registry.get(id).is_none());
    unlinked
        .map(|(id, folder)| {
            let suites = folder.suites.iter().map(|stem| {
                SuiteIndex::read(&stem.suite_file(&folder.path)).map_or(1, |lines| lines.len())
            });
            let cases = folder.cases.len() + suites.sum::<usize>();
            (id, cases as u64)
        })
        .collect()
}

/// The exit code of a replay. A replay that ran nothing does not succeed.
pub fn exit_code(summary: &TestSummary) -> Exit {
    if summary.broken > 0 {
        Exit::Usage
    } else if summary.failed > 0 || summary.schemas_failed > 0 {
        Exit::Failure
    } else if summary.skipped > 0 {
        // Stopped at a failure that then turned out to be flaky: the rest was not run.
        Exit::Failure
    } else if summary.cases == 0 && summary.in_other_parts == 0 && !is_schema_alone(summary) {
        Exit::Nothing
    } else {
        Exit::Success
    }
}

/// Whether a filter left schema checks and no case.
pub fn is_schema_alone(summary: &TestSummary) -> bool {
    summary.cases == 0 && summary.schemas > 0 && summary.filtered > 0
}

/// Why nothing was replayed.
pub fn nothing(registry: &Registry, fixtures: &Path, test: &Test, summary: &TestSummary) -> Error {
    if registry.entries().is_empty() {
        return Error::nothing("no model is linked").help(NO_MODEL);
    }
    if !Filter::new(test).is_all() {
        let is = if test.exact { "is" } else { "contains" };
        let error = Error::nothing(match &test.filters[..] {
            [] => "--skip leaves no case".to_owned(),
            filters => format!("no case's name {is} {}", filters.join(" or ")),
        });
        return match summary.did_you_mean() {
            Some(help) => error.help(help),
            None => error,
        };
    }
    let first = registry.entries().first().map_or("MODEL", |entry| entry.id.as_str());
    let folder = display::display_path(fixtures);
    let unlinked = unlinked(registry, fixtures, None);
    let Some((gone, _)) = unlinked.first() else {
        let is_missing = if fixtures.exists() { "" } else { ", which does not exist" };
        return Error::nothing(format!("no case is recorded under {folder}{is_missing}"))
            .help(format!("record one: cargo athena record {first}"));
    };
    let models: Vec<&str> = unlinked.iter().map(|(id, _)| id.as_str()).collect();
    let cases = display::plural(unlinked.iter().map(|(_, cases)| cases).sum::<u64>(), "case");
    Error::nothing(format!(
        "no case under {folder} is one of a model of this program: {cases} of {}",
        models.join(", ")
    ))
    .help(format!("if a model was renamed: cargo athena mv {gone} {first}"))
}

fn config(test: &Test) -> ProcessConfig {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    ProcessConfig {
        timeout_ms: Some(test.timeout_ms.unwrap_or(TIMEOUT_MS)),
        memory_limit: test.memory_limit,
        is_limited_by_machine: true,
        ..ProcessConfig::new(ROLE, test.jobs.filter(|&jobs| jobs > 0).unwrap_or_else(cores))
    }
}
