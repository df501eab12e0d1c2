//! The supervisor: deals the parts of rounds to processes, and starts them again when one ends.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use athena_core::error::{Error, Result};
use athena_strength::Launch;
use athena_strength::json_process::Answer;

use crate::messages::{SearchRequest, SearchResponse, SearchSettings, StoredInput};
use crate::model_subject::{FatalRun, RunId};
use crate::search::{Merged, Progress, ROUNDS, RoundPlan, RoundResult, SHARDS, merge};
use crate::select::{ExistingCase, Selection};
use crate::worker::Worker;

/// The runs of one part of a round.
const BUDGET: u64 = 4_000;

/// The same without mutants, where an input takes one run.
const PLAIN_BUDGET: u64 = 500;

/// The time of a search, for each unit of effort: a safety net for models that are slow by themselves. Up to it the
/// result is the same everywhere, so it is far beyond what the runs of any other model take on a loaded machine.
const TIME: Duration = Duration::from_mins(10);

/// The time of all parts of a search together, in milliseconds, and of one part, for each unit of effort. The time
/// for which a process has no core does not count, so that a loaded machine changes little. Most models take a tenth;
/// one that writes files, or fills memory, would take minutes for the same number of runs.
const SPENT_MS: u64 = 80_000;
const PART_MS: u64 = 6_000;

/// How many processes may end in one part of a round, or in the selection, before it is given up.
const DEATHS: usize = 500;

/// How many inputs that end the process one part of a round may meet, and after how many in all the first one ends
/// a part.
const FATAL_INPUTS: u64 = 4;
const MANY_FATAL_INPUTS: usize = 40;

/// A search in processes.
pub(crate) struct Search {
    pub(crate) launch: Launch,
    pub(crate) settings: SearchSettings,
    pub(crate) seed: u64,
    pub(crate) effort: u64,
    pub(crate) jobs: usize,
    /// Whether threads of the model are known to run its code.
    pub(crate) watches_threads: AtomicBool,
}

/// What was found, and whether the time was over before the end.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) merged: Merged,
    pub(crate) fatal: Vec<FatalRun>,
    pub(crate) out_of_time: bool,
    /// Whether threads of the model outlive its calls.
    pub(crate) leaves_threads: bool,
}

/// What a request needs from a process again after one has ended.
enum Outcome {
    Response(Box<SearchResponse>),
    GivenUp,
}

impl Search {
    /// Runs the rounds.
    pub(crate) fn run(&self) -> Result<Found> {
        let end = Instant::now() + self.time();
        let mut found = Found::default();
        let mut workers: Vec<Option<Worker>> = (0..self.jobs).map(|_| None).collect();
        let (mut progress, mut spent) = (Progress::default(), 0);
        let part_millis = PART_MS.saturating_mul(self.effort);
        for round in 0..ROUNDS.saturating_mul(self.effort) {
            let mut is_new = false;
            // The first part runs alone: which mutants end processes is known to the others then.
            let first = if round == 0 { 1 } else { SHARDS };
            for shards in [0..first, first..SHARDS] {
                let results = self.round((round, shards), &mut found, &mut workers, end)?;
                found.leaves_threads |= results.iter().any(|result| result.leaves_threads);
                spent += results.iter().map(|result| result.millis).sum::<u64>();
                let is_over = spent > SPENT_MS.saturating_mul(self.effort);
                found.out_of_time |= is_over || results.iter().any(|it| it.millis > part_millis);
                is_new |= merge(&mut found.merged, results);
            }
            found.out_of_time |= Instant::now() > end;
            if found.out_of_time {
                break;
            }
            progress.add(is_new);
            if progress.is_over() {
                break;
            }
        }
        Ok(found)
    }

    /// Starts a process and ends it: the model's type has a value, its variables and examples can be read.
    pub(crate) fn check(&self) -> Result<()> {
        let plan =
            RoundPlan { seed: self.seed, round: 1, shard: 0, budget: 0, fatal: 0, millis: 0 };
        let request = SearchRequest::Round { plan, new: Vec::new() };
        Worker::start(&self.launch, &self.settings)?.ask(&request).map(drop)
    }

    fn time(&self) -> Duration {
        TIME.saturating_mul(u32::try_from(self.effort).unwrap_or(u32::MAX))
    }

    /// Runs parts of a round on all cores. The results are in the order of the parts.
    fn round(
        &self,
        (round, shards): (u64, Range<u64>),
        found: &mut Found,
        workers: &mut [Option<Worker>],
        end: Instant,
    ) -> Result<Vec<RoundResult>> {
        let next = AtomicU64::new(shards.start);
        let inputs = found.fatal.iter().filter(|run| run.id.mutant == 0).count();
        let plan = RoundPlan {
            seed: self.seed,
            round,
            shard: 0,
            budget: if self.settings.sites.is_empty() { PLAIN_BUDGET } else { BUDGET },
            fatal: if inputs < MANY_FATAL_INPUTS { FATAL_INPUTS } else { 1 },
            millis: PART_MS.saturating_mul(self.effort),
        };
        let results: Mutex<Vec<(u64, RoundResult)>> = Mutex::new(Vec::new());
        // A part that knows of a fatal run and one that finds it have the same result: the second only takes longer.
        let fatal = Mutex::new(std::mem::take(&mut found.fatal));
        let before = &*found;
        std::thread::scope(|scope| {
            let threads: Vec<_> = workers
                .iter_mut()
                .map(|worker| {
                    scope.spawn(|| {
                        loop {
                            let shard = next.fetch_add(1, Ordering::Relaxed);
                            if shard >= shards.end {
                                return Ok(());
                            }
                            let plan = RoundPlan { shard, ..plan };
                            let part = self.part(plan, before, worker, &fatal, end)?;
                            lock(&results).push((shard, part));
                        }
                    })
                })
                .collect();
            let mut result = Ok(());
            for thread in threads {
                let ended = thread
                    .join()
                    .unwrap_or_else(|_| Err(Error::failure("a thread panicked outside a model")));
                result = result.and(ended);
            }
            result
        })?;
        let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        results.sort_by_key(|(shard, ..)| *shard);
        found.fatal = fatal.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(results.into_iter().map(|(_, result)| result).collect())
    }

