//! Chooses what a model process runs next, and finds the message at fault when it dies. Nothing here
//! starts a process or reads from it.
//!
//! A message is at fault only if the process died by itself, by a crash or an exit, while nothing else
//! ran in it: see [`attribute`]. A message that takes too long is known immediately.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

use athena_protocol::Format;

use super::wire::{EncodedOutcomes, FromWorker, JobConfig, SharedBytes, encode_outcomes};
use athena_cases::message_stream;
use athena_engine::local::BatchOutcome;
use athena_engine::rejects::Reject;
use athena_process::memory::megabytes;
use athena_process::{Attribution, Divide, Policy, ProcessExit, Task, attribute};

/// The number of parts per thread that a batch is split into, so that all threads end at about the
/// same time.
const PARTS: usize = 4;

/// The number of parts that messages are split into to find the one at fault.
const SEARCH_PARTS: usize = 16;

/// The number of kills from outside after which messages run alone. After twice as many the job
/// fails: the messages may be the reason why the system runs out of memory.
const MAX_KILLS: u32 = 3;

/// Messages to run, with a number that identifies them.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) number: u64,
    /// The line of the first message.
    pub(super) first: u64,
    pub(super) messages: SharedBytes,
}

/// A batch that is done.
#[derive(Debug)]
pub(super) struct BatchResult {
    number: u64,
    took: Duration,
    /// The encoded outcomes, in the order of the messages.
    parts: Vec<SharedBytes>,
}

impl BatchResult {
    /// The message for the manager; `None` if a part can't be read.
    pub(super) fn write(&self) -> Option<Vec<u8>> {
        let parts: Option<Vec<_>> =
            self.parts.iter().map(|part| EncodedOutcomes::read(part)).collect();
        let micros = u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX);
        Some(FromWorker::write_done(self.number, micros, &parts?))
    }
}

/// The batches of a worker.
#[derive(Debug)]
pub(super) struct BatchScheduler {
    threads: usize,
    format: Format,
    policy: Policy,
    timeout: Duration,
    memory_limit: u64,
    waiting: VecDeque<Task<Part>>,
    running: BTreeMap<u64, Task<Part>>,
    open: HashMap<u64, OpenBatch>,
    /// The next number of a task.
    next: u64,
    /// Whether the process has not run anything yet.
    is_fresh: bool,
}

/// Some messages of a batch.
#[derive(Clone, Debug)]
struct Part {
    batch: u64,
    messages: SharedBytes,
    /// The offset in the batch.
    offset: usize,
    /// The line of the first message.
    first: u64,
    format: Format,
}

impl Part {
    /// Splits off the first messages, until their bytes and count are enough, or all.
    fn split_front(&mut self, is_enough: impl Fn(usize, usize) -> bool) -> Self {
        let mut messages = message_stream::messages(&self.messages, self.format);
        let (mut bytes, mut count) = (0, 0);
        while !is_enough(bytes, count) && messages.next().is_some() {
            bytes = self.messages.len() - messages.rest().len();
            count += 1;
        }
        let front = Self { messages: self.messages.split_front(bytes), ..self.clone() };
        self.offset += bytes;
        self.first += count as u64;
        front
    }

    /// Splits everything into parts that are enough, except for the last.
    fn split(mut self, is_enough: impl Fn(usize, usize) -> bool) -> Vec<Self> {
        let mut parts = Vec::new();
        while !self.messages.is_empty() {
            parts.push(self.split_front(&is_enough));
        }
        parts
    }
}

impl Divide for Part {
    fn divide(self, parts: usize) -> Vec<Self> {
        let share = message_stream::messages(&self.messages, self.format).count().div_ceil(parts);
        self.split(|_, count| count >= share)
    }
}

/// A batch that is not done.
#[derive(Debug)]
struct OpenBatch {
    /// The encoded outcomes, by the offset in the batch.
    parts: BTreeMap<usize, SharedBytes>,
    /// The number of bytes that are not done.
    left: usize,
    began: Option<Instant>,
}

