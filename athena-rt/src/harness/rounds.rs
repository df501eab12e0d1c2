//! A run of several rounds: again, elsewhere, or only what failed.

use std::collections::BTreeMap;

use athena_protocol::{Entry, Observation, Test};

use super::note::{FailureKind, Orders};
use super::notebook::{Later, Notebook};
use super::plan::Plan;
use super::supervisor::{Launch, Results, Supervisor, Worker};
use crate::error::Result;

/// Replays every case of a plan, as often as asked, and notes what became of each.
pub(crate) fn run(
    plan: &Plan,
    test: &Test,
    launch: &Launch,
    orders: &Orders,
    first: Option<Worker>,
) -> Result<Results> {
    let mut notebook = Notebook::open(test.report.as_deref())?;
    let mut later = BTreeMap::new();
    let mut results = {
        let launch =
            Launch { elsewhere: orders.observe && test.check_determinism, ..launch.clone() };
        Supervisor::new(plan, test, &launch, orders, &mut notebook).run(first)?
    };
    if test.repeat > 1 {
        repeat(plan, test, launch, orders, &mut notebook, &mut results, &mut later)?;
    }
    let is_over = test.fail_fast && !results.failures.is_empty();
    if test.check_determinism && !orders.observe && !is_over {
        elsewhere(plan, test, launch, orders, &mut notebook, &mut results, &mut later)?;
    }
    if test.retries > 0 {
        retry(plan, test, launch, orders, &mut results, &mut later)?;
    }
    notebook.correct(&later);
    if !orders.observe {
        let passed = (0..plan.len()).filter(|&case| results.passed(case));
        notebook.names(plan, passed, Entry::Passed);
        let skipped = (0..plan.len()).filter(|&case| !results.was_run(case));
        notebook.names(plan, skipped, Entry::Skipped);
    }
    for failed in &plan.failed {
        let failure = failed.why.at(failed.name.clone(), &failed.model, &failed.path, failed.line);
        notebook.note(&if orders.observe {
            Entry::Observed(Observation {
                name: failure.name.clone(),
                model: failure.model.clone(),
                file: failure.file.clone(),
                line: failure.line,
                outcome: None,
                failure: Some(Box::new(failure)),
            })
        } else {
            Entry::Failed(failure)
        });
    }
    for check in &plan.schemas {
        notebook.note(&Entry::Schema(check.told()));
    }
    for trouble in &results.troubles {
        notebook.note(&Entry::Trouble(trouble.clone()));
    }
    notebook.close()?;
    Ok(results)
}

/// Every case again. One that fails in some rounds only is flaky, and fails.
fn repeat(
    plan: &Plan,
    test: &Test,
    launch: &Launch,
    orders: &Orders,
    notebook: &mut Notebook,
    results: &mut Results,
    later: &mut BTreeMap<String, Later>,
) -> Result<()> {
    let mut failed: BTreeMap<usize, u32> = results.failures.keys().map(|&case| (case, 1)).collect();
    let mut rounds = 1;
    while rounds < test.repeat && (results.failures.is_empty() || !test.fail_fast) {
        let round = Supervisor::new(plan, test, launch, orders, notebook).run(None)?;
        rounds += 1;
        results.troubles.extend(round.troubles);
        for (case, why) in round.failures {
            *failed.entry(case).or_default() += 1;
            results.failures.entry(case).or_insert(why);
        }
    }
    for (case, times) in failed.into_iter().filter(|(_, times)| *times < rounds) {
        let what = format!("it failed in {times} of {rounds} runs");
        if let Some(why) = results.failures.get_mut(&case) {
            why.kind = FailureKind::Flaky;
            why.text = format!("{what}\n{}", why.text);
        }
        later.insert(plan.name(case), Later::Failed(FailureKind::Flaky, what));
    }
    Ok(())
}

/// Every case once more where all that a model should not depend on is different.
fn elsewhere(
    plan: &Plan,
    test: &Test,
    launch: &Launch,
    orders: &Orders,
    notebook: &mut Notebook,
    results: &mut Results,
    later: &mut BTreeMap<String, Later>,
) -> Result<()> {
    let launch = Launch { elsewhere: true, ..launch.clone() };
    let round = Supervisor::new(plan, test, &launch, orders, notebook).run(None)?;
    results.troubles.extend(round.troubles);
    for (case, mut why) in round.failures {
        if results.failures.contains_key(&case) {
            continue;
        }
        let what = "it depends on the time zone, the locale, the working directory or the hash seed, or differs from run to run";
        why.text = format!("{what}\n{}", why.text);
        later.insert(plan.name(case), Later::Failed(why.kind, what.to_owned()));
        results.failures.insert(case, why);
    }
    Ok(())
}

/// Each case that failed, alone in a fresh worker, until it passes. One that failed elsewhere only
/// is not tried again here, where it passes: it would hide what it depends on.
fn retry(
    plan: &Plan,
    test: &Test,
    launch: &Launch,
    orders: &Orders,
    results: &mut Results,
    later: &mut BTreeMap<String, Later>,
) -> Result<()> {
    let failed: Vec<usize> = results.failures.keys().copied().collect();
    for case in failed {
        if later.contains_key(&plan.name(case)) {
            continue;
        }
        let kind = results.failures.get(&case).map(|why| why.kind);
        if matches!(kind, Some(FailureKind::Broken | FailureKind::Flaky) | None) {
            continue;
        }
        let mut silent = Notebook::open(None)?;
        for attempt in 1..=test.retries {
            let supervisor = Supervisor::new(plan, test, launch, orders, &mut silent);
            if !supervisor.passes_alone(case)? {
                continue;
            }
            let what = format!("it passed at retry {attempt} of {}", test.retries);
            if let Some(mut why) = results.failures.remove(&case) {
                why.text = format!("{what}\n{}", why.text);
                results.flaky.insert(case, why);
            }
            later.insert(plan.name(case), Later::Passed(what));
            break;
        }
    }
    Ok(())
}
