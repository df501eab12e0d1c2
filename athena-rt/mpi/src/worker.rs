//! A worker: takes batches from the manager, has a process run them on all cores, and says what came
//! of them.

use std::time::{Duration, Instant};

use super::link::ToManager;
use super::model_process::ROLE;
use super::program::build;
use super::scheduler::{BatchResult, BatchScheduler, Chunk};
use super::silence::give_up;
use super::wire::{Host, Orders, Said, Slice, Told};
use athena_core::error::{Error, Result};
use athena_process::{
    ModelProcess, ProcessConfig, ProcessEvent, ProcessExit, Request, Response, SpawnOptions,
};

/// How often it says that it is there.
pub(super) const SIGN: Duration = Duration::from_secs(1);

/// For how long it listens to the process before it looks for the manager again, at first and when
/// nothing happens.
const NAPS: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(2));

/// A process that can't even begin is started this often.
const STARTS: u32 = 3;

/// Works until the manager says that nothing more is to be done, or is silent for so long.
pub(super) fn work(manager: &mut impl ToManager, silence: Duration) {
    until_end(manager, silence);
    manager.send(Said::Bye.write());
}

fn until_end(manager: &mut impl ToManager, silence: Duration) {
    let host = serde_json::to_vec(&host()).unwrap_or_default();
    manager.send(Said::Hello(&host).write());
    let mut listening = Listening::new(silence);
    let orders = loop {
        match manager.next() {
            Some(bytes) => {
                listening.heard();
                match Told::read(&bytes) {
                    Some(Told::Begin(orders)) => break orders.to_vec(),
                    Some(Told::End) => return,
                    _ => {}
                }
            }
            None => std::thread::sleep(NAPS.1),
        }
        listening.say(manager);
    };
    let ran = Worker::start(&orders).and_then(|worker| worker.run(manager, &mut listening));
    if let Err(error) = ran {
        let words = error.to_string();
        manager.send(Said::Failed { exit: error.exit().code(), words: &words }.write());
        // The manager prints it, and ends the job.
        while !matches!(manager.next().as_deref().and_then(Told::read), Some(Told::End)) {
            listening.say(manager);
            std::thread::sleep(NAPS.1);
        }
    }
}

struct Worker {
    orders: Orders,
    scheduler: BatchScheduler,
    process: ModelProcess,
    stage: Stage,
    /// How many processes in a row died before they were ready, or with nothing to run.
    vain: u32,
}

/// How far a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Starting,
    /// It takes messages.
    Ready,
    /// It has said that it ends.
    Ending,
}

impl Worker {
    fn start(orders: &[u8]) -> Result<Self> {
        let orders: Orders = serde_json::from_slice(orders).map_err(|error| {
            Error::failure(format!("the manager's orders can't be read: {error}"))
        })?;
        let process = start_process(&orders)?;
        let scheduler = BatchScheduler::new(&orders);
        Ok(Self { orders, scheduler, process, stage: Stage::Starting, vain: 0 })
    }

    fn run(mut self, manager: &mut impl ToManager, listening: &mut Listening) -> Result<()> {
        let mut nap = NAPS.0;
        loop {
            while let Some(bytes) = manager.next() {
                listening.heard();
                nap = NAPS.0;
                match Told::read(&bytes) {
                    Some(Told::Batch(job)) => {
                        let (number, first, length) = (job.number, job.first, job.bytes.len());
                        let messages = Slice::last(bytes, length);
                        let done = self.scheduler.add(Chunk { number, first, messages });
                        tell(manager, done)?;
                    }
                    Some(Told::End) => return Ok(()),
                    Some(Told::Alive | Told::Begin(_)) => {}
                    None => return Err(Error::failure("the manager says what can't be read")),
                }
            }
            while self.stage == Stage::Ready
                && let Some(Chunk { number, first, messages }) = self.scheduler.next()
            {
                let meta = first.to_le_bytes();
                let request = Request { id: number, model: 0, meta: &meta, body: &[] };
                self.process.send_shared(&request, messages);
            }
            let finished = match self.process.next(nap) {
                ProcessEvent::Nothing => {
                    nap = (nap * 2).min(NAPS.1);
                    Vec::new()
                }
                ProcessEvent::Response(bytes) => {
                    nap = NAPS.0;
                    self.on_response(bytes)?
                }
                ProcessEvent::Exited(exit) => self.on_exit(&exit)?,
            };
            for finished in finished {
                tell(manager, Some(finished))?;
            }
            listening.say(manager);
        }
    }

