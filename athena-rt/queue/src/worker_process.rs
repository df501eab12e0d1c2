//! A model process as its worker sees it: started, given messages, ended and started again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use athena_process::{
    AsyncModelProcess, ProcessConfig, ProcessExit, Request, RequestSender, Response, SpawnOptions,
};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::ipc::{ProcessSettings, Status};
use super::retry::Backoff;

/// How long a process may take to start, or to end once it has said that it does.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// How a worker's model processes are started.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) config: ProcessConfig,
    pub(super) settings: ProcessSettings,
}

/// What is heard of a process.
pub(super) enum ProcessEvent {
    Reports(Vec<Report>),
    Exited(ProcessExit),
}

/// A response of a process.
pub(super) enum Report {
    Ready,
    /// A message was run; the outcome, or a message about a failure.
    Done {
        number: u64,
        took: Duration,
        status: Status,
        bytes: Vec<u8>,
    },
    /// A message takes too long; the process ends.
    TimedOut {
        number: u64,
    },
    /// The process takes too much memory, and ends; the message that it runs.
    OutOfMemory {
        number: Option<u64>,
        bytes: u64,
    },
}

/// The number of a process's slot, its generation, and what is heard of it.
pub(super) type SlotEvent = (usize, u64, ProcessEvent);

/// A process, and the messages it has, oldest first.
pub(super) struct WorkerProcess {
    slot: usize,
    /// Counts the processes of this slot: late events of an earlier one are ignored.
    pub(super) generation: u64,
    requests: Option<RequestSender>,
    is_ready: bool,
    task: Option<JoinHandle<()>>,
    pub(super) in_flight: VecDeque<u64>,
    /// How many messages it has done.
    completed: u64,
    /// When it was last heard, or given something while it had nothing.
    last_heard: Instant,
    backoff: Backoff,
    /// When one that ended is started again.
    restart_at: Option<Instant>,
    launch: Arc<Launch>,
    events: Sender<SlotEvent>,
}

impl WorkerProcess {
    /// The process is not started yet.
    pub(super) fn new(slot: usize, launch: Arc<Launch>, events: Sender<SlotEvent>) -> Self {
        Self {
            slot,
            generation: 0,
            requests: None,
            is_ready: false,
            task: None,
            in_flight: VecDeque::new(),
            completed: 0,
            last_heard: Instant::now(),
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(10)),
            restart_at: Some(Instant::now()),
            launch,
            events,
        }
    }

    /// Whether it may be given messages.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// It has read its settings.
    pub(super) fn set_ready(&mut self) {
        self.is_ready = true;
        self.last_heard = Instant::now();
    }

    /// Starts the process if it is time to.
    pub(super) fn start_if_due(&mut self) {
        if self.task.is_some() || self.restart_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.restart_at = None;
        self.generation += 1;
        self.completed = 0;
        self.last_heard = Instant::now();
        let Launch { config, settings } = &*self.launch;
        // Ctrl-C is for the worker, which lets what has begun come to its end.
        let options = SpawnOptions { own_group: true, ..SpawnOptions::default() };
        let started = AsyncModelProcess::start(config, &options, settings);
        let (slot, generation, events) = (self.slot, self.generation, self.events.clone());
        let process = started.map(|(process, requests)| {
            self.requests = Some(requests);
            process
        });
        self.task = Some(tokio::spawn(async move {
            let exit = match process {
                Ok(process) => run_process(process, slot, generation, &events).await,
                Err(error) => ProcessExit::Fault(error.to_string()),
            };
            let _ = events.send((slot, generation, ProcessEvent::Exited(exit))).await;
        }));
    }

    /// Sends it messages with these numbers.
    pub(super) fn send<'a>(
        &mut self,
        numbers: &[u64],
        requests: impl IntoIterator<Item = Request<'a>>,
    ) {
        if self.in_flight.is_empty() {
            self.last_heard = Instant::now();
        }
        self.in_flight.extend(numbers);
        if let Some(sender) = &self.requests {
            sender.send(requests);
        }
    }

    /// It has said what became of a message.
    pub(super) fn complete(&mut self, number: u64) {
        self.last_heard = Instant::now();
        self.completed += 1;
        self.backoff.reset();
        if self.in_flight.front() == Some(&number) {
            self.in_flight.pop_front();
        } else {
            self.in_flight.retain(|known| *known != number);
        }
    }

    /// Whether it has done no message before the one that it runs.
    pub(super) fn is_fresh(&self) -> bool {
        self.completed == 0
    }

    /// It has said that it ends, and is given nothing more. Returns what it had.
    pub(super) fn set_ending(&mut self) -> VecDeque<u64> {
        self.is_ready = false;
        self.last_heard = Instant::now();
        std::mem::take(&mut self.in_flight)
    }

    /// It has ended. Returns what it had. Another one is started, not at once if this goes on.
    pub(super) fn set_ended(&mut self) -> VecDeque<u64> {
        self.requests = None;
        self.is_ready = false;
        self.task = None;
        self.restart_at = Some(Instant::now() + self.backoff.next());
        std::mem::take(&mut self.in_flight)
    }

    /// Whether it is silent for longer than it may be. One that neither starts nor ends would never
    /// be given anything, and never make place for another.
    pub(super) fn is_stuck(&self, patience: Duration) -> bool {
        let silent = self.last_heard.elapsed();
        if self.is_ready {
            !self.in_flight.is_empty() && silent > patience
        } else {
            self.task.is_some() && silent > START_PATIENCE
        }
    }

    /// Kills it; its exit is reported like any other.
    pub(super) fn kill(&mut self) {
        if let Some(task) = self.task.take() {
            task.abort();
            let (slot, generation, events) = (self.slot, self.generation, self.events.clone());
            tokio::spawn(async move {
                let reason = "was killed because it stopped responding".to_owned();
                let event = ProcessEvent::Exited(ProcessExit::Killed(reason));
                let _ = events.send((slot, generation, event)).await;
            });
        }
    }
}

/// Passes on what a process sends, to its end.
async fn run_process(
    mut process: AsyncModelProcess,
    slot: usize,
    generation: u64,
    events: &Sender<SlotEvent>,
) -> ProcessExit {
    loop {
        let mut reports = Vec::new();
        let mut is_invalid = false;
        let read = process.next(|response| match Report::new(&response) {
            Ok(report) => reports.extend(report),
            Err(InvalidStatus) => is_invalid = true,
        });
        if let Err(exit) = read.await {
            return exit;
        }
        if is_invalid {
            return ProcessExit::Fault("sent an invalid response".to_owned());
        }
        let event = ProcessEvent::Reports(reports);
        if events.send((slot, generation, event)).await.is_err() {
            return ProcessExit::Fault("is not needed any more".to_owned());
        }
    }
}

struct InvalidStatus;

impl Report {
    /// `None` if a response says nothing about a message.
    fn new(response: &Response<'_>) -> Result<Option<Self>, InvalidStatus> {
        Ok(Some(match *response {
            Response::Ready => Self::Ready,
            Response::Done { id: number, nanos, status, body } => {
                let status = Status::from_code(status).ok_or(InvalidStatus)?;
                let (took, bytes) = (Duration::from_nanos(nanos), body.to_vec());
                Self::Done { number, took, status, bytes }
            }
            Response::TimedOut { id: number, .. } => Self::TimedOut { number },
            Response::OutOfMemory { id: number, bytes } => Self::OutOfMemory { number, bytes },
            Response::Alive => return Ok(None),
            Response::Failed { message, .. } => {
                tracing::error!("a model process can't start: {message}");
                return Ok(None);
            }
        }))
    }
}
