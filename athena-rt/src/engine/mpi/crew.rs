//! What the process that runs the models has, what it gets next, and which message is at fault when
//! it dies. Nothing here starts or reads a process.
//!
//! A message is at fault only where the process died by itself, by a crash or by ending, while
//! nothing else ran in it. So when it dies, all that ran goes on alone, one after the other; what
//! dies alone is cut into parts, until it is one message; that one gets another try in a process of
//! its own. A process that was killed from outside says nothing about what ran in it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use athena_protocol::Format;

use super::wire::Job;
use crate::engine::frame;
use crate::engine::local::Ran;
use crate::engine::rejects::Reject;

/// Into how many parts a batch is cut for each thread, so that all end at about the same time.
const PARTS: u64 = 4;

/// Into how many parts messages are cut of which one is at fault.
const SUSPECTS: u64 = 16;

/// How often what runs may be killed from outside before it runs alone, and before it is given up:
/// it may be what makes the system run out of memory.
const KILLS: u32 = 3;

/// How a process ended that should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// By itself: a crash, or an exit.
    Fault(String),
    /// By a signal from outside.
    Kill(String),
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Fault(words) | Self::Kill(words)) = self;
        f.write_str(words)
    }
}

/// A batch that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finished {
    pub(super) number: u64,
    pub(super) took: Duration,
    pub(super) ran: Ran,
}

/// What is to run, and what runs.
#[derive(Debug)]
pub(super) struct Crew {
    threads: usize,
    format: Format,
    /// How often a message may kill its process alone.
    crashes: u32,
    waiting: VecDeque<Task>,
    running: BTreeMap<u64, Task>,
    open: HashMap<u64, Open>,
    /// The next number of a task.
    next: u64,
}

/// Some messages of a batch.
#[derive(Clone, Debug)]
struct Task {
    batch: u64,
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
    first: u64,
    is_alone: bool,
    /// How often it has killed its process alone.
    crashes: u32,
    kills: u32,
}

/// A batch that is not done.
#[derive(Debug)]
struct Open {
    /// What is there, by its place in the batch.
    parts: BTreeMap<usize, Ran>,
    /// How many bytes of it are not done.
    left: usize,
    began: Option<Instant>,
}

impl Crew {
    pub(super) fn new(threads: usize, format: Format, crashes: u32) -> Self {
        let (waiting, running, open) = (VecDeque::new(), BTreeMap::new(), HashMap::new());
        Self { threads: threads.max(1), format, crashes, waiting, running, open, next: 0 }
    }

    /// A batch that is to run, behind those before it.
    pub(super) fn add(&mut self, job: &Job<'_>) -> Option<Finished> {
        let bytes = Arc::new(job.bytes.to_vec());
        let left = bytes.len();
        self.open.insert(job.number, Open { parts: BTreeMap::new(), left, began: None });
        let whole = Task {
            batch: job.number,
            range: 0..left,
            bytes,
            first: job.first,
            is_alone: false,
            crashes: 0,
            kills: 0,
        };
        if left == 0 {
            return self.done(&whole, Ran::default());
        }
        let parts = self.threads as u64 * PARTS;
        self.waiting.extend(self.cut(&whole, parts));
        None
    }

