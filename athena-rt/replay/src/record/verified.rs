//! Compares the runs of each call: a case is written only if their outcomes agree.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use athena_cases::case::CaseOutcome;
use athena_core::context::Context;
use athena_core::error::{Error, Result};
use athena_core::progress::is_on_terminal;
use athena_core::style::Style;
use athena_structure::description::TypeDescription;

use super::evaluate::Call;
use super::failed_calls::all_or_errors;
use super::reordered;
use super::runs::{self, HELP, RunOptions};
use crate::diff;
use crate::differences::differences;

/// The maximum number of differing calls of which it is found out why they differ.
const MAX_EXPLAINED: usize = 5;

/// How often such a call runs alone, twice each time, and for how long at most.
const ALONE: usize = 10;
const ALONE_TIME: Duration = Duration::from_secs(1);

/// In how many more processes a call is repeated that nobody has chosen, how often in each, and for how long at most.
const PROCESSES: usize = 2;
const REPETITIONS: usize = 50;
const REPETITION_TIME: Duration = Duration::from_secs(5);

/// Calls that can't be recorded.
pub(super) struct FailedCalls {
    pub(super) errors: Vec<Error>,
    /// Whether one of them has ended the run before all had run.
    pub(super) is_over: bool,
}

/// Runs every call in two processes, and returns the outcomes if they agree; otherwise the errors of the calls
/// that failed.
pub(super) fn run_verified(
    context: &Context<'_>,
    calls: &[Call],
    timeout_ms: Option<u64>,
) -> Result<Result<Vec<CaseOutcome>, FailedCalls>> {
    let calls: Vec<&Call> = calls.iter().collect();
    let options = RunOptions { stops_at_failure: true, ..run_options(context, timeout_ms, None) };
    let run = |is_second| {
        let results = runs::run(RunOptions { is_second, ..options }, &calls)?;
        let is_over = results.iter().any(Option::is_none);
        let outcomes = all_or_errors(results.into_iter().flatten());
        Ok(outcomes.map_err(|errors| FailedCalls { errors, is_over }))
    };
    let first = match run(false)? {
        Ok(first) => first,
        failed => return Ok(failed),
    };
    let second = match run(true)? {
        Ok(second) => second.into_iter().map(Ok).collect(),
        failed => return Ok(failed),
    };
    let checked = all_or_errors(check_deterministic(context, options, &calls, first, second));
    Ok(checked.map_err(|errors| FailedCalls { errors, is_over: false }))
}

/// Runs every call twice; each call fails or succeeds on its own. The first run is in `directory`.
pub(super) fn run_each_verified(
    context: &Context<'_>,
    calls: &[Call],
    timeout_ms: Option<u64>,
    directory: Option<&Path>,
) -> Result<Vec<Result<CaseOutcome>>> {
    let options = run_options(context, timeout_ms, directory);
    let calls: Vec<&Call> = calls.iter().collect();
    let mut first = runs::run_all(options, &calls)?;
    let is_run = |outcome: &Result<CaseOutcome>| outcome.is_ok();
    let ran: Vec<&Call> = calls
        .iter()
        .zip(&first)
        .filter(|(_, outcome)| is_run(outcome))
        .map(|(call, _)| *call)
        .collect();
    if ran.is_empty() {
        return Ok(first);
    }
    let second = runs::run_all(RunOptions { is_second: true, ..options }, &ran)?;
    let outcomes: Vec<CaseOutcome> = first.iter().flatten().cloned().collect();
    let checked = check_deterministic(context, options, &ran, outcomes, second);
    for (slot, outcome) in first.iter_mut().filter(|outcome| is_run(outcome)).zip(checked) {
        *slot = outcome;
    }
    Ok(first)
}