impl BatchScheduler {
    pub(super) fn new(config: &JobConfig) -> Self {
        let policy = Policy {
            crashes: config.crashes,
            kills: Some(MAX_KILLS),
            parts: SEARCH_PARTS,
            needs_fresh_process: false,
        };
        Self {
            threads: config.threads.max(1),
            format: config.input_format,
            policy,
            timeout: Duration::from_millis(config.timeout_ms.unwrap_or(u64::MAX)),
            memory_limit: config.memory_limit.unwrap_or(u64::MAX),
            waiting: VecDeque::new(),
            running: BTreeMap::new(),
            open: HashMap::new(),
            next: 0,
            is_fresh: true,
        }
    }

    /// Adds a batch. Returns it immediately if it is empty.
    pub(super) fn add(&mut self, batch: Chunk) -> Option<BatchResult> {
        let Chunk { number, first, messages } = batch;
        let left = messages.len();
        self.open.insert(number, OpenBatch { parts: BTreeMap::new(), left, began: None });
        let whole = Part { batch: number, messages, offset: 0, first, format: self.format };
        if left == 0 {
            return self.done(&whole, encoded(&BatchOutcome::default()));
        }
        let share = left.div_ceil(self.threads * PARTS);
        self.waiting.extend(whole.split(|bytes, _| bytes >= share).into_iter().map(Task::new));
        None
    }

    /// The messages that the process gets next. Returns `None` while it has enough.
    pub(super) fn next(&mut self) -> Option<Chunk> {
        let is_full = self.running.len() >= 2 * self.threads
            || self.running.values().any(|task| task.is_isolated)
            || self.waiting.front()?.is_isolated && !self.running.is_empty();
        if is_full {
            return None;
        }
        let task = self.waiting.pop_front()?;
        if let Some(open) = self.open.get_mut(&task.work.batch) {
            open.began.get_or_insert_with(Instant::now);
        }
        let number = self.next;
        self.next += 1;
        let messages = task.work.messages.clone();
        let chunk = Chunk { number, first: task.work.first, messages };
        self.running.insert(number, task);
        Some(chunk)
    }

    /// Stores the encoded outcomes of the messages with this number. Returns the batch if it is done.
    pub(super) fn complete(&mut self, number: u64, outcomes: SharedBytes) -> Option<BatchResult> {
        let task = self.running.remove(&number)?;
        self.is_fresh = false;
        self.done(&task.work, outcomes)
    }

    /// Handles the end of the process. Returns the batches that are done with that.
    ///
    /// # Errors
    ///
    /// A message was killed from outside too often while it ran alone.
    pub(super) fn on_exit(&mut self, exit: &ProcessExit) -> Result<Vec<BatchResult>, String> {
        let Attribution { again, guilty, killed } = self.attribute(&self.policy.clone(), exit);
        if let Some(task) = killed.first() {
            let (first, kills) = (task.work.first, task.kills);
            return Err(format!(
                "line {first}: its model process was killed {kills} times: it {exit}"
            ));
        }
        self.run_again(again);
        let reject = |task: Task<Part>| {
            let times = match task.crashes {
                1 => "once".to_owned(),
                times => format!("{times} times"),
            };
            let reason = format!("it ended the process that ran it, alone, {times}: it {exit}");
            self.reject(&task.work, "crash", reason)
        };
        Ok(guilty.into_iter().filter_map(reject).collect())
    }

    /// Handles that the process ends since the message at this index takes too long. Its other messages
    /// run again. Returns the batches that are done with that.
    pub(super) fn on_timeout(&mut self, number: u64, index: u64) -> Vec<BatchResult> {
        let late = self.running.remove(&number);
        let mut again: Vec<_> = std::mem::take(&mut self.running).into_values().collect();
        self.is_fresh = true;
        let mut finished = Vec::new();
        if let Some(task) = late {
            let mut behind = task.work.clone();
            let before = behind.split_front(|_, count| count as u64 >= index);
            let message = behind.split_front(|_, count| count >= 1);
            let reason = format!("it ran longer than {:?}", self.timeout);
            finished.extend(self.reject(&message, "timeout", reason));
            let parts = [before, behind].into_iter().filter(|part| !part.messages.is_empty());
            again.splice(0..0, parts.map(|work| Task { work, ..task.clone() }));
        }
        self.run_again(again);
        finished
    }

