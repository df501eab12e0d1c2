//! Runs every case, then every mutant on the cases that reach it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use athena_cases::case::Case;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_process::Stderr;
use athena_protocol::{
    Catch, MutantOutcome, MutantResult, ReachedSite, Strength, StrengthSummary, Test,
};

use crate::launch::Launch;
use crate::messages::{RecordedCase, StrengthRequest, StrengthResponse, StrengthSettings};
use crate::model_process::ROLE;
use crate::schedule::{Schedule, Task};
use crate::selection::Selection;
use crate::verdict::Mutants;
use crate::worker::{Answer, Worker};

/// The default time limit of a case, in milliseconds. The sites of rewritten code stop most endless
/// loops long before.
const TIMEOUT_MS: u64 = 10_000;

/// How many cases of a site are named.
const NAMED: usize = 5;

/// Replays the selected cases against every mutant.
///
/// # Errors
///
/// The program is not rewritten; cases can't be read; a process can't be started.
pub fn examine(
    registry: &Registry,
    fixtures: &Path,
    request: &Strength,
) -> Result<StrengthSummary> {
    let mutants = Mutants::load(&request.sites)?;
    let selection = Selection::read(registry, fixtures, &request.test)?;
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let examination = Examination {
        launch: launch(registry, &request.test)?,
        settings: StrengthSettings { sites: request.sites.clone(), cases: selection.cases },
        jobs: request.test.jobs.filter(|&jobs| jobs > 0).unwrap_or_else(cores),
    };
    let observed = examination.observe()?;
    let runs: Runs = Runs::new(&observed);
    let mut schedule = Schedule::default();
    let is_wanted = |id| request.mutants.as_ref().is_none_or(|only| only.contains(&id));
    for mutant in mutants.iter().filter(|mutant| is_wanted(mutant.id)) {
        if runs.reach.contains_key(&mutant.site) {
            let own_process = mutant.isolated;
            let mutant = mutant.clone();
            schedule.push(Task { mutant, own_process, all_cases: false, was_killed: false });
        } else {
            schedule.outcomes.insert(mutant.id, MutantOutcome::NotReached);
        }
    }
    let schedule = examination.judge(schedule, &runs)?;
    let cases = &examination.settings.cases;
    let is_broken = |case: &RecordedCase| Case::parse(&case.text, &case.model).is_err();
    let unreadable = observed
        .iter()
        .zip(cases)
        .filter(|(observed, case)| observed.failure.is_some() && is_broken(case));
    let broken = (selection.broken.len() + unreadable.count()) as u64;
    let mut failing = selection.broken;
    failing.extend(
        observed
            .iter()
            .zip(cases)
            .filter_map(|(observed, case)| Some((case.name.clone(), observed.failure.clone()?))),
    );
    let reached = runs.reach.iter().map(|(site, reaching)| ReachedSite {
        site: *site,
        cases: reaching.len() as u64,
        names: reaching.iter().take(NAMED).map(|case| cases[*case].name.clone()).collect(),
    });
    let outcomes = schedule.outcomes.into_iter();
    Ok(StrengthSummary {
        cases: observed.iter().filter(|case| case.failure.is_none()).count() as u64,
        failing,
        broken,
        mutants: outcomes.map(|(id, outcome)| MutantResult { id, outcome }).collect(),
        reached: reached.collect(),
        stateful: schedule.stateful.into_iter().collect(),
    })
}

fn launch(registry: &Registry, test: &Test) -> Result<Launch> {
    let mut launch = Launch::new(registry, ROLE, test.timeout_ms.unwrap_or(TIMEOUT_MS))?;
    if test.memory_limit.is_some() {
        launch.config.memory_limit = test.memory_limit;
    }
    if test.no_capture {
        launch.options.stderr = Stderr::Inherit;
    }
    Ok(launch)
}

/// One run of a case without a mutant.
#[derive(Clone, Debug, Default)]
struct CaseRun {
    failure: Option<String>,
    sites: Vec<(u32, u32)>,
}

/// The runs of the cases that pass.
struct Runs {
    /// By site: the cases that reach it.
    reach: BTreeMap<u32, Vec<usize>>,
    /// By case: how many sites ran.
    sites: Vec<u64>,
    passed: Vec<bool>,
}

impl Runs {
    fn new(observed: &[CaseRun]) -> Self {
        let mut reach: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (case, run) in observed.iter().enumerate().filter(|(_, run)| run.failure.is_none()) {
            for (site, _) in &run.sites {
                reach.entry(*site).or_default().push(case);
            }
        }
        let count = |run: &CaseRun| run.sites.iter().map(|(_, count)| u64::from(*count)).sum();
        let passed = observed.iter().map(|run| run.failure.is_none()).collect();
        Self { reach, sites: observed.iter().map(count).collect(), passed }
    }
}

struct Examination {
    launch: Launch,
    settings: StrengthSettings,
    jobs: usize,
}

