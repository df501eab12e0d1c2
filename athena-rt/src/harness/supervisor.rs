//! Starts workers, deals them cases, and accounts for every one: a crash, an early exit or a hang
//! costs the case at fault and no other.

mod printed;
mod process;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use athena_protocol::Test;

pub(crate) use self::process::Launch;
use self::process::{Event, Worker};
use super::note::{CaseFailure, FailureKind, Job, Note, Orders};
use super::plan::Plan;
use super::replay::failure;
use crate::error::Result;
use crate::printable::escape;

/// How many workers may die before the rest is given up.
const DEATHS: usize = 200;

/// How long a chunk of cases should take.
const CHUNK: Duration = Duration::from_millis(20);

/// How many failures keep their words; of more only their names are told.
const WORDS: usize = 1_000;

/// What became of each case.
#[derive(Debug)]
pub(crate) struct Results {
    /// By case: whether it completed, and passed where it has no failure.
    completed: Vec<bool>,
    /// By case.
    pub(crate) failures: BTreeMap<usize, CaseFailure>,
    /// What went wrong beside any case.
    pub(crate) troubles: Vec<String>,
}

impl Results {
    pub(crate) fn passed(&self, case: usize) -> bool {
        self.completed[case] && !self.failures.contains_key(&case)
    }

    pub(crate) fn was_run(&self, case: usize) -> bool {
        self.completed[case]
    }

    fn fail(&mut self, case: usize, mut why: CaseFailure) {
        if self.failures.len() >= WORDS {
            why.text = String::new();
        }
        self.failures.insert(case, why);
        self.completed[case] = true;
    }
}

/// Replays every case of a plan.
pub(crate) fn supervise(
    plan: &Plan,
    test: &Test,
    launch: &Launch,
    orders: &Orders,
) -> Result<Results> {
    let mut supervisor = Supervisor {
        plan,
        launch,
        orders,
        fail_fast: test.fail_fast,
        results: Results {
            completed: vec![false; plan.len()],
            failures: BTreeMap::new(),
            troubles: Vec::new(),
        },
        suspects: Vec::new(),
        deaths: 0,
        chunk: 8,
    };
    supervisor.in_bulk()?;
    supervisor.one_by_one()?;
    supervisor.account();
    Ok(supervisor.results)
}

struct Supervisor<'a> {
    plan: &'a Plan,
    launch: &'a Launch,
    orders: &'a Orders,
    fail_fast: bool,
    results: Results,
    suspects: Vec<Suspects>,
    deaths: usize,
    /// Cases a chunk, by measured time.
    chunk: usize,
}

/// What was open when a worker died.
struct Suspects {
    ranges: Vec<Range<usize>>,
    how: String,
    /// Whether the case at fault is known.
    explained: bool,
}