    fn part(
        &self,
        plan: RoundPlan,
        found: &Found,
        worker: &mut Option<Worker>,
        fatal: &Mutex<Vec<FatalRun>>,
        end: Instant,
    ) -> Result<RoundResult> {
        let entries = &found.merged.corpus.entries;
        let request = |known: usize| SearchRequest::Round { plan, new: entries[known..].to_vec() };
        let asked = RepeatedRequest { known: entries.len(), request: &request, end };
        match self.ask(&self.settings, worker, &asked, fatal)? {
            Outcome::Response(response) => match *response {
                SearchResponse::Round(result) => Ok(result),
                SearchResponse::Selected(_) | SearchResponse::Threaded => Err(confused()),
            },
            Outcome::GivenUp => Ok(RoundResult::default()),
        }
    }

    /// Asks a process. One that ends is started again on the same request, with each run reported before it
    /// begins: so the run at fault is known, and is left out from then on.
    fn ask(
        &self,
        settings: &SearchSettings,
        worker: &mut Option<Worker>,
        asked: &RepeatedRequest<'_>,
        fatal: &Mutex<Vec<FatalRun>>,
    ) -> Result<Outcome> {
        let mut is_careful = false;
        for _ in 0..DEATHS {
            // A process that runs does not know of runs that ended others: its own may end it too.
            let mut current = match worker.take() {
                Some(worker) if !is_careful => worker,
                _ => {
                    let fatal = lock(fatal).clone();
                    let watches_threads = self.watches_threads.load(Ordering::Relaxed);
                    let settings =
                        SearchSettings { fatal, watches_threads, is_careful, ..settings.clone() };
                    Worker::start(&self.launch, &settings)?
                }
            };
            let request = (asked.request)(current.known);
            current.known = asked.known;
            let (answer, last) = current.ask(&request)?;
            match (answer, last) {
                // Another process counts it right from the first call on.
                (Answer::Response(SearchResponse::Threaded), _) => {
                    self.watches_threads.store(true, Ordering::Relaxed);
                }
                (Answer::Response(response), _) => {
                    // A careful one is slow.
                    *worker = Some(current).filter(|_| !is_careful);
                    return Ok(Outcome::Response(Box::new(response)));
                }
                (Answer::Died { reason, .. }, Some(id)) => add_fatal(&mut lock(fatal), id, &reason),
                // Nothing is known of the run.
                (Answer::Died { .. }, None) => is_careful = true,
                // The run may have nothing to do with it: it is repeated.
                (Answer::Killed(_) | Answer::Refused(_), _) => {}
            }
            if Instant::now() > asked.end {
                break;
            }
        }
        Ok(Outcome::GivenUp)
    }

    /// Selects cases, in a process of its own: what a mutant has left behind in another does not count.
    pub(crate) fn select(
        &self,
        found: &mut Found,
        fixed: &[ExistingCase],
        recorded: &[ExistingCase],
        rejected: &[String],
        most: usize,
    ) -> Result<Selection> {
        let pool: Vec<StoredInput> =
            found.merged.corpus.pool().into_iter().map(StoredInput::from).collect();
        let findings = found.merged.findings.clone();
        let request = |_: usize| SearchRequest::Select {
            fixed: fixed.to_vec(),
            recorded: recorded.to_vec(),
            pool: pool.clone(),
            findings: findings.clone(),
            rejected: rejected.to_vec(),
            most,
        };
        let fatal = Mutex::new(std::mem::take(&mut found.fatal));
        // Where mutants end processes without end, the kinds of outcomes alone have to do.
        let plain = SearchSettings { sites: Vec::new(), ..self.settings.clone() };
        for settings in [&self.settings, &plain] {
            let asked =
                RepeatedRequest { known: 0, request: &request, end: Instant::now() + self.time() };
            match self.ask(settings, &mut None, &asked, &fatal)? {
                Outcome::Response(response) => match *response {
                    SearchResponse::Selected(selection) => return Ok(selection),
                    SearchResponse::Round(_) | SearchResponse::Threaded => return Err(confused()),
                },
                Outcome::GivenUp => found.out_of_time = true,
            }
        }
        Err(Error::failure("the model ends its process again and again: no case is selected").help(
            "it ends with inputs that it has answered before: a thread of it may be the cause",
        ))
    }
}

/// A request, which a process gets again if one before it has ended.
struct RepeatedRequest<'a> {
    /// How many entries of the corpus the process has afterwards.
    known: usize,
    /// The request to a process that has this many.
    request: &'a dyn Fn(usize) -> SearchRequest,
    /// When it is given up.
    end: Instant,
}

fn add_fatal(fatal: &mut Vec<FatalRun>, id: RunId, reason: &str) {
    if fatal.iter().all(|known| known.id != id) {
        fatal.push(FatalRun { id, reason: format!("the model's process {reason}") });
    }
}

fn confused() -> Error {
    Error::failure("a model process answered another request than the one it was sent")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
