//! A worker: receives batches from the manager, runs them in a model process on all cores, and sends
//! back their outcomes.

use std::time::{Duration, Instant};

use super::build_id::build_id;
use super::channel::WorkerChannel;
use super::heartbeat::{HEARTBEAT_INTERVAL, abort_job};
use super::model_process::ROLE;
use super::scheduler::{BatchResult, BatchScheduler, Chunk};
use super::wire::{FromWorker, Host, JobConfig, SharedBytes, ToWorker};
use athena_core::error::{Error, Result};
use athena_process::{
    ModelProcess, ProcessConfig, ProcessEvent, ProcessExit, Request, Response, SpawnOptions,
};

/// The minimum and maximum time that a worker waits for its process before it checks for a message
/// of the manager.
const NAPS: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(2));

/// The number of times that a process is started in vain.
const MAX_FAILED_STARTS: u32 = 3;

/// Runs batches until the manager ends the worker, or does not respond.
pub(super) fn run_worker(manager: &mut impl WorkerChannel, heartbeat_timeout: Duration) {
    run_until_end(manager, heartbeat_timeout);
    manager.send(FromWorker::Goodbye.write());
}

fn run_until_end(manager: &mut impl WorkerChannel, heartbeat_timeout: Duration) {
    let host = serde_json::to_vec(&current_host()).unwrap_or_default();
    manager.send(FromWorker::Hello(&host).write());
    let mut watch = ManagerWatch::new(heartbeat_timeout);
    let config = loop {
        match manager.receive() {
            Some(bytes) => {
                watch.renew();
                match ToWorker::read(&bytes) {
                    Some(ToWorker::Begin(config)) => break config.to_vec(),
                    Some(ToWorker::End) => return,
                    _ => {}
                }
            }
            None => std::thread::sleep(NAPS.1),
        }
        watch.check(manager);
    };
    let result = Worker::start(&config).and_then(|worker| worker.run(manager, &mut watch));
    if let Err(error) = result {
        let message = error.to_string();
        manager.send(FromWorker::Failed { exit: error.exit().code(), message: &message }.write());
        // The manager prints it, and ends the job.
        while !matches!(manager.receive().as_deref().and_then(ToWorker::read), Some(ToWorker::End))
        {
            watch.check(manager);
            std::thread::sleep(NAPS.1);
        }
    }
}

struct Worker {
    config: JobConfig,
    scheduler: BatchScheduler,
    process: ModelProcess,
    stage: Stage,
    /// The number of successive processes that died before they ran anything.
    failed_starts: u32,
}

/// The stage of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Starting,
    /// It accepts messages.
    Ready,
    /// It has announced that it ends.
    Ending,
}

impl Worker {
    fn start(config: &[u8]) -> Result<Self> {
        let config: JobConfig = serde_json::from_slice(config).map_err(|error| {
            Error::failure(format!("the manager's configuration can't be read: {error}"))
        })?;
        let process = start_process(&config)?;
        let scheduler = BatchScheduler::new(&config);
        Ok(Self { config, scheduler, process, stage: Stage::Starting, failed_starts: 0 })
    }