    fn on_response(&mut self, bytes: Vec<u8>) -> Result<Vec<BatchResult>> {
        match Response::read(&bytes) {
            Some(Response::Ready) => self.stage = Stage::Ready,
            Some(Response::Done { id, body, .. }) => {
                self.vain = 0;
                let length = body.len();
                let ran = Slice::last(bytes, length);
                return Ok(self.scheduler.finished(id, ran).into_iter().collect());
            }
            Some(Response::Failed { exit, message }) => return Err(error(exit, message)),
            Some(Response::TimedOut { id, index }) => {
                self.stage = Stage::Ending;
                return Ok(self.scheduler.timed_out(id, index));
            }
            Some(Response::OutOfMemory { bytes, .. }) => {
                self.stage = Stage::Ending;
                return Ok(self.scheduler.out_of_memory(bytes));
            }
            Some(Response::Alive) => {}
            None => return Err(Error::failure("a process says what can't be read")),
        }
        Ok(Vec::new())
    }

    fn on_exit(&mut self, exit: &ProcessExit) -> Result<Vec<BatchResult>> {
        self.vain += 1;
        if self.stage == Stage::Starting && self.vain >= STARTS {
            return Err(Error::failure(format!(
                "the process that runs models ends before it begins: it {exit}"
            )));
        }
        self.stage = Stage::Starting;
        self.process = start_process(&self.orders)?;
        self.scheduler.died(exit).map_err(|message| {
            Error::failure(message).help(
                "the system may be out of memory; what is done so far is kept: once that is mended, the same command with --resume goes on",
            )
        })
    }
}

fn start_process(orders: &Orders) -> Result<ModelProcess> {
    let config = ProcessConfig {
        timeout_ms: orders.timeout_ms,
        memory_limit: orders.memory_limit,
        ..ProcessConfig::new(ROLE, orders.threads)
    };
    let options = SpawnOptions { large_pipes: true, ..SpawnOptions::default() };
    ModelProcess::start(&config, &options, orders)
}

fn tell(manager: &mut impl ToManager, finished: Option<BatchResult>) -> Result<()> {
    if let Some(finished) = finished {
        let odd = || Error::failure("a process gave what can't be read");
        manager.send(finished.write().ok_or_else(odd)?);
    }
    Ok(())
}

/// What another process or rank has said, as an error of this one.
pub(super) fn error(exit: u8, words: &str) -> Error {
    if exit == athena_protocol::Exit::Usage.code() {
        Error::usage(words)
    } else {
        Error::failure(words)
    }
}

/// Whether the manager is there, and saying that we are.
struct Listening {
    silence: Duration,
    heard: Instant,
    said: Instant,
}

impl Listening {
    fn new(silence: Duration) -> Self {
        Self { silence, heard: Instant::now(), said: Instant::now() }
    }

    fn heard(&mut self) {
        self.heard = Instant::now();
    }

    fn say(&mut self, manager: &mut impl ToManager) {
        if self.said.elapsed() >= SIGN {
            self.said = Instant::now();
            manager.send(Said::Alive.write());
        }
        if self.heard.elapsed() > self.silence {
            give_up(&format!("rank 0 has said nothing for {:?}", self.silence));
        }
    }
}

fn host() -> Host {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let online = read("/sys/devices/system/cpu/online");
    let status = read("/proc/self/status");
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    Host {
        name: read("/proc/sys/kernel/hostname").trim().to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        is_bound: allowed.is_some_and(|allowed| allowed.trim() != online.trim()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: build(),
    }
}