impl Supervisor<'_> {
    fn is_over(&self) -> bool {
        (self.fail_fast && !self.results.failures.is_empty()) || self.deaths > DEATHS
    }

    /// All cases, in chunks, on all cores.
    fn in_bulk(&mut self) -> Result<()> {
        let mut next = 0;
        while next < self.plan.len() && !self.is_over() {
            let mut worker = Worker::start(self.launch, self.orders, self.launch.show_output)?;
            let mut open: BTreeMap<u64, Range<usize>> = BTreeMap::new();
            let mut explained = false;
            let ended = loop {
                while open.len() < 2 * self.orders.threads
                    && next < self.plan.len()
                    && !self.is_over()
                {
                    let end = self.plan.stretch(next, self.chunk);
                    let id = next as u64;
                    open.insert(id, next..end);
                    worker.send(&self.job(id, next..end));
                    next = end;
                }
                if open.is_empty() || self.is_over() {
                    break None;
                }
                match worker.next(self.patience()) {
                    Event::Note(Note::Done { job, completed, failures, nanos }) => {
                        self.done(&mut open, job, completed, failures, nanos);
                    }
                    Event::Note(Note::Late { job, index }) => {
                        if let Some(range) = open.get(&job) {
                            self.late(range.start + index);
                            explained = true;
                        }
                    }
                    Event::Note(Note::Alive) => {}
                    Event::Ended(how) => break Some(how),
                }
            };
            match ended {
                None => {
                    if let Some(how) = worker.stop(open.is_empty()) {
                        self.results.troubles.push(format!("a worker {how} after its last case"));
                    }
                }
                Some(how) => {
                    self.deaths += 1;
                    let ranges = open.into_values().collect();
                    self.suspects.push(Suspects { ranges, how, explained });
                }
            }
        }
        Ok(())
    }

    /// Each case that was open when a worker died, one by one, until it is known which kills.
    fn one_by_one(&mut self) -> Result<()> {
        let alone = Orders { threads: 1, ..self.orders.clone() };
        for Suspects { ranges, how, mut explained } in std::mem::take(&mut self.suspects) {
            let mut worker = None;
            for case in ranges.iter().cloned().flatten() {
                if self.results.completed[case] || self.is_over() {
                    continue;
                }
                // A worker that dies of what an earlier case left behind says nothing of this one.
                while !self.results.completed[case] && self.deaths <= DEATHS {
                    let is_fresh = worker.is_none();
                    let running = match &mut worker {
                        Some(running) => running,
                        None => worker.insert(Worker::start(self.launch, &alone, false)?),
                    };
                    if !self.alone(running, case, is_fresh) {
                        explained |= self.results.completed[case];
                        worker = None;
                    }
                }
            }
            if let Some(how) = worker.and_then(|worker| worker.stop(true)) {
                self.results.troubles.push(format!("a worker {how} after its last case"));
            }
            if let (false, false, Some(first)) = (explained, self.is_over(), ranges.first()) {
                self.results.troubles.push(format!(
                    "a worker {how} while it replayed {} and others; one by one each of them completes: something that a model leaves behind, a thread for one, or something outside, such as the end of memory, kills the process",
                    self.plan.name(first.start),
                ));
            }
        }
        Ok(())
    }

    /// Runs one case and waits for it; whether the worker lives on.
    fn alone(&mut self, worker: &mut Worker, case: usize, is_fresh: bool) -> bool {
        let mut open = BTreeMap::from([(case as u64, case..case + 1)]);
        worker.send(&self.job(case as u64, case..case + 1));
        loop {
            match worker.next(self.patience()) {
                Event::Note(Note::Done { job, completed, failures, nanos }) => {
                    self.done(&mut open, job, completed, failures, nanos);
                    if open.is_empty() {
                        return true;
                    }
                }
                Event::Note(Note::Late { .. }) => self.late(case),
                Event::Note(Note::Alive) => {}
                Event::Ended(how) => {
                    self.deaths += 1;
                    if is_fresh && !self.results.completed[case] {
                        let output = worker.output();
                        let mut text = format!("the model's process {how}\n");
                        if !output.is_empty() {
                            text.push_str("  what it printed:\n");
                            for line in output.lines() {
                                text.push_str(&format!("  | {}\n", escape(line)));
                            }
                        }
                        self.results.fail(case, failure(FailureKind::Crashed, text));
                    }
                    return false;
                }
            }
        }
    }

    fn done(
        &mut self,
        open: &mut BTreeMap<u64, Range<usize>>,
        job: u64,
        completed: usize,
        failures: Vec<(usize, CaseFailure)>,
        nanos: u64,
    ) {
        let Some(range) = open.get(&job).cloned() else { return };
        for (index, why) in failures {
            self.results.fail(range.start + index, why);
        }
        let end = (range.start + completed).min(range.end);
        self.results.completed[range.start..end].fill(true);
        if end == range.end {
            open.remove(&job);
            self.measure(range.len(), nanos);
        }
    }

    /// Sizes the next chunk by what this one took.
    fn measure(&mut self, cases: usize, nanos: u64) {
        let each = (u128::from(nanos) / cases.max(1) as u128).max(1);
        let fits = usize::try_from(CHUNK.as_nanos() / each).unwrap_or(usize::MAX);
        self.chunk = fits.clamp(1, 1_024).min(self.chunk * 4);
    }

    fn late(&mut self, case: usize) {
        let limit = Duration::from_millis(self.orders.timeout_ms);
        let text =
            format!("timed out: it ran longer than {limit:?}\nhelp: --timeout gives it more\n");
        self.results.fail(case, failure(FailureKind::TimedOut, text));
    }

    fn job(&self, id: u64, range: Range<usize>) -> Job {
        Job {
            id,
            model: self.plan.model(range.start).to_owned(),
            source: self.plan.job_source(range.start, range.end),
        }
    }

    /// How long a worker may be silent: it says every second that it lives.
    fn patience(&self) -> Duration {
        Duration::from_millis(self.orders.timeout_ms) + Duration::from_secs(10)
    }

    /// Nothing may be missing: what did not complete has failed, unless it was left by choice.
    fn account(&mut self) {
        if self.fail_fast && !self.results.failures.is_empty() {
            return;
        }
        for case in 0..self.plan.len() {
            if !self.results.completed[case] {
                let text = format!("not run: {} workers died before it\n", self.deaths);
                self.results.fail(case, failure(FailureKind::Crashed, text));
            }
        }
    }
}