    /// Handles that the process ends since it takes too much memory. Returns the batches that are done
    /// with that.
    pub(super) fn on_out_of_memory(&mut self, bytes: u64) -> Vec<BatchResult> {
        // Memory that an earlier message has leaked is not the fault of a later one.
        let policy = Policy { crashes: 1, needs_fresh_process: true, ..self.policy };
        let (bytes, limit) = (megabytes(bytes), megabytes(self.memory_limit));
        let reason = format!("it took {bytes} of memory, more than {limit}");
        let exit = ProcessExit::Fault(reason.clone());
        let Attribution { again, guilty, .. } = self.attribute(&policy, &exit);
        self.run_again(again);
        let reject = |task: Task<Part>| self.reject(&task.work, "memory", reason.clone());
        guilty.into_iter().filter_map(reject).collect()
    }

    fn attribute(&mut self, policy: &Policy, exit: &ProcessExit) -> Attribution<Part> {
        let running = std::mem::take(&mut self.running).into_values().collect();
        let is_fresh = std::mem::replace(&mut self.is_fresh, true);
        attribute(policy, running, exit, is_fresh)
    }

    fn run_again(&mut self, tasks: Vec<Task<Part>>) {
        tasks.into_iter().rev().for_each(|task| self.waiting.push_front(task));
    }

    /// Whether nothing is left to run.
    #[cfg(test)]
    fn is_idle(&self) -> bool {
        self.open.is_empty()
    }

    fn reject(&mut self, part: &Part, kind: &str, reason: String) -> Option<BatchResult> {
        let message =
            message_stream::messages(&part.messages, self.format).next().and_then(Result::ok);
        let message = message.unwrap_or_default();
        let reject = Reject::new(part.first, kind, reason, message, self.format);
        let ran = BatchOutcome { messages: 1, out: Vec::new(), rejects: vec![reject] };
        self.done(part, encoded(&ran))
    }

    fn done(&mut self, part: &Part, outcomes: SharedBytes) -> Option<BatchResult> {
        let open = self.open.get_mut(&part.batch)?;
        open.left -= part.messages.len();
        open.parts.insert(part.offset, outcomes);
        if open.left > 0 {
            return None;
        }
        let open = self.open.remove(&part.batch)?;
        let took = open.began.map_or(Duration::ZERO, |began| began.elapsed());
        Some(BatchResult { number: part.batch, took, parts: open.parts.into_values().collect() })
    }
}

