//! A model process as its worker sees it: started, given messages, ended and started again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use athena_engine::token;
use athena_process::{
    AsyncModelProcess, ProcessConfig, ProcessExit, Request, RequestSender, Response, SpawnOptions,
};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::ipc::{ProcessSettings, Status};
use super::retry::Backoff;

/// How long a process may take to start, or to end after it has announced that.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// How a worker's model processes are started.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub(super) config: ProcessConfig,
    pub(super) settings: ProcessSettings,
}

/// An event of a process.
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

/// The slot of a process, its generation, and the event.
pub(super) type SlotEvent = (usize, u64, ProcessEvent);

/// A process, and the messages it has, oldest first.
pub(super) struct ModelProcessHandle {
    slot: usize,
    /// Counts the processes of this slot: late events of an earlier one are ignored.
    pub(super) generation: u64,
    requests: Option<RequestSender>,
    is_ready: bool,
    /// It was ready, so that it can start.
    was_ready: bool,
    /// It ends because of a message.
    is_ending: bool,
    task: Option<JoinHandle<()>>,
    pub(super) in_flight: VecDeque<u64>,
    /// How many messages it has done.
    completed: u64,
    /// When it last sent something, or got a message while it had none.
    last_heard: Instant,
    backoff: Backoff,
    /// When a process that ended is started again.
    restart_at: Option<Instant>,
    launch: Arc<Launch>,
    events: Sender<SlotEvent>,
}

impl ModelProcessHandle {
    /// The process is not started yet.
    pub(super) fn new(slot: usize, launch: Arc<Launch>, events: Sender<SlotEvent>) -> Self {
        Self {
            slot,
            generation: 0,
            requests: None,
            is_ready: false,
            was_ready: false,
            is_ending: false,
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

    /// Whether it accepts messages.
    pub(super) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// It has read its settings.
    pub(super) fn set_ready(&mut self) {
        self.is_ready = true;
        self.was_ready = true;
        self.last_heard = Instant::now();
    }

    /// Starts the process if that is due.
    pub(super) fn start_if_due(&mut self) {
        if self.task.is_some() || self.restart_at.is_none_or(|at| at > Instant::now()) {
            return;
        }
        self.restart_at = None;
        (self.was_ready, self.is_ending) = (false, false);
        self.generation += 1;
        self.completed = 0;
        self.last_heard = Instant::now();
        let Launch { config, settings } = &*self.launch;
        // Ctrl-C is for the worker, which finishes messages in progress: a process has its own group.
        let hidden = vec![token::VARIABLE.to_owned()];
        let options = SpawnOptions { hidden, ..SpawnOptions::default() };
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

    /// Records the result of a message.
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

    /// Whether it has finished no message yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.completed == 0
    }

    /// Records that it is about to end, and gets no more messages. Returns its messages.
    pub(super) fn set_ending(&mut self) -> VecDeque<u64> {
        self.is_ready = false;
        self.is_ending = true;
        self.last_heard = Instant::now();
        std::mem::take(&mut self.in_flight)
    }

    /// Records that it has ended. Returns its messages. Another is started: at once if it died of a
    /// message, which has attempts of its own, and otherwise later each time.
    pub(super) fn set_ended(&mut self) -> VecDeque<u64> {
        self.requests = None;
        self.is_ready = false;
        self.task = None;
        let in_flight = std::mem::take(&mut self.in_flight);
        let died_of_a_message = self.was_ready && (self.is_ending || !in_flight.is_empty());
        let delay = if died_of_a_message { Duration::ZERO } else { self.backoff.next() };
        self.restart_at = Some(Instant::now() + delay);
        in_flight
    }

    /// Whether it has been silent for too long. One that neither starts nor ends would block its
    /// slot.
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

/// Forwards the responses of a process until it ends.
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
    /// `None` if the response is not about a message.
    fn new(response: &Response<'_>) -> Result<Option<Self>, InvalidStatus> {
        Ok(Some(match *response {
            Response::Ready => Self::Ready,
            Response::Done { id: number, nanos, status, body } => {
                let status = Status::from_code(status).ok_or(InvalidStatus)?;
                let (took, bytes) = (Duration::from_nanos(nanos), body.to_vec());
                Self::Done { number, took, status, bytes }
            }
            Response::TimedOut { id: number, .. } => Self::TimedOut { number },
            Response::OutOfMemory { running, bytes } => {
                Self::OutOfMemory { number: running.map(|(number, _)| number), bytes }
            }
            Response::Alive => return Ok(None),
            Response::Failed { message, .. } => {
                tracing::error!("a model process can't start: {message}");
                return Ok(None);
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(with: impl FnOnce(&mut ModelProcessHandle)) -> Duration {
        let launch = Launch {
            config: ProcessConfig::new("none", 1),
            settings: crate::ipc::ProcessSettings::default(),
        };
        let (events, _) = tokio::sync::mpsc::channel(1);
        let mut process = ModelProcessHandle::new(0, Arc::new(launch), events);
        with(&mut process);
        process.set_ended();
        process.restart_at.unwrap().saturating_duration_since(Instant::now())
    }

    #[test]
    fn a_process_that_died_of_its_message_is_started_at_once() {
        let died = |process: &mut ModelProcessHandle| {
            process.set_ready();
            process.in_flight.push_back(7);
        };
        assert_eq!(ended(died), Duration::ZERO);
        let timed_out = |process: &mut ModelProcessHandle| {
            process.set_ready();
            process.set_ending();
        };
        assert_eq!(ended(timed_out), Duration::ZERO);
    }

    #[test]
    fn a_process_that_cannot_start_or_dies_idle_is_started_later() {
        assert!(ended(|_| {}) > Duration::from_millis(50));
        assert!(ended(ModelProcessHandle::set_ready) > Duration::from_millis(50));
    }
}
