//! A worker: takes batches from the manager, has a process run them on all cores, and says what came
//! of them.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use super::crew::{Crew, Finished, Given};
use super::link::ToManager;
use super::process::{Event, Process};
use super::program::build;
use super::silence::give_up;
use super::wire::{Host, Orders, Said, Slice, Told};
use athena_core::error::{Error, Result};

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
    orders: Vec<u8>,
    crew: Crew,
    process: Process,
    events: Receiver<Event>,
    send: Sender<Event>,
    /// The number of the process, and whether it has said that it is ready.
    start: u64,
    is_ready: bool,
    /// How many processes in a row died before they were ready, or with nothing to run.
    vain: u32,
}

impl Worker {
    fn start(orders: &[u8]) -> Result<Self> {
        let read: Orders = serde_json::from_slice(orders).map_err(|error| {
            Error::failure(format!("the manager's orders can't be read: {error}"))
        })?;
        let orders = Told::Begin(orders).write();
        let (send, events) = mpsc::channel();
        let process = Process::start(0, orders.clone(), send.clone())?;
        let crew = Crew::new(read.threads, read.input_format, read.crashes);
        Ok(Self { orders, crew, process, events, send, start: 0, is_ready: false, vain: 0 })
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
                        let done = self.crew.add(Given { number, first, messages });
                        tell(manager, done)?;
                    }
                    Some(Told::End) => return Ok(()),
                    Some(Told::Alive | Told::Begin(_)) => {}
                    None => return Err(Error::failure("the manager says what can't be read")),
                }
            }
            while self.is_ready
                && let Some(Given { number, first, messages }) = self.crew.next()
            {
                self.process.run(number, first, messages);
            }
            match self.events.recv_timeout(nap) {
                Ok(event) => {
                    nap = NAPS.0;
                    for finished in self.happened(event)? {
                        tell(manager, Some(finished))?;
                    }
                }
                Err(RecvTimeoutError::Timeout) => nap = (nap * 2).min(NAPS.1),
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            listening.say(manager);
        }
    }

    fn happened(&mut self, event: Event) -> Result<Vec<Finished>> {
        let none = Ok(Vec::new());
        match event {
            Event::Said { start, .. } | Event::Gone { start } if start != self.start => none,
            Event::Said { bytes, .. } => match Said::read(&bytes) {
                Some(Said::Hello(_)) => {
                    self.is_ready = true;
                    none
                }
                Some(Said::Done { number, ran, .. }) => {
                    self.vain = 0;
                    let length = ran.len();
                    let ran = Slice::last(bytes, length);
                    Ok(self.crew.finished(number, ran).into_iter().collect())
                }
                Some(Said::Failed { exit, words }) => Err(error(exit, words)),
                Some(Said::Alive | Said::Bye) | None => {
                    Err(Error::failure("a process says what can't be read"))
                }
            },
            Event::Gone { .. } => {
                let death = self.process.death()?;
                self.vain += 1;
                if !self.is_ready && self.vain >= STARTS {
                    return Err(Error::failure(format!(
                        "the process that runs models dies before it begins: {death}"
                    )));
                }
                self.start += 1;
                self.is_ready = false;
                self.process = Process::start(self.start, self.orders.clone(), self.send.clone())?;
                self.crew.died(&death).map_err(|words| {
                    Error::failure(words).help(
                        "the system may be out of memory; what is done so far is kept: once that is mended, the same command with --resume goes on",
                    )
                })
            }
        }
    }
}

fn tell(manager: &mut impl ToManager, finished: Option<Finished>) -> Result<()> {
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
