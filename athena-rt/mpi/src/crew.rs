//! What the process that runs the models has, what it gets next, and which message is at fault when
//! it dies. Nothing here starts or reads a process.
//!
//! A message is at fault only where the process died by itself, by a crash or by ending, while
//! nothing else ran in it. So when it dies, all that ran goes on alone, one after the other; what
//! dies alone is cut into parts, until it is one message; that one gets another try in a process of
//! its own. A process that was killed from outside says nothing about what ran in it.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::time::{Duration, Instant};

use athena_protocol::Format;

use super::wire::{RanRef, Said, Slice, write_ran};
use athena_cases::frame;
use athena_engine::local::Ran;
use athena_engine::rejects::Reject;

/// Into how many parts a batch is cut for each thread, so that all end at about the same time.
const PARTS: usize = 4;

/// Into how many parts messages are cut of which one is at fault.
const SUSPECTS: usize = 16;

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

/// Messages to run, with a number to know them again.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) number: u64,
    /// The line of the first.
    pub(super) first: u64,
    pub(super) messages: Slice,
}

/// A batch that is done.
#[derive(Debug)]
pub(super) struct Finished {
    number: u64,
    took: Duration,
    /// In the order of its messages, as [`RanRef`] reads them.
    parts: Vec<Slice>,
}

impl Finished {
    /// As the manager is told; none where a part can't be read.
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let parts: Option<Vec<_>> = self.parts.iter().map(|part| RanRef::read(part)).collect();
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        Some(Said::write_done(self.number, micros, &parts?))
    }
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
    messages: Slice,
    /// Where they are in the batch.
    at: usize,
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
    parts: BTreeMap<usize, Slice>,
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
    pub(super) fn add(&mut self, batch: Given) -> Option<Finished> {
        let Given { number, first, messages } = batch;
        let left = messages.len();
        self.open.insert(number, Open { parts: BTreeMap::new(), left, began: None });
        let whole =
            Task { batch: number, messages, at: 0, first, is_alone: false, crashes: 0, kills: 0 };
        if left == 0 {
            return self.done(&whole, encoded(&Ran::default()));
        }
        let share = left.div_ceil(self.threads * PARTS);
        self.waiting.extend(self.cut(whole, |bytes, _| bytes >= share));
        None
    }

    /// What the process gets next, with a number to know it again; none while it has enough.
    pub(super) fn next(&mut self) -> Option<Given> {
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
        let given = Given { number, first: task.first, messages: task.messages.clone() };
        self.running.insert(number, task);
        Some(given)
    }

    /// The process has run what had this number, and this came of it, as [`RanRef`] reads it; the
    /// batch, where that is done with it.
    pub(super) fn finished(&mut self, number: u64, ran: Slice) -> Option<Finished> {
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
                    let crashes = task.crashes + 1;
                    let share = frame::messages(&task.messages, self.format).count();
                    let share = share.div_ceil(SUSPECTS);
                    let mut parts = self.cut(task, |_, messages| messages >= share);
                    if parts.len() > 1 {
                        parts.into_iter().rev().for_each(|part| self.waiting.push_front(part));
                        continue;
                    }
                    let Some(mut only) = parts.pop() else { continue };
                    only.crashes = crashes;
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

    /// Cuts messages into parts that have enough bytes and messages, all but the last.
    fn cut(&self, mut task: Task, is_enough: impl Fn(usize, usize) -> bool) -> Vec<Task> {
        let mut cut = Vec::new();
        while !task.messages.is_empty() {
            let mut messages = frame::messages(&task.messages, self.format);
            let (mut bytes, mut count) = (0, 0);
            while !is_enough(bytes, count) && messages.next().is_some() {
                bytes = task.messages.len() - messages.rest().len();
                count += 1;
            }
            let part = task.messages.split_front(bytes);
            cut.push(Task { messages: part, kills: 0, ..task.clone() });
            task.at += bytes;
            task.first += count as u64;
        }
        cut
    }

    fn reject(&mut self, task: &Task, words: &str) -> Option<Finished> {
        let message = frame::messages(&task.messages, self.format).next().and_then(Result::ok);
        let times =
            if task.crashes == 1 { "once".to_owned() } else { format!("{} times", task.crashes) };
        let reason = format!("it ended the process that ran it, alone, {times}: {words}");
        let reject =
            Reject::new(task.first, "crash", reason, message.unwrap_or_default(), self.format);
        let ran = Ran { messages: 1, out: Vec::new(), rejects: vec![reject] };
        self.done(task, encoded(&ran))
    }

    fn done(&mut self, task: &Task, ran: Slice) -> Option<Finished> {
        let open = self.open.get_mut(&task.batch)?;
        open.left -= task.messages.len();
        open.parts.insert(task.at, ran);
        if open.left > 0 {
            return None;
        }
        let open = self.open.remove(&task.batch)?;
        let took = open.began.map_or(Duration::ZERO, |began| began.elapsed());
        Some(Finished { number: task.batch, took, parts: open.parts.into_values().collect() })
    }
}