/// The same, and each call is repeated many times in more processes: of the inputs of a model whose outcome is seldom
/// another, a search finds those that two runs agree on.
pub(super) fn run_each_repeatedly(
    context: &Context<'_>,
    calls: &[Call],
    timeout_ms: Option<u64>,
    directory: Option<&Path>,
) -> Result<Vec<Result<CaseOutcome>>> {
    let started = Instant::now();
    let mut outcomes = run_each_verified(context, calls, timeout_ms, directory)?;
    let each = started.elapsed() / 2;
    let options = run_options(context, timeout_ms, directory);
    for _ in 0..PROCESSES {
        let verified = calls.iter().zip(&outcomes);
        let verified: Vec<(usize, &Call, &CaseOutcome)> = verified
            .enumerate()
            .filter_map(|(at, (call, outcome))| Some((at, call, outcome.as_ref().ok()?)))
            .collect();
        if verified.is_empty() {
            break;
        }
        let repeated = verified.repeat(repetitions(each));
        let ran: Vec<&Call> = repeated.iter().map(|(_, call, _)| *call).collect();
        let expected = repeated.iter().map(|(_, _, outcome)| (*outcome).clone()).collect();
        let places: Vec<usize> = repeated.iter().map(|(at, ..)| *at).collect();
        let again = runs::run_all(RunOptions { is_second: true, ..options }, &ran)?;
        for (at, checked) in
            places.iter().zip(check_deterministic(context, options, &ran, expected, again))
        {
            if outcomes[*at].is_ok() {
                outcomes[*at] = checked;
            }
        }
    }
    Ok(outcomes)
}

/// How often calls are repeated that take this long together.
fn repetitions(each: Duration) -> usize {
    let all = REPETITION_TIME.as_micros() / (PROCESSES as u128 * each.as_micros().max(1));
    usize::try_from(all).unwrap_or(usize::MAX).clamp(1, REPETITIONS)
}

fn run_options<'a>(
    context: &Context<'a>,
    timeout_ms: Option<u64>,
    directory: Option<&'a Path>,
) -> RunOptions<'a> {
    RunOptions {
        registry: context.registry,
        timeout_ms,
        is_second: false,
        stops_at_failure: false,
        shows_progress: !context.quiet && is_on_terminal(),
        directory,
    }
}

/// The outcome of each call, or an error if its two runs differ.
fn check_deterministic<'a>(
    context: &Context<'a>,
    options: RunOptions<'a>,
    calls: &[&'a Call],
    first: Vec<CaseOutcome>,
    second: Vec<Result<CaseOutcome>>,
) -> impl Iterator<Item = Result<CaseOutcome>> {
    let (registry, paint) = (context.registry, Style(context.color));
    let mut types: BTreeMap<&str, _> = BTreeMap::new();
    // To find out why takes two processes.
    let mut explained = 0;
    calls.iter().zip(first).zip(second).map(move |((call, first), second)| {
        let second = second?;
        if first == second {
            return Ok(first);
        }
        let Some(entry) = registry.get(&call.model) else { return Ok(first) };
        let output = types.entry(&call.model).or_insert_with(|| entry.model.output_type());
        let found = differences(output, &first, &second);
        if found.is_empty() {
            return Ok(first);
        }
        explained += 1;
        let is_state = explained <= MAX_EXPLAINED
            && has_one_outcome_alone(options, call, output);
        let (model, origin) = (&call.model, &call.origin);
        let error = if is_state {
            Error::failure(format!(
                "{model} is not recorded: its outcome on {origin} depends on what ran before it in the same process"
            ))
            .detail(&diff::paths(&found, paint))
            .help("alone in a fresh process it has one outcome: it keeps state between calls, such as a static, a cache, a variable of the process or a file")
        } else {
            Error::failure(format!(
                "{model} is not recorded: two runs on {origin} had different outcomes"
            ))
            .detail(&diff::paths(&found, paint))
            .help(HELP)
        };
        Err(error.help(if reordered::is_reordered(&found) {
            "only the order of a list differs: collect into a BTreeSet or BTreeMap, sort, or mark the field #[unordered]"
        } else {
            "read the differing value from the message or the environment, or mark the field #[volatile]"
        }))
    })
}

/// Whether a call has one outcome if nothing has run before it in its process. What is a matter of chance may be equal
/// a few times.
fn has_one_outcome_alone(options: RunOptions<'_>, call: &Call, output: &TypeDescription) -> bool {
    let started = Instant::now();
    let mut known: Option<CaseOutcome> = None;
    for _ in 0..ALONE {
        let Some((first, second)) = runs::run_alone(options, call) else { return false };
        let known = known.get_or_insert_with(|| first.clone());
        if [&first, &second].iter().any(|now| !differences(output, known, now).is_empty()) {
            return false;
        }
        if started.elapsed() > ALONE_TIME {
            break;
        }
    }
    true
}
