//! Prints the results of a replay: through libtest-mimic, or briefly if there are many cases.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use athena_protocol::{KnownFailure, TestSummary};
use libtest_mimic::{Arguments, Failed, Trial};

use super::messages::FailureKind;
use super::plan::Plan;
use super::replay::DIFF;
use super::supervisor::{Results, Verdict};
use athena_core::error::{Error, Result};
use athena_core::style::Style;

/// The maximum number of trials that are listed one per line.
const TRIALS: usize = 300;

/// The maximum number of failures that are shown in full.
const WHOLE: usize = 10;

/// The maximum number of failures that are shown if there are more than [`TRIALS`] cases.
const SHOWN: usize = 30;

/// How much is printed, and how.
#[derive(Clone, Copy)]
pub(super) struct ReportOptions {
    /// Whether `cargo athena` has the last word: it groups many failures, and prints the counts.
    pub brief: bool,
    /// Whether a test of libtest has the last word, which has a list of failures of its own.
    pub nested: bool,
    /// Whether cases that passed have no line.
    pub quiet: bool,
    /// Whether no case has a line.
    pub silent: bool,
    pub paint: Style,
}

/// Prints the results and counts them.
pub(super) fn report(
    plan: Plan,
    results: Results,
    arguments: &Arguments,
    shown: ReportOptions,
) -> Result<TestSummary> {
    let ReportOptions { brief, nested, silent, paint, .. } = shown;
    let summary = count(&plan, &results);
    let asked = arguments.format.is_some() || arguments.quiet;
    // `cargo athena` has the last word: a filter may select cases of another runner only.
    if brief && plan.len() + plan.failed.len() + plan.schemas.len() + results.troubles.len() == 0 {
        return Ok(summary);
    }
    // Many failures are not printed if a report groups them.
    let is_short = plan.len() + plan.failed.len() + plan.schemas.len() > TRIALS
        || (brief && summary.failed > WHOLE as u64)
        || silent;
    if (brief || (nested && !is_short)) && !asked {
        return names_and_failures(&plan, &results, is_short, shown).map(|()| summary);
    }
    if !is_short || asked {
        let trials = trials(plan, results);
        let shown = Arguments {
            test_threads: Some(1),
            filter: None,
            skip: Vec::new(),
            ..arguments.clone()
        };
        print(shown, trials)?;
    } else {
        short(&plan, &results, &summary, paint)?;
    }
    Ok(summary)
}

/// The names, for `--list`.
pub(super) fn list(plan: Plan, arguments: &Arguments, by_model: bool) -> Result<()> {
    let names: Vec<String> = if by_model {
        plan.models().into_iter().map(str::to_owned).collect()
    } else {
        (0..plan.len()).map(|case| plan.name(case)).collect()
    };
    let mut trials: Vec<Trial> =
        names.into_iter().map(|name| Trial::test(name, || Ok(()))).collect();
    let others = plan.failed.into_iter().map(|unrun| unrun.name);
    let schemas = plan.schemas.into_iter().map(|check| check.name);
    trials.extend(others.chain(schemas).map(|name| Trial::test(name, || Ok(()))));
    let shown = Arguments { filter: None, skip: Vec::new(), ..arguments.clone() };
    print(shown, trials)
}

/// Has libtest-mimic print to a file, and prints that: on a pipe whose reader is gone it would
/// panic.
fn print(mut arguments: Arguments, trials: Vec<Trial>) -> Result<()> {
    let file = tempfile::NamedTempFile::new().ok();
    // As libtest has it, the log file gets a copy of what is printed.
    let logfile = arguments.logfile.take();
    if let Some(path) = file.as_ref().and_then(|file| file.path().to_str()) {
        arguments.logfile = Some(path.to_owned());
    }
    let _ = libtest_mimic::run(&arguments, trials);
    let Some(mut file) = file else { return Ok(()) };
    if let Some(logfile) = logfile {
        std::fs::copy(file.path(), &logfile)
            .map_err(|error| Error::io("write", Path::new(&logfile), &error))?;
    }
    let mut stdout = std::io::stdout();
    let copied = std::io::copy(file.as_file_mut(), &mut stdout).and_then(|_| stdout.flush());
    printed(copied)
}

