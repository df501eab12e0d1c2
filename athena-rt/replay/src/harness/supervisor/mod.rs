//! Starts model processes, sends them cases, and accounts for every one: a crash, an early exit or a
//! hang costs the case at fault and no other.

mod chunk;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;
use std::time::Duration;

use athena_protocol::{Entry, Observation, Test};

use self::chunk::ChunkSize;
use super::batch_progress::BatchProgress;
use super::messages::{Batch, CaseFailure, DESCRIBED, FailureDetail, FailureKind, ReplaySettings};
use super::plan::Plan;
use super::report_writer::{self, ReportWriter};
use super::schemas::Check;
use athena_core::display::{display_path, escape};
use athena_core::error::Result;
use athena_core::progress::Progress;
use athena_process::memory::{default_limit, megabytes};
use athena_process::{
    ModelProcess, Policy, ProcessConfig, ProcessExit, Request, Response, SpawnOptions, Stderr,
    Task, attribute,
};

/// A case is at fault if it ends a process that has run nothing else. Cases are cheap: each runs again
/// by itself.
const POLICY: Policy = Policy { crashes: 1, kills: None, parts: 1, needs_fresh_process: true };

/// How many workers may die before the rest is given up.
const DEATHS: usize = 200;

/// How long a worker may be silent: the least, for a small time limit, and the most.
const SHORT_PATIENCE: Duration = Duration::from_secs(3);
const LONG_PATIENCE: Duration = Duration::from_secs(20);

/// The id of a batch whose results are ignored.
const WARM_UP: u64 = u64::MAX;

/// How the model processes of a replay are started.
#[derive(Clone, Debug)]
pub(in crate::harness) struct Launch {
    pub config: ProcessConfig,
    pub options: SpawnOptions,
    pub settings: ReplaySettings,
    /// Whether a terminal shows the progress.
    pub shows_progress: bool,
}

impl Launch {
    pub(in crate::harness) fn start(&self) -> Result<ModelProcess> {
        ModelProcess::start(&self.config, &self.options, &self.settings)
    }

    /// The same for a process that runs one case at a time, and whose output is kept.
    fn isolated(&self) -> Self {
        let mut isolated = self.clone();
        isolated.config.threads = 1;
        isolated.options.stderr = Stderr::Capture;
        isolated
    }
}

/// What became of each case.
#[derive(Debug)]
pub(super) struct Results {
    /// By case: whether it completed, and passed where it has no failure.
    completed: Vec<bool>,
    /// By case: how long it took, in microseconds; empty without a report.
    micros: Vec<u64>,
    /// By case.
    pub failures: BTreeMap<usize, Verdict>,
    /// By case: what failed, and passed when tried again.
    pub flaky: BTreeMap<usize, Verdict>,
    /// By case: the reason of one that failed as it says itself.
    pub known: BTreeMap<usize, String>,
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
            && !self.known.contains_key(&case)
    }

    /// The cases that [passed](Self::passed).
    pub(super) fn passed_cases(&self) -> impl Iterator<Item = usize> {
        let others = self.failures.keys().chain(self.flaky.keys()).chain(self.known.keys());
        let mut others: Vec<usize> = others.copied().collect();
        others.sort_unstable();
        let mut others = others.into_iter().peekable();
        (0..self.completed.len()).filter(move |case| {
            while others.next_if(|other| other < case).is_some() {}
            self.completed[*case] && others.peek() != Some(case)
        })
    }

    pub(super) fn was_run(&self, case: usize) -> bool {
        self.completed[case]
    }

    /// How long a case took, in microseconds, comparison included; 0 if that is not known.
    pub(super) fn micros(&self, case: usize) -> u64 {
        self.micros.get(case).copied().unwrap_or(0)
    }

    fn fail(&mut self, case: usize, why: CaseFailure) {
        let text = if self.failures.len() < DESCRIBED { why.text } else { String::new() };
        self.failures.insert(case, Verdict { kind: why.kind, text });
        self.completed[case] = true;
    }
}

