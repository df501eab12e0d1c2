//! The supervisor: deals the parts of rounds to processes, and starts them again when one ends.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use athena_core::error::{Error, Result};
use athena_strength::Launch;
use athena_strength::json_process::Answer;

use crate::messages::{SearchRequest, SearchResponse, SearchSettings, StoredInput};
use crate::model_subject::Note;
use crate::search::{BARREN, Finding, Merged, ROUNDS, RoundPlan, RoundResult, SHARDS, merge};
use crate::select::Selection;
use crate::worker::Worker;

/// The runs of one part of a round.
const BUDGET: u64 = 4_000;

/// The same without mutants, where an input takes one run.
const PLAIN_BUDGET: u64 = 500;

/// The time of a search, for each unit of effort: a safety net. Up to it the result is the same everywhere.
const TIME: Duration = Duration::from_mins(2);

/// How many processes may end in one part of a round before the part is given up.
const DEATHS: usize = 12;

/// A search in processes.
pub(crate) struct Search {
    pub(crate) launch: Launch,
    pub(crate) settings: SearchSettings,
    pub(crate) seed: u64,
    pub(crate) effort: u64,
    pub(crate) jobs: usize,
}

/// What was found, and whether the time was over before the end.
pub(crate) struct Found {
    pub(crate) merged: Merged,
    pub(crate) fatal: Vec<Note>,
    pub(crate) out_of_time: bool,
}

/// What a request needs from a process again after one has ended.
enum Outcome {
    Response(Box<SearchResponse>),
    GivenUp,
}

impl Search {
    /// Runs the rounds.
    pub(crate) fn run(&self) -> Result<Found> {
        let started = Instant::now();
        let time = TIME * u32::try_from(self.effort).unwrap_or(u32::MAX);
        let mut found = Found { merged: Merged::default(), fatal: Vec::new(), out_of_time: false };
        let mut workers: Vec<Option<Worker>> = (0..self.jobs).map(|_| None).collect();
        let mut barren = 0;
        for round in 0..ROUNDS.saturating_mul(self.effort) {
            if started.elapsed() > time {
                found.out_of_time = true;
                break;
            }
            let results = self.round(round, &mut found, &mut workers)?;
            let is_new = merge(&mut found.merged, results);
            barren = if is_new { 0 } else { barren + 1 };
            if barren >= BARREN {
                break;
            }
        }
        Ok(found)
    }

    /// Runs all parts of a round on all cores. The results are in the order of the parts.
    fn round(
        &self,
        round: u64,
        found: &mut Found,
        workers: &mut [Option<Worker>],
    ) -> Result<Vec<RoundResult>> {
        let next = AtomicU64::new(0);
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
                            if shard >= SHARDS {
                                return Ok(());
                            }
                            let part = self.part(round, shard, before, worker, &fatal)?;
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
        round: u64,
        shard: u64,
        found: &Found,
        worker: &mut Option<Worker>,
        fatal: &Mutex<Vec<Note>>,
    ) -> Result<RoundResult> {
        let budget = if self.settings.sites.is_empty() { PLAIN_BUDGET } else { BUDGET };
        let plan = RoundPlan { seed: self.seed, round, shard, budget };
        let entries = &found.merged.corpus.entries;
        let request = |known: usize| SearchRequest::Round { plan, new: entries[known..].to_vec() };
        let mut findings = Vec::new();
        let outcome = self.ask(worker, entries.len(), &request, fatal, &mut findings)?;
        let mut result = match outcome {
            Outcome::Response(response) => match *response {
                SearchResponse::Round(result) => result,
                SearchResponse::Selected(_) => return Err(confused()),
            },
            Outcome::GivenUp => RoundResult::default(),
        };
        for finding in findings {
            finding.add_to(&mut result.findings);
        }
        Ok(result)
    }

    /// Asks a process. One that ends is started again on the same request, with each run reported before it
    /// begins: so the run at fault is known, and is left out from then on.
    fn ask(
        &self,
        worker: &mut Option<Worker>,
        known: usize,
        request: &dyn Fn(usize) -> SearchRequest,
        fatal: &Mutex<Vec<Note>>,
        findings: &mut Vec<Finding>,
    ) -> Result<Outcome> {
        let mut is_careful = false;
        for _ in 0..DEATHS {
            // A process that runs does not know of runs that ended others: its own may end it too.
            let mut current = match worker.take() {
                Some(worker) if !is_careful => worker,
                _ => {
                    let settings = SearchSettings {
                        fatal: lock(fatal).clone(),
                        is_careful,
                        ..self.settings.clone()
                    };
                    Worker::start(&self.launch, &settings)?
                }
            };
            let asked = request(current.known);
            current.known = known;
            let (answer, last) = current.ask(&asked)?;
            match answer {
                Answer::Response(response) => {
                    // A careful one is slow.
                    *worker = Some(current).filter(|_| !is_careful);
                    return Ok(Outcome::Response(Box::new(response)));
                }
                // The run may have nothing to do with it: it is repeated.
                Answer::Killed(_) | Answer::Refused(_) => {}
                Answer::Died { reason, .. } => {
                    let Some(note) = last else {
                        is_careful = true;
                        continue;
                    };
                    if note.mutant == 0 {
                        let input = athena_shrink::ModelInput {
                            env: note.env.clone(),
                            message: note.message.clone(),
                        };
                        findings
                            .push(Finding::new(&input, format!("the model's process {reason}")));
                    }
                    let mut fatal = lock(fatal);
                    if !fatal.contains(&note) {
                        fatal.push(note);
                    }
                }
            }
        }
        Ok(Outcome::GivenUp)
    }

    /// Selects cases, in a process of its own: what a mutant has left behind in another does not count.
    pub(crate) fn select(
        &self,
        found: &mut Found,
        fixed: &[StoredInput],
        recorded: &[StoredInput],
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
        let mut more = Vec::new();
        let fatal = Mutex::new(std::mem::take(&mut found.fatal));
        match self.ask(&mut None, 0, &request, &fatal, &mut more)? {
            Outcome::Response(response) => match *response {
                SearchResponse::Selected(mut selection) => {
                    for finding in more {
                        finding.add_to(&mut selection.findings);
                    }
                    Ok(selection)
                }
                SearchResponse::Round(_) => Err(confused()),
            },
            Outcome::GivenUp => Err(Error::failure(
                "the model ends its process again and again: no case is selected",
            )
            .help("the inputs above are findings; fix the first, then generate again")),
        }
    }
}

fn confused() -> Error {
    Error::failure("a model process answered another request than the one it was sent")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