/// Results that nobody can read are a failure. A reader that left has read enough.
fn printed(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Error::failure(format!("the results can't be printed: {error}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn count(plan: &Plan, results: &Results) -> TestSummary {
    let kinds = |kind: FailureKind| {
        let run = results.failures.values().map(|why| why.kind);
        let not_run = plan.failed.iter().map(|unrun| unrun.why.kind);
        let schemas = plan.schemas.iter().filter_map(|check| Some(check.failure()?.kind));
        run.chain(not_run).chain(schemas).filter(|its| *its == kind).count() as u64
    };
    let cases = (plan.len() + plan.failed.len()) as u64;
    let failed_cases = (results.failures.len() + plan.failed.len()) as u64;
    // An error of the run is not a case, but fails it.
    let failed = failed_cases + results.troubles.len() as u64;
    let passed = results.passed_cases().count() as u64;
    let flaky = results.flaky.len() as u64;
    let known = results.known.len() as u64;
    let known_failures = results.known.iter().map(|(case, reason)| KnownFailure {
        name: plan.name(*case),
        model: plan.model(*case).to_owned(),
        reason: reason.clone(),
    });
    TestSummary {
        cases,
        passed,
        failed,
        skipped: cases.saturating_sub(passed + failed_cases + flaky + known),
        flaky,
        known,
        known_failures: known_failures.collect(),
        in_other_parts: plan.in_other_parts,
        filtered: plan.filtered,
        broken: kinds(FailureKind::Broken),
        orphans: kinds(FailureKind::Orphan),
        models_without_cases: plan.bare.clone(),
        schemas: plan.schemas.len() as u64,
        schemas_failed: plan.schemas.iter().filter(|check| check.failure().is_some()).count()
            as u64,
        vacuous: Vec::new(),
        schema_notes: plan
            .schemas
            .iter()
            .filter_map(|check| check.note().map(str::to_owned))
            .collect(),
        nearest: Vec::new(),
        unlinked: None,
    }
}

/// One trial per case; each only returns its known result.
fn trials(plan: Plan, mut results: Results) -> Vec<Trial> {
    let mut whole = WHOLE;
    let mut words = |text: String| {
        whole = whole.saturating_sub(1);
        Failed::from(if whole > 0 { text } else { first_lines(&text) })
    };
    let mut trials: Vec<Trial> = Vec::with_capacity(plan.len());
    for case in 0..plan.len() {
        let name = plan.name(case);
        trials.push(match results.failures.remove(&case) {
            Some(why) => {
                let failed = words(why.text);
                Trial::test(name, move || Err(failed))
            }
            None if results.flaky.contains_key(&case) => {
                Trial::test(name, || Ok(())).with_kind("flaky")
            }
            None if results.known.contains_key(&case) => {
                Trial::test(name, || Ok(())).with_kind("known failure")
            }
            None if results.was_run(case) => Trial::test(name, || Ok(())),
            None => Trial::test(name, || Ok(())).with_ignored_flag(true),
        });
    }
    for unrun in plan.failed {
        let (name, failed) = (unrun.name, words(unrun.why.text));
        trials.push(Trial::test(name, move || Err(failed)));
    }
    for trouble in results.troubles {
        trials.push(Trial::test("worker", move || Err(Failed::from(trouble))));
    }
    for check in plan.schemas {
        let text = check.failure().map(|why| why.text.clone());
        trials.push(match text {
            Some(text) => Trial::test(check.name, move || Err(text.into())),
            None => Trial::test(check.name, || Ok(())),
        });
    }
    trials
}

/// The failure without the diff.
fn first_lines(text: &str) -> String {
    let summary = text.lines().take_while(|line| !line.contains(DIFF));
    summary.take(4).fold(String::new(), |mut all, line| {
        let _ = writeln!(all, "{line}");
        all
    })
}

/// One line per case that did not fail, and each failure once, without counts: under `cargo athena`,
/// which adds those of all runners. Of many cases nothing is printed here.
fn names_and_failures(
    plan: &Plan,
    results: &Results,
    is_short: bool,
    ReportOptions { quiet, paint, .. }: ReportOptions,
) -> Result<()> {
    let mut out = String::new();
    let green = paint.green("ok");
    if !is_short && !quiet {
        for case in (0..plan.len()).filter(|case| !results.failures.contains_key(case)) {
            let (kind, verdict) = match case {
                _ if results.flaky.contains_key(&case) => ("[flaky] ", green.as_str()),
                _ if results.known.contains_key(&case) => ("", "known failure"),
                _ if results.was_run(case) => ("", green.as_str()),
                _ => ("", "ignored"),
            };
            let _ = writeln!(out, "test {kind}{} ... {verdict}", plan.name(case));
        }
        for check in plan.schemas.iter().filter(|check| check.failure().is_none()) {
            let _ = writeln!(out, "test {} ... {green}", check.name);
        }
    }
    let heading = |name: &str| format!("\ntest {} ... {}\n", paint.bold(name), paint.red("FAILED"));
    let run = results.failures.iter().map(|(case, Verdict { text, .. })| (plan.name(*case), text));
    let not_run = plan.failed.iter().map(|unrun| (unrun.name.clone(), &unrun.why.text));
    for (name, text) in run.chain(not_run).filter(|_| !is_short) {
        out.push_str(&heading(&name));
        out.push_str(text);
    }
    for check in &plan.schemas {
        if let Some(why) = check.failure() {
            out.push_str(&heading(&check.name));
            out.push_str(&why.text);
        }
    }
    for trouble in &results.troubles {
        out.push_str(&heading("worker"));
        let _ = writeln!(out, "{trouble}");
    }
    let mut stdout = std::io::stdout();
    printed(stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()))
}

/// Many cases: only the failures, the first ones in full.
fn short(plan: &Plan, results: &Results, summary: &TestSummary, paint: Style) -> Result<()> {
    let mut out = String::new();
    let tests = plan.len() + plan.failed.len() + plan.schemas.len();
    let _ = writeln!(out, "\nrunning {tests} tests");
    let run = results.failures.iter().map(|(case, Verdict { text, .. })| (plan.name(*case), text));
    let not_run = plan.failed.iter().map(|unrun| (unrun.name.clone(), &unrun.why.text));
    let failures = run.chain(not_run);
    for (at, (name, text)) in failures.enumerate() {
        if at == SHOWN {
            let _ = writeln!(out, "\n.. and {} more failures", summary.failed - SHOWN as u64);
            break;
        }
        if at < WHOLE / 2 {
            let _ = write!(out, "\n---- {name} ----\n{text}");
        } else {
            let place = text.lines().nth(1).or(text.lines().next()).unwrap_or_default();
            let _ = writeln!(out, "\n---- {name} ----\n{place}");
        }
    }
    for check in &plan.schemas {
        if let Some(why) = check.failure() {
            let _ = write!(out, "\n---- {} ----\n{}", check.name, why.text);
        }
    }
    for trouble in &results.troubles {
        let _ = writeln!(out, "\n---- worker ----\n{trouble}");
    }
    let failed = summary.failed + summary.schemas_failed;
    let passed = summary.passed + summary.schemas - summary.schemas_failed;
    let verdict = if failed > 0 { paint.red("FAILED") } else { paint.green("ok") };
    let _ = writeln!(
        out,
        "\ntest result: {verdict}. {passed} passed; {failed} failed; {} ignored; 0 measured; {} filtered out\n",
        summary.skipped, summary.filtered
    );
    let mut stdout = std::io::stdout();
    printed(stdout.write_all(out.as_bytes()).and_then(|()| stdout.flush()))
}