fn encoded(ran: &Ran) -> Slice {
    let bytes = write_ran(ran);
    let length = bytes.len();
    Slice::last(bytes, length)
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
            given.extend(std::iter::from_fn(|| crew.next()));
            assert!(!given.is_empty(), "nothing runs, and something is open");
            for Given { number, first, messages } in given {
                let bytes = messages.to_vec();
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
                let ran = Ran { messages, out: bytes, rejects: vec![] };
                finished.extend(crew.finished(number, encoded(&ran)));
            }
        }
        Ok(finished)
    }

    fn batch(number: u64, text: &str) -> Given {
        let messages = Slice::last(text.into(), text.len());
        Given { number, first: 1 + 1000 * number, messages }
    }

    /// What came of a batch.
    fn ran(finished: &Finished) -> Ran {
        let bytes = finished.write().unwrap();
        let Some(Said::Done { ran, .. }) = Said::read(&bytes) else { panic!("not done") };
        let ran = RanRef::read(ran).unwrap();
        Ran { messages: ran.messages, out: ran.out.to_vec(), rejects: ran.rejects().unwrap() }
    }

    proptest! {
        #[test]
        fn those_that_kill_alone_are_rejected_and_all_others_run(
            batches in proptest::collection::vec("([a-z]\n){1,40}", 1..4),
            threads in 1_usize..5, crashes in 1_u32..4,
        ) {
            let mut crew = Crew::new(threads, Format::Json, crashes);
            for (number, text) in (0..).zip(&batches) {
                prop_assert!(crew.add(batch(number, text)).is_none());
            }
            let mut finished = run(&mut crew, &mut || false).unwrap();
            finished.sort_by_key(|finished| finished.number);
            prop_assert_eq!(finished.len(), batches.len());
            for (number, (text, finished)) in (0..).zip(batches.iter().zip(finished)) {
                let good: String = text.replace("x\n", "");
                let ran = ran(&finished);
                prop_assert_eq!(ran.out, good.into_bytes());
                prop_assert_eq!(ran.messages, text.lines().count() as u64);
                let reason = |line| Reject::new(line, "crash", format!(
                    "it ended the process that ran it, alone, {}: SIGSEGV",
                    if crashes == 1 { "once".to_owned() } else { format!("{crashes} times") },
                ), b"x", Format::Json);
                let bad: Vec<_> = (1 + 1000 * number..).zip(text.lines())
                    .filter(|(_, line)| *line == "x").map(|(line, _)| reason(line)).collect();
                prop_assert_eq!(ran.rejects, bad);
            }
        }

        #[test]
        fn a_kill_from_outside_rejects_nothing(
            text in "([a-w]\n){1,40}", threads in 1_usize..5, every in 4_usize..9,
        ) {
            let mut crew = Crew::new(threads, Format::Json, 1);
            crew.add(batch(0, &text));
            let mut steps = 0;
            let finished = run(&mut crew, &mut || { steps += 1; steps % every == 0 }).unwrap();
            let ran = ran(&finished[0]);
            prop_assert_eq!(ran.out, text.as_bytes());
            prop_assert!(ran.rejects.is_empty());
        }
    }

    #[test]
    fn what_is_killed_again_and_again_alone_is_named_not_rejected() {
        let mut crew = Crew::new(2, Format::Json, 2);
        crew.add(batch(0, "a\nb\n"));
        let error = run(&mut crew, &mut || true).unwrap_err();
        assert!(error.starts_with("line 1: the process that ran it was killed 7 times"), "{error}");
    }

    #[test]
    fn an_empty_batch_is_done_at_once() {
        let mut crew = Crew::new(2, Format::Json, 2);
        assert!(crew.add(batch(3, "")).is_some_and(|finished| finished.number == 3));
        assert!(crew.is_idle());
    }
}
