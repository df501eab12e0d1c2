//! A runner as cargo and nextest see it: a test program that speaks libtest.

use std::path::Path;
use std::process::ExitCode;

use athena_protocol::{Orphans, Schemas, Test, TestSummary};
use libtest_mimic::{Arguments, ColorSetting};

use super::libtest_args::LibtestOptions;
use super::{Start, cargo, files, paths, print_error};
use athena_cases::store;
use athena_core::display::plural;
use athena_core::error::Result;
use athena_core::model::Source;
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;
use athena_replay::harness;

/// The exit code of libtest if a test fails.
const FAILED: u8 = 101;

/// `main` of a `[[test]] harness = false` target.
pub(super) fn main(start: &Start) -> ExitCode {
    let tested = LibtestOptions::read().and_then(|mut options| {
        options.arguments.color = Some(color(options.arguments.color));
        replay(start, &options, Vec::new(), |_| true)
    });
    match tested {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            print_error(&error);
            ExitCode::from(FAILED)
        }
    }
}

/// The body of the test that `main!` adds to a binary: the models that it links.
#[allow(clippy::panic, reason = "how a test fails")]
pub(super) fn inside_libtest(start: &Start, name: &str) {
    let arguments = Arguments { color: Some(color(None)), ..Arguments::default() };
    let options = LibtestOptions { arguments, ..LibtestOptions::default() };
    let to_worker =
        [name, "--exact", "--nocapture", "--test-threads=1"].map(str::to_owned).to_vec();
    match replay(start, &options, to_worker, |source| !is_replayed_elsewhere(start, source)) {
        Ok(true) => {}
        Ok(false) => panic!("recorded cases differ: see above"),
        Err(error) => panic!("{error}"),
    }
}

/// Whether a model that a binary links lives in a library, of which a test target replays the models.
fn is_replayed_elsewhere(start: &Start, source: &Source) -> bool {
    let library = source.module.split("::").next().unwrap_or_default();
    library != start.module
        && cargo::is_replayed_by_test_target(library, &[start.package, source.package])
}

/// Replays the cases of the models that are wanted. Returns whether all of them pass.
fn replay(
    start: &Start,
    options: &LibtestOptions,
    to_worker: Vec<String>,
    wanted: impl Fn(&Source) -> bool,
) -> Result<bool> {
    let registry = Registry::collect()?;
    let arguments = &options.arguments;
    let (models, packages): (Vec<String>, Vec<&str>) = registry
        .entries()
        .iter()
        .map(|entry| (entry, entry.model.source()))
        .filter(|(_, source)| wanted(source))
        .map(|(entry, source)| (entry.id.clone(), source.package))
        .unzip();
    let folders = paths::folders(start, None);
    files::check_logfile(&folders.fixtures, arguments.logfile.as_deref())?;
    store::recover(&folders.fixtures)?;
    let is_inside = !to_worker.is_empty();
    if models.is_empty() && is_inside {
        return Ok(true);
    }
    // Another program of the package may link models that this one does not.
    let runners: Vec<_> =
        cargo::targets().iter().filter(|target| cargo::Target::may_be_runner(target)).collect();
    let is_whole = !arguments.exact && !arguments.list;
    let is_only = is_whole && runners.len() == 1;
    let test = Test {
        models: Some(models),
        filters: options.filters.clone(),
        exact: arguments.exact,
        skip: arguments.skip.clone(),
        jobs: arguments.test_threads,
        no_capture: arguments.nocapture,
        fail_fast: options.fail_fast,
        orphans: is_only.then(|| Orphans {
            known: registry.entries().iter().map(|entry| entry.id.clone()).collect(),
            packages: Some(vec![start.package.to_owned()]),
        }),
        schemas: Schemas {
            packages: vec![start.package.to_owned()],
            known: Vec::new(),
            whole: is_only.then(|| start.package.to_owned()).into_iter().collect(),
        },
        ..Test::default()
    };
    let no_trial = arguments.ignored || arguments.bench;
    if no_trial {
        // No case is ignored, and none is a benchmark.
        let _ = libtest_mimic::run(arguments, Vec::new());
        return Ok(true);
    }
    let summary = harness::run(&registry, &folders, &test, arguments, to_worker)?;
    if !arguments.list {
        mention(&summary);
    }
    let is_filtered = !test.filters.is_empty() || !test.skip.is_empty();
    if is_whole && !is_only && !is_filtered {
        mention_unlinked(&registry, &folders.fixtures, start.package, &runners, &summary);
    }
    if summary.cases > 0 || harness::is_schema_alone(&summary) || summary.schemas_failed > 0 {
        return Ok(summary.failed == 0 && summary.skipped == 0 && summary.schemas_failed == 0);
    }
    // `cargo test NAME` runs every target with the filter; nextest runs only the one that listed the name.
    let is_asked_alone = arguments.exact && std::env::var_os("NEXTEST").is_some();
    // The models of other packages need no cases here.
    let is_foreign = is_inside && !packages.contains(&start.package);
    if (is_filtered && !is_asked_alone) || is_foreign {
        return Ok(true);
    }
    Err(harness::nothing(&registry, &folders.fixtures, &test, &summary))
}

/// Names the cases of the package that this program can't replay, and the targets that may have their
/// models but are not run by plain `cargo test`.
fn mention_unlinked(
    registry: &Registry,
    fixtures: &Path,
    package: &str,
    runners: &[&cargo::Target],
    summary: &TestSummary,
) {
    if !note_unlinked(registry, fixtures, package, summary) {
        return;
    }
    let left_out: Vec<String> = runners.iter().filter_map(|target| target.left_out()).collect();
    if !left_out.is_empty() {
        print_stderr(&format!("note: `cargo test` does not run {}", left_out.join(", ")));
    }
    print_stderr("help: `cargo athena test` replays the cases of every program");
}

/// Names the cases of a package whose models this program does not link. Returns whether there are any.
pub(super) fn note_unlinked(
    registry: &Registry,
    fixtures: &Path,
    package: &str,
    summary: &TestSummary,
) -> bool {
    let unlinked = harness::unlinked_models(registry, fixtures, package, summary);
    if unlinked.is_empty() {
        return false;
    }
    let cases: u64 = unlinked.iter().map(|(_, cases)| cases).sum();
    let models: Vec<&str> = unlinked.iter().map(|(id, _)| id.as_str()).collect();
    print_stderr(&format!(
        "note: not replayed by this program, which does not link the model: {} of {}",
        plural(cases, "case"),
        models.join(", ")
    ));
    true
}

fn mention(summary: &TestSummary) {
    if !summary.models_without_cases.is_empty() && summary.filtered == 0 {
        print_stderr(&format!(
            "models without a case: {}",
            summary.models_without_cases.join(", ")
        ));
    }
    for note in summary.schema_notes.iter().chain(&summary.vacuous) {
        print_stderr(note);
    }
}

/// cargo passes no colour to a test program; a terminal, `NO_COLOR` and `CARGO_TERM_COLOR` decide.
fn color(asked: Option<ColorSetting>) -> ColorSetting {
    use std::io::IsTerminal;
    let is_set = |name: &str, value: &str| std::env::var_os(name).is_some_and(|now| now == value);
    let wanted = match asked {
        Some(ColorSetting::Always) => true,
        Some(ColorSetting::Never) => false,
        _ if is_set("CARGO_TERM_COLOR", "always") => true,
        _ if is_set("CARGO_TERM_COLOR", "never") => false,
        _ => !athena_protocol::is_no_color() && std::io::stdout().is_terminal(),
    };
    if wanted { ColorSetting::Always } else { ColorSetting::Never }
}