    /// What the process gets next, with a number to know it again; none while it has enough.
    pub(super) fn next(&mut self) -> Option<Job<'_>> {
        let is_full = self.running.len() >= 2 * self.threads
            || self.running.values().any(|task| task.is_alone)
            || self.waiting.front()?.is_alone && !self.running.is_empty();
        if is_full {
            return None;
        }
        let task = self.waiting.pop_front()?;
        if let Some(open) = self.open.get_mut(&task.batch) {
            open.began.get_or_insert_with(Instant::now);
        }
        let number = self.next;
        self.next += 1;
        let task = self.running.entry(number).or_insert(task);
        Some(Job { number, first: task.first, bytes: &task.bytes[task.range.clone()] })
    }

    /// The process has run what had this number; the batch, where that is done with it.
    pub(super) fn finished(&mut self, number: u64, ran: Ran) -> Option<Finished> {
        let task = self.running.remove(&number)?;
        self.done(&task, ran)
    }

    /// The process is dead; the batches that are done with that.
    ///
    /// # Errors
    ///
    /// Something was killed from outside again and again, alone: words that name it.
    pub(super) fn died(&mut self, death: &Death) -> Result<Vec<Finished>, String> {
        let mut finished = Vec::new();
        for (_, mut task) in std::mem::take(&mut self.running).into_iter().rev() {
            match death {
                Death::Kill(words) => {
                    task.kills += 1;
                    if task.is_alone && task.kills > 2 * KILLS {
                        return Err(format!(
                            "line {}: the process that ran it was killed {} times: {words}",
                            task.first, task.kills
                        ));
                    }
                    task.is_alone |= task.kills >= KILLS;
                    self.waiting.push_front(task);
                }
                Death::Fault(_) if !task.is_alone => {
                    task.is_alone = true;
                    self.waiting.push_front(task);
                }
                Death::Fault(words) => {
                    let mut parts = self.cut(&task, SUSPECTS);
                    if parts.len() > 1 {
                        parts.into_iter().rev().for_each(|part| self.waiting.push_front(part));
                        continue;
                    }
                    let Some(mut only) = parts.pop() else { continue };
                    only.crashes = task.crashes + 1;
                    if only.crashes < self.crashes {
                        self.waiting.push_front(only);
                    } else {
                        finished.extend(self.reject(&only, words));
                    }
                }
            }
        }
        Ok(finished)
    }

    /// Whether nothing is left to run.
    #[cfg(test)]
    fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    /// Cuts messages into at most so many parts of about the same size.
    fn cut(&self, task: &Task, parts: u64) -> Vec<Task> {
        let bytes = &task.bytes[task.range.clone()];
        let share = frame::messages(bytes, self.format).count().div_ceil(count(parts)).max(1);
        let mut cut = Vec::new();
        let mut rest = bytes;
        let mut first = task.first;
        while !rest.is_empty() {
            let mut messages = frame::messages(rest, self.format);
            let taken = messages.by_ref().take(share).count() as u64;
            let start = task.range.end - rest.len();
            rest = messages.rest();
            let range = start..task.range.end - rest.len();
            cut.push(Task { range, first, kills: 0, ..task.clone() });
            first += taken;
        }
        cut
    }

    fn reject(&mut self, task: &Task, words: &str) -> Option<Finished> {
        let bytes = &task.bytes[task.range.clone()];
        let message = frame::messages(bytes, self.format).next().and_then(Result::ok);
        let times =
            if task.crashes == 1 { "once".to_owned() } else { format!("{} times", task.crashes) };
        let reason = format!("it ended the process that ran it, alone, {times}: {words}");
        let reject =
            Reject::new(task.first, "crash", reason, message.unwrap_or_default(), self.format);
        self.done(task, Ran { messages: 1, out: Vec::new(), rejects: vec![reject] })
    }

    fn done(&mut self, task: &Task, ran: Ran) -> Option<Finished> {
        let open = self.open.get_mut(&task.batch)?;
        open.left -= task.range.len();
        open.parts.insert(task.range.start, ran);
        if open.left > 0 {
            return None;
        }
        let open = self.open.remove(&task.batch)?;
        let took = open.began.map_or(Duration::ZERO, |began| began.elapsed());
        let mut whole = Ran::default();
        for part in open.parts.into_values() {
            whole.messages += part.messages;
            whole.out.extend_from_slice(&part.out);
            whole.rejects.extend(part.rejects);
        }
        Some(Finished { number: task.batch, took, ran: whole })
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A process that runs lines: `x` kills it, others come out as they are. It dies with whatever
    /// else it has; `kills` says before which of its steps it is killed from outside.
    fn run(crew: &mut Crew, kills: &mut impl FnMut() -> bool) -> Result<Vec<Finished>, String> {
        let mut finished = Vec::new();
        let mut deaths = 0;
        while !crew.is_idle() {
            let mut given = Vec::new();
            while let Some(job) = crew.next() {
                given.push((job.number, job.first, job.bytes.to_vec()));
            }
            assert!(!given.is_empty(), "nothing runs, and something is open");
            for (number, first, bytes) in given {
                let death = if kills() {
                    Some(Death::Kill("SIGKILL".to_owned()))
                } else if bytes.contains(&b'x') {
                    Some(Death::Fault("SIGSEGV".to_owned()))
                } else {
                    None
                };
                if let Some(death) = death {
                    deaths += 1;
                    assert!(deaths < 10_000);
                    finished.extend(crew.died(&death)?);
                    break;
                }
                let messages = bytes.split_inclusive(|&byte| byte == b'\n').count() as u64;
                assert!(first > 0);
                finished
                    .extend(crew.finished(number, Ran { messages, out: bytes, rejects: vec![] }));
            }
        }
        Ok(finished)
    }

    fn job(number: u64, text: &str) -> Job<'_> {
        Job { number, first: 1 + 1000 * number, bytes: text.as_bytes() }
    }

    proptest! {
        #[test]
        fn those_that_kill_alone_are_rejected_and_all_others_run(
            batches in proptest::collection::vec("([a-z]\n){1,40}", 1..4),
            threads in 1_usize..5, crashes in 1_u32..4,
        ) {
            let mut crew = Crew::new(threads, Format::Json, crashes);
            for (number, text) in (0..).zip(&batches) {
                prop_assert!(crew.add(&job(number, text)).is_none());
            }
            let mut finished = run(&mut crew, &mut || false).unwrap();
            finished.sort_by_key(|finished| finished.number);
            prop_assert_eq!(finished.len(), batches.len());
            for (number, (text, finished)) in (0..).zip(batches.iter().zip(finished)) {
                let good: String = text.replace("x\n", "");
                prop_assert_eq!(finished.ran.out, good.into_bytes());
                prop_assert_eq!(finished.ran.messages, text.lines().count() as u64);
                let reason = |line| Reject::new(line, "crash", format!(
                    "it ended the process that ran it, alone, {}: SIGSEGV",
                    if crashes == 1 { "once".to_owned() } else { format!("{crashes} times") },
                ), b"x", Format::Json);
                let bad: Vec<_> = (1 + 1000 * number..).zip(text.lines())
                    .filter(|(_, line)| *line == "x").map(|(line, _)| reason(line)).collect();
                prop_assert_eq!(finished.ran.rejects, bad);
            }
        }

        #[test]
        fn a_kill_from_outside_rejects_nothing(
            text in "([a-w]\n){1,40}", threads in 1_usize..5, every in 4_usize..9,
        ) {
            let mut crew = Crew::new(threads, Format::Json, 1);
            crew.add(&job(0, &text));
            let mut steps = 0;
            let finished = run(&mut crew, &mut || { steps += 1; steps % every == 0 }).unwrap();
            prop_assert_eq!(&finished[0].ran.out, text.as_bytes());
            prop_assert!(finished[0].ran.rejects.is_empty());
        }
    }

    #[test]
    fn what_is_killed_again_and_again_alone_is_named_not_rejected() {
        let mut crew = Crew::new(2, Format::Json, 2);
        crew.add(&job(0, "a\nb\n"));
        let error = run(&mut crew, &mut || true).unwrap_err();
        assert!(error.starts_with("line 1: the process that ran it was killed 7 times"), "{error}");
    }

    #[test]
    fn an_empty_batch_is_done_at_once() {
        let mut crew = Crew::new(2, Format::Json, 2);
        assert!(crew.add(&job(3, "")).is_some_and(|finished| finished.number == 3));
        assert!(crew.is_idle());
    }
}