fn encoded(ran: &BatchOutcome) -> SharedBytes {
    let bytes = encode_outcomes(ran);
    let length = bytes.len();
    SharedBytes::from_end(bytes, length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Runs lines in processes: `x` ends the process, `h` takes too long, `m` takes too much memory, and
    /// other lines are returned. `kills` returns whether the process is killed before the next step.
    fn run(
        scheduler: &mut BatchScheduler,
        kills: &mut impl FnMut() -> bool,
    ) -> Result<Vec<BatchResult>, String> {
        let mut finished = Vec::new();
        let mut deaths = 0;
        while !scheduler.is_idle() {
            let mut chunks = Vec::new();
            chunks.extend(std::iter::from_fn(|| scheduler.next()));
            assert!(!chunks.is_empty(), "nothing runs, and something is open");
            for Chunk { number, first, messages } in chunks {
                assert!(first > 0);
                let bytes = messages.to_vec();
                let index = bytes.iter().position(|byte| b"xhm".contains(byte)).map(|at| at / 2);
                let exit = match index.map(|index| bytes[2 * index]) {
                    _ if kills() => ProcessExit::Killed("was killed by signal 9".to_owned()),
                    Some(b'x') => ProcessExit::Fault("was killed by signal 11".to_owned()),
                    Some(bad) => {
                        finished.extend(match bad {
                            b'h' => scheduler.on_timeout(number, index.unwrap_or(0) as u64),
                            _ => scheduler.on_out_of_memory(80_000_000),
                        });
                        ProcessExit::Fault("exited with code 1".to_owned())
                    }
                    None => {
                        let messages = bytes.split_inclusive(|&byte| byte == b'\n').count() as u64;
                        let ran = BatchOutcome { messages, out: bytes, rejects: vec![] };
                        finished.extend(scheduler.complete(number, encoded(&ran)));
                        continue;
                    }
                };
                deaths += 1;
                assert!(deaths < 10_000);
                finished.extend(scheduler.on_exit(&exit)?);
                break;
            }
        }
        Ok(finished)
    }

    fn scheduler(threads: usize, crashes: u32) -> BatchScheduler {
        BatchScheduler::new(&JobConfig {
            model: "a::b".to_owned(),
            variables: Vec::new(),
            input_format: Format::Json,
            output_format: Format::Json,
            threads,
            crashes,
            timeout_ms: Some(2000),
            memory_limit: Some(64_000_000),
        })
    }

    fn batch(number: u64, text: &str) -> Chunk {
        let messages = SharedBytes::from_end(text.into(), text.len());
        Chunk { number, first: 1 + 1000 * number, messages }
    }

    /// The outcomes of a batch.
    fn ran(finished: &BatchResult) -> BatchOutcome {
        let bytes = finished.write().unwrap();
        let Some(FromWorker::Done { outcomes, .. }) = FromWorker::read(&bytes) else {
            panic!("not done")
        };
        let ran = EncodedOutcomes::read(outcomes).unwrap();
        BatchOutcome {
            messages: ran.messages,
            out: ran.out.to_vec(),
            rejects: ran.rejects().unwrap(),
        }
    }

    proptest! {
        #[test]
        fn messages_that_end_their_process_are_rejected_and_all_others_run(
            batches in proptest::collection::vec("([a-z]\n){1,40}", 1..4),
            threads in 1_usize..5, crashes in 1_u32..4,
        ) {
            let mut scheduler = scheduler(threads, crashes);
            for (number, text) in (0..).zip(&batches) {
                prop_assert!(scheduler.add(batch(number, text)).is_none());
            }
            let mut finished = run(&mut scheduler, &mut || false).unwrap();
            finished.sort_by_key(|finished| finished.number);
            prop_assert_eq!(finished.len(), batches.len());
            for (number, (text, finished)) in (0..).zip(batches.iter().zip(finished)) {
                let is_bad = |line: &&str| ["x", "h", "m"].contains(line);
                let good: String = text.lines().filter(|line| !is_bad(line)).flat_map(|line| [line, "\n"]).collect();
                let ran = ran(&finished);
                prop_assert_eq!(ran.out, good.into_bytes());
                prop_assert_eq!(ran.messages, text.lines().count() as u64);
                let times = if crashes == 1 { "once".to_owned() } else { format!("{crashes} times") };
                let crash = format!(
                    "it ended the process that ran it, alone, {times}: it was killed by signal 11"
                );
                let reject = |(line, text): (u64, &str)| {
                    let (kind, reason) = match text {
                        "x" => ("crash", crash.as_str()),
                        "h" => ("timeout", "it ran longer than 2s"),
                        _ => ("memory", "it took 80MB of memory, more than 64MB"),
                    };
                    Reject::new(line, kind, reason.to_owned(), text.as_bytes(), Format::Json)
                };
                let lines = (1 + 1000 * number..).zip(text.lines());
                let bad: Vec<_> = lines.filter(|(_, line)| is_bad(line)).map(reject).collect();
                prop_assert_eq!(ran.rejects, bad);
            }
        }

        #[test]
        fn a_kill_from_outside_rejects_nothing(
            text in "([a-gi-l]\n){1,40}", threads in 1_usize..5, every in 4_usize..9,
        ) {
            let mut scheduler = scheduler(threads, 1);
            scheduler.add(batch(0, &text));
            let mut steps = 0;
            let finished = run(&mut scheduler, &mut || { steps += 1; steps % every == 0 }).unwrap();
            let ran = ran(&finished[0]);
            prop_assert_eq!(ran.out, text.as_bytes());
            prop_assert!(ran.rejects.is_empty());
        }
    }

    #[test]
    fn a_message_that_is_killed_repeatedly_is_named_and_not_rejected() {
        let mut scheduler = scheduler(2, 2);
        scheduler.add(batch(0, "a\nb\n"));
        let error = run(&mut scheduler, &mut || true).unwrap_err();
        assert!(error.starts_with("line 1: its model process was killed 7 times"), "{error}");
    }

    #[test]
    fn an_empty_batch_is_done_immediately() {
        let mut scheduler = scheduler(2, 2);
        assert!(scheduler.add(batch(3, "")).is_some_and(|finished| finished.number == 3));
        assert!(scheduler.is_idle());
    }
}
