//! Starts workers, deals them cases, and accounts for every one: a crash, an early exit or a hang
//! costs the case at fault and no other.

mod printed;
mod process;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use athena_protocol::{Entry, Observation, Test};

use self::process::Event;
pub(super) use self::process::{Launch, Worker};
use super::note::{CaseFailure, FailureKind, Job, Note, Orders, Told};
use super::plan::Plan;
use super::report_writer::{self, ReportWriter};
use athena_core::display::escape;
use athena_core::error::Result;
use athena_process::memory::megabytes;

/// How many workers may die before the rest is given up.
const DEATHS: usize = 200;

/// How long a chunk of cases should take.
const CHUNK: Duration = Duration::from_millis(20);

/// How many failures keep their words; of more only their names are told.
const WORDS: usize = 1_000;

/// What became of each case.
#[derive(Debug)]
pub(super) struct Results {
    /// By case: whether it completed, and passed where it has no failure.
    completed: Vec<bool>,
    /// By case.
    pub failures: BTreeMap<usize, Verdict>,
    /// By case: what failed, and passed when tried again.
    pub flaky: BTreeMap<usize, Verdict>,
    /// What went wrong beside any case.
    pub troubles: Vec<String>,
}

/// What is kept of a failure: a report has the rest.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub kind: FailureKind,
    /// What a person reads; nothing where there are very many.
    pub text: String,
}

impl Results {
    pub(super) fn passed(&self, case: usize) -> bool {
        self.completed[case]
            && !self.failures.contains_key(&case)
            && !self.flaky.contains_key(&case)
    }

    pub(super) fn was_run(&self, case: usize) -> bool {
        self.completed[case]
    }

    fn fail(&mut self, case: usize, why: CaseFailure) {
        let text = if self.failures.len() < WORDS { why.text } else { String::new() };
        self.failures.insert(case, Verdict { kind: why.kind, text });
        self.completed[case] = true;
    }
}

/// Replays every case of a plan once.
pub(super) struct Supervisor<'a> {
    plan: &'a Plan,
    launch: &'a Launch,
    orders: &'a Orders,
    report: &'a mut ReportWriter,
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

impl<'a> Supervisor<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        test: &Test,
        launch: &'a Launch,
        orders: &'a Orders,
        report: &'a mut ReportWriter,
    ) -> Self {
        Self {
            plan,
            launch,
            orders,
            report,
            fail_fast: test.fail_fast,
            results: Results {
                completed: vec![false; plan.len()],
                failures: BTreeMap::new(),
                flaky: BTreeMap::new(),
                troubles: Vec::new(),
            },
            suspects: Vec::new(),
            deaths: 0,
            chunk: 8,
        }
    }

    /// Runs all, in a worker that may have been started already.
    pub(super) fn run(mut self, first: Option<Worker>) -> Result<Results> {
        self.in_bulk(first)?;
        self.one_by_one()?;
        self.account();
        Ok(self.results)
    }

    /// Whether a case passes alone in a fresh worker.
    pub(super) fn passes_alone(mut self, case: usize) -> Result<bool> {
        let alone = Orders { threads: 1, ..self.orders.clone() };
        let mut worker = Worker::start(self.launch, &alone, false)?;
        let lives = self.alone(&mut worker, case, true);
        let trouble = if lives { worker.stop(true) } else { None };
        Ok(lives && trouble.is_none() && self.results.passed(case))
    }

    fn is_over(&self) -> bool {
        (self.fail_fast && !self.results.failures.is_empty()) || self.deaths > DEATHS
    }

    /// All cases, in chunks, on all cores.
    fn in_bulk(&mut self, mut first: Option<Worker>) -> Result<()> {
        let mut next = 0;
        while next < self.plan.len() && !self.is_over() {
            let mut worker = match first.take() {
                Some(worker) => worker,
                None => Worker::start(self.launch, self.orders, self.launch.show_output)?,
            };
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
                    Event::Note(Note::Done { job, completed, failures, observed, nanos }) => {
                        self.observed(&open, job, observed);
                        self.done(&mut open, job, completed, failures, nanos);
                    }
                    // One by one, each has the memory to itself.
                    Event::Note(Note::Large { .. }) => explained = true,
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
                Event::Note(Note::Done { job, completed, failures, observed, nanos }) => {
                    self.observed(&open, job, observed);
                    self.done(&mut open, job, completed, failures, nanos);
                    if open.is_empty() {
                        return true;
                    }
                }
                Event::Note(Note::Late { .. }) => self.late(case),
                Event::Note(Note::Large { bytes }) if is_fresh => self.large(case, bytes),
                Event::Note(Note::Large { .. } | Note::Alive) => {}
                Event::Ended(how) => {
                    self.deaths += 1;
                    if is_fresh && !self.results.completed[case] {
                        let output = worker.output();
                        let reason = format!("the model's process {how}");
                        let mut text = format!("{reason}\n");
                        if !output.is_empty() {
                            text.push_str("  what it printed:\n");
                            for line in output.lines() {
                                text.push_str(&format!("  | {}\n", escape(line)));
                            }
                        }
                        let told = Some(Box::new(Told { printed: output, ..Told::default() }));
                        let kind = FailureKind::Crashed;
                        self.fail(case, CaseFailure { kind, text, reason, told });
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
            self.fail(range.start + index, why);
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
        let reason = format!("timed out: it ran longer than {limit:?}");
        self.fail(case, CaseFailure { kind: FailureKind::TimedOut, text, reason, told: None });
    }

    fn large(&mut self, case: usize, bytes: u64) {
        let limit = self.orders.memory_limit.unwrap_or(bytes);
        let reason = format!(
            "out of memory: its process took {}, more than the {} it may",
            megabytes(bytes),
            megabytes(limit)
        );
        let text = format!("{reason}\nhelp: --memory-limit gives it more\n");
        self.fail(case, CaseFailure { kind: FailureKind::Crashed, text, reason, told: None });
    }

    /// Every failure comes through here: none is missing in the notes.
    fn fail(&mut self, case: usize, why: CaseFailure) {
        if self.orders.observe {
            let failure = report_writer::failure(self.plan, case, &why);
            let none = Observation { failure: Some(Box::new(failure)), ..Observation::default() };
            self.note_observed(case, none);
        } else {
            self.report.failed(self.plan, case, &why);
        }
        self.results.fail(case, why);
    }

    fn observed(
        &mut self,
        open: &BTreeMap<u64, Range<usize>>,
        job: u64,
        observed: Vec<(usize, String)>,
    ) {
        let Some(range) = open.get(&job).cloned() else { return };
        for (index, outcome) in observed {
            let one = Observation { outcome: Some(outcome), ..Observation::default() };
            self.note_observed(range.start + index, one);
        }
    }

    fn note_observed(&mut self, case: usize, observation: Observation) {
        let (path, line) = self.plan.place(case);
        self.report.write(&Entry::Observed(Observation {
            name: self.plan.name(case),
            model: self.plan.model(case).to_owned(),
            file: path.to_string_lossy().into_owned(),
            line: line as u64,
            ..observation
        }));
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
                self.fail(case, CaseFailure::new(FailureKind::Crashed, text));
            }
        }
    }
}