impl Examination {
    /// Runs every case unmutated.
    fn observe(&self) -> Result<Vec<CaseRun>> {
        let count = self.settings.cases.len();
        let next = AtomicUsize::new(0);
        let runs = Mutex::new(vec![CaseRun::default(); count]);
        self.on_all_cores(count, || {
            let mut worker = Worker::new(&self.launch, &self.settings);
            loop {
                let case = next.fetch_add(1, Ordering::Relaxed);
                if case >= count {
                    return Ok(());
                }
                let run = match worker.ask(&StrengthRequest::Observe { case })? {
                    Answer::Response(StrengthResponse::Observed { failure, sites }) => {
                        CaseRun { failure, sites }
                    }
                    Answer::Died { reason, .. }
                    | Answer::Killed(reason)
                    | Answer::Refused(reason) => {
                        CaseRun { failure: Some(format!("its process {reason}")), sites: vec![] }
                    }
                    Answer::Response(StrengthResponse::Judged { .. }) => return Err(confused()),
                };
                lock(&runs)[case] = run;
            }
        })?;
        Ok(runs.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs every mutant of the schedule.
    fn judge(&self, schedule: Schedule, runs: &Runs) -> Result<Schedule> {
        let schedule = Mutex::new(schedule);
        self.on_all_cores(usize::MAX, || {
            let mut worker = Worker::new(&self.launch, &self.settings);
            loop {
                let Some(task) = lock(&schedule).pop() else { return Ok(()) };
                self.run_task(task, &schedule, runs, &mut worker)?;
            }
        })?;
        Ok(schedule.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn run_task(
        &self,
        task: Task,
        schedule: &Mutex<Schedule>,
        runs: &Runs,
        worker: &mut Worker<'_>,
    ) -> Result<()> {
        let recorded = &self.settings.cases;
        let mutant = &task.mutant;
        let mut cases: Vec<(usize, u64)> = runs
            .reach
            .get(&mutant.site)
            .into_iter()
            .flatten()
            .map(|&case| (case, runs.sites[case]))
            .collect();
        let models: BTreeSet<&str> =
            cases.iter().map(|(case, _)| recorded[*case].model.as_str()).collect();
        let own_process = {
            let schedule = lock(schedule);
            schedule.sort(&mut cases, &mutant.function);
            task.own_process || models.iter().any(|model| schedule.stateful.contains(*model))
        };
        if task.all_cases {
            let rest = (0..recorded.len()).filter(|&case| {
                runs.passed[case] && models.contains(recorded[case].model.as_str())
            });
            let rest: Vec<_> = rest.map(|case| (case, runs.sites[case])).collect();
            cases.extend(rest);
        }
        let answer = if own_process {
            self.ask_alone(mutant.id, &cases)?
        } else {
            worker.ask(&StrengthRequest::Judge { mutant: mutant.id, cases: cases.clone() })?
        };
        let name = |case: Option<usize>| case.map_or("", |case| recorded[case].name.as_str());
        let mut schedule = lock(schedule);
        match answer {
            Answer::Response(StrengthResponse::Judged { caught, reached, clean }) => {
                if !own_process && (!clean || (caught.is_none() && !reached)) {
                    schedule.stateful.extend(models.iter().map(|&model| model.to_owned()));
                    worker.discard();
                }
                match caught {
                    Some((case, by)) => schedule.caught(mutant, Some(case), name(Some(case)), by),
                    None if !reached && !own_process => {
                        schedule.push(Task { own_process: true, all_cases: true, ..task });
                    }
                    None => schedule.missed(mutant),
                }
            }
            Answer::Died { by, index, .. } => {
                let only = || (cases.len() == 1).then_some(0);
                let case = index.or_else(only).and_then(|at| Some(cases.get(at)?.0));
                schedule.caught(mutant, case, name(case), by);
            }
            Answer::Killed(_) if !task.was_killed => {
                schedule.push(Task { own_process: true, was_killed: true, ..task });
            }
            Answer::Killed(_) | Answer::Refused(_) => {
                schedule.caught(mutant, None, "", Catch::Crash);
            }
            Answer::Response(StrengthResponse::Observed { .. }) => return Err(confused()),
        }
        Ok(())
    }

    /// Runs a mutant in a process that ends afterwards.
    fn ask_alone(&self, mutant: u32, cases: &[(usize, u64)]) -> Result<Answer> {
        let texts: Vec<RecordedCase> =
            cases.iter().map(|(case, _)| self.settings.cases[*case].clone()).collect();
        let settings = StrengthSettings { sites: self.settings.sites.clone(), cases: texts };
        let local = cases.iter().enumerate().map(|(at, (_, sites))| (at, *sites)).collect();
        let request = StrengthRequest::Judge { mutant, cases: local };
        Ok(match Worker::new(&self.launch, &settings).ask(&request)? {
            Answer::Response(StrengthResponse::Judged { caught, reached, clean }) => {
                let caught = caught.map(|(at, by)| (cases[at].0, by));
                Answer::Response(StrengthResponse::Judged { caught, reached, clean })
            }
            other => other,
        })
    }

    /// Runs the same loop on several threads. Returns the first error.
    fn on_all_cores(&self, most: usize, run: impl Fn() -> Result<()> + Sync) -> Result<()> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..self.jobs.min(most)).map(|_| scope.spawn(&run)).collect();
            let mut result = Ok(());
            for thread in threads {
                let ended = thread
                    .join()
                    .unwrap_or_else(|_| Err(Error::failure("a thread panicked outside a model")));
                result = result.and(ended);
            }
            result
        })
    }
}

fn confused() -> Error {
    Error::failure("a model process answered another request than the one it was sent")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