    fn run(mut self, manager: &mut impl WorkerChannel, watch: &mut ManagerWatch) -> Result<()> {
        let mut nap = NAPS.0;
        loop {
            while let Some(bytes) = manager.receive() {
                watch.renew();
                nap = NAPS.0;
                match ToWorker::read(&bytes) {
                    Some(ToWorker::Batch(batch)) => {
                        let (number, first) = (batch.number, batch.first);
                        let length = batch.bytes.len();
                        let messages = SharedBytes::from_end(bytes, length);
                        let done = self.scheduler.add(Chunk { number, first, messages });
                        send_result(manager, done)?;
                    }
                    Some(ToWorker::End) => return Ok(()),
                    Some(ToWorker::Alive | ToWorker::Begin(_)) => {}
                    None => return Err(Error::failure("rank 0 sent an unreadable message")),
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
                send_result(manager, Some(finished))?;
            }
            watch.check(manager);
        }
    }

    fn on_response(&mut self, bytes: Vec<u8>) -> Result<Vec<BatchResult>> {
        match Response::read(&bytes) {
            Some(Response::Ready) => self.stage = Stage::Ready,
            Some(Response::Done { id, body, .. }) => {
                self.failed_starts = 0;
                let length = body.len();
                let outcomes = SharedBytes::from_end(bytes, length);
                return Ok(self.scheduler.complete(id, outcomes).into_iter().collect());
            }
            Some(Response::Failed { exit, message }) => return Err(remote_error(exit, message)),
            Some(Response::TimedOut { id, index }) => {
                self.stage = Stage::Ending;
                return Ok(self.scheduler.on_timeout(id, index));
            }
            Some(Response::OutOfMemory { bytes, .. }) => {
                self.stage = Stage::Ending;
                return Ok(self.scheduler.on_out_of_memory(bytes));
            }
            Some(Response::Alive) => {}
            None => return Err(Error::failure("the model process sent an unreadable message")),
        }
        Ok(Vec::new())
    }

    fn on_exit(&mut self, exit: &ProcessExit) -> Result<Vec<BatchResult>> {
        self.failed_starts += 1;
        if self.stage == Stage::Starting && self.failed_starts >= MAX_FAILED_STARTS {
            return Err(Error::failure(format!(
                "the model process ended {MAX_FAILED_STARTS} times before it was ready: it {exit}"
            )));
        }
        self.stage = Stage::Starting;
        self.process = start_process(&self.config)?;
        self.scheduler.on_exit(exit).map_err(|message| {
            Error::failure(message).help(
                "the system may be out of memory; finished batches are kept: fix the problem, then run the same command with --resume to continue",
            )
        })
    }
}

fn start_process(config: &JobConfig) -> Result<ModelProcess> {
    let process = ProcessConfig {
        timeout_ms: config.timeout_ms,
        memory_limit: config.memory_limit,
        ..ProcessConfig::new(ROLE, config.threads)
    };
    let options = SpawnOptions { large_pipes: true, ..SpawnOptions::default() };
    ModelProcess::start(&process, &options, config)
}

fn send_result(manager: &mut impl WorkerChannel, finished: Option<BatchResult>) -> Result<()> {
    if let Some(finished) = finished {
        let unreadable = || Error::failure("the model process returned unreadable outcomes");
        manager.send(finished.write().ok_or_else(unreadable)?);
    }
    Ok(())
}

/// Returns the error of another process or rank.
pub(super) fn remote_error(exit: u8, message: &str) -> Error {
    if exit == athena_protocol::Exit::Usage.code() {
        Error::usage(message)
    } else {
        Error::failure(message)
    }
}

/// Sends heartbeats to the manager, and checks that it responds.
struct ManagerWatch {
    timeout: Duration,
    last_heard: Instant,
    last_heartbeat: Instant,
}

impl ManagerWatch {
    fn new(timeout: Duration) -> Self {
        Self { timeout, last_heard: Instant::now(), last_heartbeat: Instant::now() }
    }

    fn renew(&mut self) {
        self.last_heard = Instant::now();
    }

    fn check(&mut self, manager: &mut impl WorkerChannel) {
        if self.last_heartbeat.elapsed() >= HEARTBEAT_INTERVAL {
            self.last_heartbeat = Instant::now();
            manager.send(FromWorker::Alive.write());
        }
        if self.last_heard.elapsed() > self.timeout {
            abort_job(&format!("rank 0 has not responded for {:?}", self.timeout));
        }
    }
}

fn current_host() -> Host {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let online = read("/sys/devices/system/cpu/online");
    let status = read("/proc/self/status");
    let allowed = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    Host {
        name: read("/proc/sys/kernel/hostname").trim().to_owned(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        is_bound: allowed.is_some_and(|allowed| allowed.trim() != online.trim()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: build_id(),
    }
}
