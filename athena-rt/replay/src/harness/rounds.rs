//! A run of several rounds: again, elsewhere, or only what failed.

use std::collections::BTreeMap;

use athena_protocol::collect::insert_all;
use athena_protocol::{Entry, Observation, Test};

use super::messages::FailureKind;
use super::plan::Plan;
use super::report_writer::{ReportWriter, RetryOutcome};
use super::supervisor::{Launch, Results, Supervisor};
use athena_core::error::Result;
use athena_process::ModelProcess;

/// So few cases run one after the other where their order matters.
const FEW: usize = 64;

/// The maximum number of failures of which it is found out whether they depend on other cases.
const MAX_EXPLAINED: usize = 5;

/// Replays every case of a plan, as often as asked, and notes what became of each.
pub(super) fn run(
    plan: &Plan,
    test: &Test,
    launch: &Launch,
    first: Option<ModelProcess>,
) -> Result<Results> {
    let mut report = ReportWriter::open(test.report.as_deref())?;
    let results = {
        let mut launch = launch.clone();
        launch.options.perturbed = launch.settings.observe && test.check_determinism;
        Supervisor::new(plan, test, &launch, &mut report).run(first)?
    };
    let mut rounds = Rounds { plan, test, launch, report, results, later: BTreeMap::new() };
    if test.repeat > 1 {
        rounds.repeat()?;
    }
    let is_over = test.fail_fast && !rounds.results.failures.is_empty();
    if test.check_determinism && !launch.settings.observe && !is_over {
        rounds.perturbed()?;
    }
    if test.retries > 0 {
        rounds.retry()?;
    }
    rounds.close()
}

/// What the first round came to, and what became of it later.
struct Rounds<'a> {
    plan: &'a Plan,
    test: &'a Test,
    launch: &'a Launch,
    report: ReportWriter,
    results: Results,
    later: BTreeMap<String, RetryOutcome>,
}

impl Rounds<'_> {
    /// Every case again. One that fails in some rounds only is flaky, and fails.
    fn repeat(&mut self) -> Result<()> {
        let mut failed: BTreeMap<usize, u32> =
            insert_all(self.results.failures.keys().map(|&case| (case, 1)));
        let mut rounds = 1;
        while rounds < self.test.repeat
            && (self.results.failures.is_empty() || !self.test.fail_fast)
        {
            let round =
                Supervisor::new(self.plan, self.test, self.launch, &mut self.report).run(None)?;
            rounds += 1;
            self.results.troubles.extend(round.troubles);
            for (case, why) in round.failures {
                *failed.entry(case).or_default() += 1;
                self.results.failures.entry(case).or_insert(why);
            }
        }
        for (case, times) in failed.into_iter().filter(|(_, times)| *times < rounds) {
            let what = format!("it failed in {times} of {rounds} runs");
            if let Some(why) = self.results.failures.get_mut(&case) {
                why.kind = FailureKind::Flaky;
                why.text = format!("{what}\n{}", why.text);
            }
            self.later.insert(self.plan.name(case), RetryOutcome::Failed(FailureKind::Flaky, what));
        }
        Ok(())
    }

    /// Every case once more where all that a model should not depend on is different.
    fn perturbed(&mut self) -> Result<()> {
        let mut launch = self.launch.clone();
        launch.options.perturbed = true;
        let mut ordered = launch.clone();
        if self.plan.len() <= FEW {
            // One after the other: the order is certain.
            ordered.config.threads = 1;
        }
        let supervisor = Supervisor::new(self.plan, self.test, &ordered, &mut self.report);
        let round = supervisor.reversed().run(None)?;
        self.results.troubles.extend(round.troubles);
        let mut explained = 0;
        for (case, mut why) in round.failures {
            if self.results.failures.contains_key(&case) {
                continue;
            }
            explained += 1;
            // It passes where all but the other cases is different, or fails where only they are missing.
            let is_state = explained <= MAX_EXPLAINED
                && (self.passes_alone(&launch, case)? || !self.passes_alone(self.launch, case)?);
            let what = if is_state {
                "it depends on the cases that ran before it in the same process: a model keeps state, such as a static, a cache, a variable of the process or a file"
            } else {
                "it depends on the time zone, the locale, the working directory, the hash seed or the cases before it, or differs from run to run"
            };
            why.text = format!("{what}\n{}", why.text);
            self.later
                .insert(self.plan.name(case), RetryOutcome::Failed(why.kind, what.to_owned()));
            self.results.failures.insert(case, why);
        }
        Ok(())
    }

    fn passes_alone(&self, launch: &Launch, case: usize) -> Result<bool> {
        let mut silent = ReportWriter::open(None)?;
        Supervisor::new(self.plan, self.test, launch, &mut silent).passes_alone(case)
    }

    /// Each case that failed, alone in a fresh worker, until it passes. One that failed elsewhere only
    /// is not tried again here, where it passes: it would hide what it depends on.
    fn retry(&mut self) -> Result<()> {
        let failed: Vec<usize> = self.results.failures.keys().copied().collect();
        for case in failed {
            if self.later.contains_key(&self.plan.name(case)) {
                continue;
            }
            let kind = self.results.failures.get(&case).map(|why| why.kind);
            if matches!(kind, Some(FailureKind::Broken | FailureKind::Flaky) | None) {
                continue;
            }
            for attempt in 1..=self.test.retries {
                if !self.passes_alone(self.launch, case)? {
                    continue;
                }
                let what = format!("it passed at retry {attempt} of {}", self.test.retries);
                if let Some(mut why) = self.results.failures.remove(&case) {
                    why.text = format!("{what}\n{}", why.text);
                    self.results.flaky.insert(case, why);
                }
                self.later.insert(self.plan.name(case), RetryOutcome::Passed(what));
                break;
            }
        }
        Ok(())
    }

    /// Notes what is known only now.
    fn close(mut self) -> Result<Results> {
        self.report.amend(&self.later);
        if !self.launch.settings.observe {
            self.report.names(
                self.plan,
                self.results.passed_cases(),
                |case| Some(self.results.micros(case)),
                Entry::Passed,
            );
            let skipped = (0..self.plan.len()).filter(|&case| !self.results.was_run(case));
            self.report.names(self.plan, skipped, |_| None, Entry::Skipped);
        }
        for failed in &self.plan.failed {
            let failure =
                failed.why.at(failed.name.clone(), &failed.model, &failed.path, failed.line);
            self.report.write(&if self.launch.settings.observe {
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
        for check in &self.plan.schemas {
            self.report.write(&Entry::Schema(check.to_report()));
        }
        for trouble in &self.results.troubles {
            self.report.write(&Entry::Trouble(trouble.clone()));
        }
        self.report.close()?;
        Ok(self.results)
    }
}