/// Replays every case of a plan once.
pub(super) struct Supervisor<'a> {
    plan: &'a Plan,
    launch: &'a Launch,
    report: &'a mut ReportWriter,
    fail_fast: bool,
    /// Whether the last case runs first.
    is_reversed: bool,
    results: Results,
    suspects: Vec<Suspects>,
    deaths: usize,
    chunk: ChunkSize,
    progress: Progress,
    /// The number of cases that came back.
    done: usize,
}

/// What was open when a worker died.
struct Suspects {
    tasks: VecDeque<Task<usize>>,
    how: String,
    /// Whether the case at fault is known.
    explained: bool,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        test: &Test,
        launch: &'a Launch,
        report: &'a mut ReportWriter,
    ) -> Self {
        Self {
            plan,
            launch,
            report,
            fail_fast: test.fail_fast,
            is_reversed: false,
            results: Results {
                completed: vec![false; plan.len()],
                micros: vec![0; if launch.settings.detailed { plan.len() } else { 0 }],
                failures: BTreeMap::new(),
                flaky: BTreeMap::new(),
                known: BTreeMap::new(),
                troubles: Vec::new(),
            },
            suspects: Vec::new(),
            deaths: 0,
            chunk: ChunkSize::new(),
            progress: Progress::counting(launch.shows_progress, plan.len() as u64, "case"),
            done: 0,
        }
    }

    /// In the opposite order: what a case leaves behind shows.
    pub(super) fn reversed(self) -> Self {
        Self { is_reversed: true, ..self }
    }

    /// Runs all, in a worker that may have been started already.
    pub(super) fn run(mut self, first: Option<ModelProcess>) -> Result<Results> {
        self.in_bulk(first)?;
        self.progress.end();
        self.one_by_one()?;
        self.account();
        Ok(self.results)
    }

    /// Whether a case passes alone in a fresh worker.
    pub(super) fn passes_alone(mut self, case: usize) -> Result<bool> {
        let mut process = self.launch.isolated().start()?;
        let lives = self.alone(&mut process, case, true).is_none();
        let trouble = if lives { process.stop(true) } else { None };
        Ok(lives && trouble.is_none() && self.results.passed(case))
    }

    fn is_over(&self) -> bool {
        (self.fail_fast && !self.results.failures.is_empty()) || self.deaths > DEATHS
    }

    /// All cases, in chunks, on all cores.
    fn in_bulk(&mut self, mut first: Option<ModelProcess>) -> Result<()> {
        let mut next = 0;
        while next < self.plan.len() && !self.is_over() {
            let mut process = match first.take() {
                Some(process) => process,
                None => self.launch.start()?,
            };
            let mut open: BTreeMap<u64, Range<usize>> = BTreeMap::new();
            let (mut explained, mut is_ready) = (false, false);
            if self.is_reversed && next == 0 && self.plan.len() % 2 == 1 {
                // No case has as many others before it as in the usual order.
                self.send(&mut process, WARM_UP, 0..1);
            }
            let ended = loop {
                while open.len() < self.chunk.ahead * self.launch.config.threads
                    && next < self.plan.len()
                    && !self.is_over()
                {
                    let range = if self.is_reversed {
                        let case = self.plan.len() - 1 - next;
                        case..case + 1
                    } else {
                        let threads = self.launch.config.threads;
                        let size = self.chunk.of(self.plan.len() - next, threads);
                        next..self.plan.stretch(next, size)
                    };
                    next += range.len();
                    open.insert(range.start as u64, range.clone());
                    self.send(&mut process, range.start as u64, range);
                }
                if open.is_empty() || self.is_over() {
                    break None;
                }
                // The models run meanwhile.
                self.plan.schemas.iter().for_each(Check::judge);
                let bytes = match process.next_within(self.patience(is_ready)) {
                    Ok(bytes) => bytes,
                    Err(exit) => break Some(exit),
                };
                match Response::read(&bytes) {
                    Some(Response::Ready) => is_ready = true,
                    Some(Response::Done { id, nanos, body, .. }) => {
                        self.done(&mut open, id, nanos, body);
                    }
                    // One by one, each has the memory to itself.
                    Some(Response::OutOfMemory { .. }) => explained = true,
                    Some(Response::TimedOut { id, index }) => {
                        if let Some(range) = open.get(&id) {
                            self.late(range.start + usize::try_from(index).unwrap_or(0));
                            explained = true;
                        }
                    }
                    _ => {}
                }
            };
            match ended {
                None => {
                    if let Some(how) = process.stop(open.is_empty()) {
                        self.results
                            .troubles
                            .push(format!("a model process {how} after its last case"));
                    }
                }
                Some(exit) => {
                    self.deaths += 1;
                    let cases = open.into_values().flatten();
                    let open = cases.filter(|&case| !self.results.completed[case]).map(Task::new);
                    let tasks = attribute(&POLICY, open.collect(), &exit, false).again;
                    let how = exit.to_string();
                    self.suspects.push(Suspects { tasks: tasks.into(), how, explained });
                }
            }
        }
        Ok(())
    }

    /// Each case that was open when a worker died, one by one, until it is known which is at fault.
    fn one_by_one(&mut self) -> Result<()> {
        let launch = self.launch.isolated();
        for Suspects { mut tasks, how, mut explained } in std::mem::take(&mut self.suspects) {
            let mut process = None;
            let first = tasks.front().map(|task| task.work);
            while !self.is_over()
                && let Some(task) = tasks.pop_front()
            {
                let is_fresh = process.is_none();
                let running = match &mut process {
                    Some(running) => running,
                    None => process.insert(launch.start()?),
                };
                let Some(exit) = self.alone(running, task.work, is_fresh) else { continue };
                if !self.results.completed[task.work] {
                    let found = attribute(&POLICY, vec![task.clone()], &exit, is_fresh);
                    for guilty in found.guilty {
                        self.crashed(guilty.work, &exit, &running.output());
                    }
                    found.again.into_iter().rev().for_each(|task| tasks.push_front(task));
                }
                explained |= self.results.completed[task.work];
                process = None;
            }
            if let Some(how) = process.and_then(|process| process.stop(true)) {
                self.results.troubles.push(format!("a model process {how} after its last case"));
            }
            if let (false, false, Some(first)) = (explained, self.is_over(), first) {
                self.results.troubles.push(format!(
                    "a model process {how} while it replayed {} and other cases, but each case completes when it runs alone: a model may leave a thread running, or the machine may be out of memory",
                    self.plan.name(first),
                ));
            }
        }
        Ok(())
    }

    /// Runs one case and waits for it; how the process ended, if it did.
    fn alone(
        &mut self,
        process: &mut ModelProcess,
        case: usize,
        is_fresh: bool,
    ) -> Option<ProcessExit> {
        let mut open = BTreeMap::new();
        open.insert(case as u64, case..case + 1);
        self.send(process, case as u64, case..case + 1);
        let mut is_ready = !is_fresh;
        while !open.is_empty() {
            let bytes = match process.next_within(self.patience(is_ready)) {
                Ok(bytes) => bytes,
                Err(exit) => {
                    self.deaths += 1;
                    return Some(exit);
                }
            };
            match Response::read(&bytes) {
                Some(Response::Ready) => is_ready = true,
                Some(Response::Done { id, nanos, body, .. }) => {
                    self.done(&mut open, id, nanos, body);
                }
                Some(Response::TimedOut { .. }) => self.late(case),
                Some(Response::OutOfMemory { bytes, .. }) if is_fresh => self.large(case, bytes),
                _ => {}
            }
        }
        None
    }

    fn crashed(&mut self, case: usize, exit: &ProcessExit, output: &str) {
        let reason = format!("the model's process {exit}");
        let mut text = format!("{reason}\n{}", self.place(case));
        if !output.is_empty() {
            text.push_str("  what it printed:\n");
            for line in output.lines() {
                text.push_str(&format!("  | {}\n", escape(line)));
            }
        }
        let detail = FailureDetail { printed: output.to_owned(), ..FailureDetail::default() };
        let detail = detail.to_text();
        self.fail(case, CaseFailure { kind: FailureKind::Crashed, text, reason, detail });
    }

    /// Sends the cases of a range; a batch is mostly called by its first case.
    fn send(&self, process: &mut ModelProcess, id: u64, range: Range<usize>) {
        let batch = Batch {
            model: self.plan.model(range.start).to_owned(),
            source: self.plan.batch_source(range.start, range.end),
        };
        // Paths and numbers. A path that is not text can't be written: its case is not completed.
        let body = serde_json::to_vec(&batch).unwrap_or_default();
        process.send(&Request { id, model: 0, meta: &[], body: &body });
    }

    fn done(&mut self, open: &mut BTreeMap<u64, Range<usize>>, id: u64, nanos: u64, body: &[u8]) {
        let Some(range) = open.get(&id).cloned() else { return };
        let Some(progress) = BatchProgress::read(body) else { return };
        let first = range.start + progress.completed.saturating_sub(progress.micros.len());
        for (case, micros) in (first..range.end).zip(progress.micros) {
            if let Some(known) = self.results.micros.get_mut(case) {
                *known = micros;
            }
        }
        for (index, outcome) in progress.observed {
            let one = Observation { outcome: Some(outcome), ..Observation::default() };
            self.note_observed(range.start + index, one);
        }
        for (index, why) in progress.failures {
            self.fail(range.start + index, why);
        }
        let end = (range.start + progress.completed).min(range.end);
        self.results.completed[range.start..end].fill(true);
        if end == range.end {
            open.remove(&id);
            self.done += range.len();
            self.progress.at(self.done as u64, self.done as u64);
            self.chunk.measure(range.len(), Duration::from_nanos(nanos));
        }
    }

    fn late(&mut self, case: usize) {
        let limit = Duration::from_millis(self.timeout_ms());
        let reason = format!("timed out: it ran longer than {limit:?}");
        let text = format!("{reason}\n{}help: raise the limit with --timeout\n", self.place(case));
        self.fail(case, CaseFailure { kind: FailureKind::TimedOut, text, reason, detail: None });
    }

    fn large(&mut self, case: usize, bytes: u64) {
        let limit = self.launch.config.memory_limit.or_else(default_limit).unwrap_or(bytes);
        let reason = format!(
            "out of memory: its process used {}, more than the limit of {}",
            megabytes(bytes),
            megabytes(limit)
        );
        let text =
            format!("{reason}\n{}help: raise the limit with --memory-limit\n", self.place(case));
        self.fail(case, CaseFailure { kind: FailureKind::Crashed, text, reason, detail: None });
    }

    /// Where a case is, as a line below the reason of its failure.
    fn place(&self, case: usize) -> String {
        let (path, line) = self.plan.place(case);
        format!("  case: {}:{line}\n", display_path(&path))
    }

    /// Every failure comes through here: none is missing in the notes.
    fn fail(&mut self, case: usize, why: CaseFailure) {
        if why.kind == FailureKind::Known {
            self.results.known.insert(case, why.reason);
            self.results.completed[case] = true;
            return;
        }
        if self.launch.settings.observe {
            let failure = report_writer::failure(self.plan, case, &why);
            let none = Observation { failure: Some(Box::new(failure)), ..Observation::default() };
            self.note_observed(case, none);
        } else {
            self.report.failed(self.plan, case, &why, self.results.micros(case));
        }
        self.results.fail(case, why);
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

    fn timeout_ms(&self) -> u64 {
        self.launch.config.timeout_ms.unwrap_or(u64::MAX)
    }

    /// How long a worker may be silent: it says every second that it lives, once it has started.
    fn patience(&self, is_ready: bool) -> Duration {
        if !is_ready {
            return LONG_PATIENCE;
        }
        Duration::from_millis(self.timeout_ms()).clamp(SHORT_PATIENCE, LONG_PATIENCE)
    }

    /// Nothing may be missing: what did not complete has failed, unless it was left by choice.
    fn account(&mut self) {
        if self.fail_fast && !self.results.failures.is_empty() {
            return;
        }
        for case in 0..self.plan.len() {
            if !self.results.completed[case] {
                let text = format!("not run: {} model processes had died before it\n", self.deaths);
                let place = self.place(case);
                let mut why = CaseFailure::new(FailureKind::Crashed, text);
                why.text.push_str(&place);
                self.fail(case, why);
            }
        }
    }
}
