//! A runner as cargo and nextest see it: a test program that speaks libtest.

use std::process::ExitCode;

use athena_protocol::{Orphans, Schemas, Test, TestSummary};
use libtest_mimic::{Arguments, ColorSetting};

use super::{Start, cargo, paths, print_error};
use athena_core::error::Result;
use athena_core::model::Source;
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;
use athena_replay::harness;

/// The exit code of libtest if a test fails.
const FAILED: u8 = 101;

/// `main` of a `[[test]] harness = false` target.
pub(super) fn main(start: &Start) -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.color = Some(color(arguments.color));
    match replay(start, &arguments, Vec::new(), |_| true) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(FAILED),
        Err(error) => {
            print_error(&error);
            ExitCode::from(FAILED)
        }
    }
}

/// The body of the test that `main!` adds to a binary: the models that live in it.
#[allow(clippy::panic, reason = "how a test fails")]
pub(super) fn inside_libtest(start: &Start, name: &str) {
    let arguments = Arguments { color: Some(color(None)), ..Arguments::default() };
    let to_worker =
        [name, "--exact", "--nocapture", "--test-threads=1"].map(str::to_owned).to_vec();
    // The package's test target replays the models of the library, if it has one.
    let has_target = cargo::targets().iter().any(cargo::Target::is_harness);
    let lives_here = |source: &Source| {
        source.module.split("::").next() == Some(start.module)
            || (!has_target && source.package == start.package)
    };
    match replay(start, &arguments, to_worker, lives_here) {
        Ok(true) => {}
        Ok(false) => panic!("recorded cases differ: see above"),
        Err(error) => panic!("{error}"),
    }
}

/// Replays the cases of the models that are wanted. Returns whether all of them pass.
fn replay(
    start: &Start,
    arguments: &Arguments,
    to_worker: Vec<String>,
    wanted: impl Fn(&Source) -> bool,
) -> Result<bool> {
    let registry = Registry::collect()?;
    let models: Vec<String> = registry
        .entries()
        .iter()
        .filter(|entry| wanted(&entry.model.source()))
        .map(|entry| entry.id.clone())
        .collect();
    let folders = paths::folders(start, None);
    let is_inside = !to_worker.is_empty();
    if models.is_empty() && is_inside {
        return Ok(true);
    }
    // Another program of the package may link models that this one does not.
    let is_only = !arguments.exact
        && !arguments.list
        && cargo::targets().iter().filter(|target| cargo::Target::may_be_runner(target)).count()
            == 1;
    let test = Test {
        models: Some(models),
        filters: arguments.filter.iter().cloned().collect(),
        exact: arguments.exact,
        skip: arguments.skip.clone(),
        jobs: arguments.test_threads,
        no_capture: arguments.nocapture,
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
    if summary.cases > 0 || harness::is_schema_alone(&summary) || summary.schemas_failed > 0 {
        return Ok(summary.failed == 0 && summary.skipped == 0 && summary.schemas_failed == 0);
    }
    let is_filtered = !test.filters.is_empty() || !test.skip.is_empty();
    // `cargo test NAME` runs every target with the filter; nextest runs only the one that listed the name.
    let is_asked_alone = arguments.exact && std::env::var_os("NEXTEST").is_some();
    if is_filtered && !is_asked_alone {
        return Ok(true);
    }
    Err(harness::nothing(&registry, &folders.fixtures, &test))
}

fn mention(summary: &TestSummary) {
    if !summary.models_without_cases.is_empty() && summary.filtered == 0 {
        print_stderr(&format!(
            "models without a case: {}",
            summary.models_without_cases.join(", ")
        ));
    }
    for note in &summary.schema_notes {
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
