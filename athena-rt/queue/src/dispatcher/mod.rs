//! The dispatcher of a worker: it takes messages, assigns them to processes, stores their outcomes
//! and acknowledges them. [`dispatch`] moves messages on, [`settle`] decides their outcome.
//!
//! One task owns the state. Waiting for a broker or a process is a task of its own that returns as
//! an event, so the dispatcher never blocks.

mod dispatch;
mod settle;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::metrics::Metrics;
use super::model_process_handle::{Launch, ModelProcessHandle, ProcessEvent, SlotEvent};
use super::model_table::ModelTable;
use super::prefetch::PrefetchEstimator;
use crate::broker::{Backlog, Delivery, DeliveryTag};
use crate::envelope::Envelope;
use crate::retry::{Backoff, Endpoints, worker_backoff};
use athena_core::error::{Error, Result};

/// The maximum number of outcomes in one request.
const BATCH: usize = 256;

/// How often timeouts, leases and idleness are checked.
const TICK: Duration = Duration::from_millis(100);

/// How long a process may be silent beyond the time limit of a message.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);

/// How long the broker may take to get back what was not finished, after the grace period.
const RETURNING: Duration = Duration::from_secs(2);

/// A message becomes a dead letter after this many deliveries per allowed attempt: it probably
/// crashes its workers, or no worker runs its model.
const MAX_DELIVERIES_PER_ATTEMPT: u32 = 10;

/// The limits that a worker applies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) attempts: u32,
    pub(super) backoff: Duration,
    pub(super) timeout: Duration,
    pub(super) lease: Duration,
    pub(super) exit_when_idle: Option<Duration>,
    pub(super) grace: Duration,
    /// How long requests to a broker may fail.
    pub(super) patience: Duration,
}

/// A message that is not settled yet.
struct InFlight {
    tag: DeliveryTag,
    failures: u32,
    /// Its index in the model table.
    model: u16,
    envelope: Envelope,
    stage: Stage,
    /// The time that its model ran in the last attempt, if it is known.
    ran: Duration,
    /// A process crashed that had this message among others, so it may be the cause.
    is_suspect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Waits for a process, or is with one.
    Open,
    /// Its outcome or dead letter is being stored.
    Settling,
    /// Is being returned to the queue. Extending its lease would delay the redelivery.
    Returning,
}

enum Event {
    /// `None` if the request failed.
    Pulled(Option<Vec<Delivery>>),
    /// These messages are settled.
    Settled(Vec<u64>),
    /// The outcomes of these messages are stored.
    Completed(Vec<u64>),
    LeasesRenewed,
    BacklogCounted(Option<Backlog>),
}

pub(super) struct Dispatcher {
    endpoints: Endpoints,
    rules: Rules,
    model_table: ModelTable,
    metrics: Arc<Metrics>,
    prefetch: PrefetchEstimator,
    processes: Vec<ModelProcessHandle>,
    process_events: Receiver<SlotEvent>,
    /// The memory limit of a process, in bytes.
    memory_limit: Option<u64>,
    tasks: JoinSet<Event>,
    in_flight: HashMap<u64, InFlight>,
    next: u64,
    /// Messages that wait for a process.
    ready: VecDeque<u64>,
    /// Messages of a crashed process. They run one at a time, to find the one at fault.
    isolated: VecDeque<u64>,
    outcomes: Vec<(u64, Envelope)>,
    is_pulling: bool,
    /// The last request for messages was answered.
    is_served: bool,
    /// When messages may be asked for again.
    pull_at: Instant,
    pull_backoff: Backoff,
    completing: usize,
    /// The number of messages in the batches being stored.
    storing: usize,
    is_renewing: bool,
    renewed_at: Instant,
    is_counting: bool,
    /// Since when the queue has been empty, and when that was last confirmed.
    idle: Option<(Instant, Instant)>,
    /// After a signal: until when messages in progress may run.
    deadline: Option<Instant>,
}

impl Dispatcher {
    pub(super) fn new(
        endpoints: Endpoints,
        rules: Rules,
        model_table: ModelTable,
        metrics: Arc<Metrics>,
        prefetch: PrefetchEstimator,
        processes: usize,
        launch: Launch,
    ) -> Self {
        let (send, process_events) = channel(64);
        let memory_limit = launch.config.memory_limit;
        let launch = Arc::new(launch);
        let process = |slot| ModelProcessHandle::new(slot, Arc::clone(&launch), send.clone());
        Self {
            endpoints,
            rules,
            model_table,
            metrics,
            prefetch,
            processes: (0..processes).map(process).collect(),
            process_events,
            memory_limit,
            tasks: JoinSet::new(),
            in_flight: HashMap::new(),
            next: 0,
            ready: VecDeque::new(),
            isolated: VecDeque::new(),
            outcomes: Vec::new(),
            is_pulling: false,
            is_served: false,
            pull_at: Instant::now(),
            pull_backoff: worker_backoff(),
            completing: 0,
            storing: 0,
            is_renewing: false,
            renewed_at: Instant::now(),
            is_counting: false,
            idle: None,
            deadline: None,
        }
    }

    /// Runs until a signal, or until the queue is idle if that is configured. After a signal,
    /// messages in progress are finished and the others returned. Returns the number of messages
    /// that were not finished.
    ///
    /// # Errors
    ///
    /// A task panicked; or the worker is to end when the queue is idle, and a request to a broker has failed
    /// each time for [`Rules::patience`].
    pub(super) async fn run(mut self, mut signals: Receiver<()>) -> Result<usize> {
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                Some(event) = self.tasks.join_next() => match event {
                    Ok(event) => self.take(event),
                    Err(error) => return Err(Error::failure(format!("a task of the worker ended: {error}"))),
                },
                Some(event) = self.process_events.recv() => self.on_process_event(event),
                _ = tick.tick() => self.on_tick(),
                Some(()) = signals.recv() => self.stop(),
            }
            if self.is_finished() {
                return Ok(self.in_flight.len());
            }
            if let Some(error) = self.lost_broker() {
                return Err(error);
            }
            self.advance();
        }
    }

    fn is_finished(&self) -> bool {
        if let Some(deadline) = self.deadline {
            // What a broker may deliver that did not answer before is not waited for.
            let is_done = self.in_flight.is_empty() && !(self.is_pulling && self.is_served);
            return is_done || deadline + self.rules.grace.min(RETURNING) < Instant::now();
        }
        let idle = self.rules.exit_when_idle.zip(self.idle);
        idle.is_some_and(|(patience, (since, seen))| seen - since >= patience)
    }

    /// How a request to a broker fails for so long that a worker with an end gives up. What it holds is
    /// redelivered after the lease.
    fn lost_broker(&self) -> Option<Error> {
        let has_end = self.rules.exit_when_idle.is_some() && self.deadline.is_none();
        has_end.then(|| self.endpoints.failing.failing_for(self.rules.patience)).flatten()
    }

    /// Handles a signal: no more messages are taken, and those not started are returned. A second
    /// signal ends the grace period.
    fn stop(&mut self) {
        let grace = if self.deadline.is_some() { Duration::ZERO } else { self.rules.grace };
        self.deadline = Some(Instant::now() + grace);
        self.metrics.set_ready(false);
        if let Some(error) = self.endpoints.failing.failing_for(Duration::ZERO) {
            tracing::warn!("what is in progress can't be settled: {error}");
        }
        let waiting: Vec<u64> = self.ready.drain(..).chain(self.isolated.drain(..)).collect();
        self.return_to_queue(&waiting);
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Pulled(None) => {
                self.is_pulling = false;
                self.is_served = false;
                self.pull_at = Instant::now() + self.pull_backoff.next();
            }
            Event::Pulled(Some(deliveries)) => {
                self.is_pulling = false;
                self.is_served = true;
                self.pull_backoff.reset();
                if !deliveries.is_empty() {
                    self.idle = None;
                }
                for delivery in deliveries {
                    self.receive(delivery);
                }
                self.metrics.set_in_flight(self.in_flight.len());
            }
            Event::Completed(numbers) => {
                self.completing -= 1;
                self.storing -= numbers.len();
                self.forget(&numbers);
            }
            Event::Settled(numbers) => self.forget(&numbers),
            Event::LeasesRenewed => self.is_renewing = false,
            Event::BacklogCounted(left) => {
                self.is_counting = false;
                let is_empty = left == Some(Backlog::default()) && self.in_flight.is_empty();
                // Of a queue that refuses to deliver nobody knows that it is empty. Without a process nothing
                // is asked for.
                let is_served =
                    self.is_served || !self.processes.iter().any(ModelProcessHandle::is_ready);
                let is_idle = is_empty && is_served;
                let now = Instant::now();
                self.idle = is_idle.then(|| (self.idle.map_or(now, |(since, _)| since), now));
            }
        }
    }

    fn forget(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.in_flight.remove(number);
        }
        self.metrics.set_in_flight(self.in_flight.len());
    }

    /// Registers a delivery.
    fn receive(&mut self, delivery: Delivery) {
        let Delivery { tag, failures, deliveries, envelope } = delivery;
        let number = self.next;
        self.next += 1;
        self.metrics.record_delivery(deliveries > 1);
        self.prefetch.record_size(envelope.bytes.len());
        let model = self.model_table.find(&envelope.model);
        let stage = Stage::Open;
        let model_index = *model.as_ref().unwrap_or(&u16::MAX);
        let entry = InFlight {
            tag,
            failures,
            model: model_index,
            envelope,
            stage,
            ran: Duration::ZERO,
            is_suspect: false,
        };
        self.in_flight.insert(number, entry);
        if self.deadline.is_some() {
            return self.return_to_queue(&[number]);
        }
        let max_deliveries = self.rules.attempts.saturating_mul(MAX_DELIVERIES_PER_ATTEMPT);
        match model {
            Err(reason) if deliveries > max_deliveries => {
                let reason = format!("{reason} (delivered {deliveries} times)");
                self.fail(number, &reason, true);
            }
            // Another worker may run this model, so it is not a failed attempt.
            Err(reason) => self.return_unknown(number, &reason),
            Ok(_) if deliveries > max_deliveries => {
                let reason =
                    format!("delivered {deliveries} times; it probably crashes its workers");
                self.fail(number, &reason, true);
            }
            Ok(_) => self.ready.push_back(number),
        }
    }

    fn on_process_event(&mut self, (slot, generation, event): SlotEvent) {
        if self.processes[slot].generation != generation {
            return;
        }
        match event {
            ProcessEvent::Reports(reports) => {
                for report in reports {
                    self.on_report(slot, report);
                }
            }
            ProcessEvent::Exited(exit) => {
                let had = self.processes[slot].set_ended();
                self.metrics.process_ended();
                let reason = format!("its process {exit}");
                tracing::warn!(process = slot, had = had.len(), "{reason}");
                self.on_lost(had, &reason);
            }
        }
    }

    /// Checks everything that depends on time.
    fn on_tick(&mut self) {
        for process in &mut self.processes {
            let patience = self.rules.timeout.saturating_add(SILENCE_LIMIT);
            if process.is_stuck(patience) {
                process.kill();
            }
        }
        if self.deadline.is_some_and(|until| until < Instant::now()) {
            self.processes.iter_mut().for_each(ModelProcessHandle::kill);
        }
        if !self.is_renewing
            && self.renewed_at.elapsed() >= self.rules.lease / 3
            && !self.in_flight.is_empty()
        {
            self.is_renewing = true;
            self.renewed_at = Instant::now();
            let kept = self.in_flight.values().filter(|entry| entry.stage != Stage::Returning);
            let tags: Vec<_> = kept.map(|entry| entry.tag.clone()).collect();
            let endpoints = self.endpoints.clone();
            self.tasks.spawn(async move {
                endpoints.keep_alive(tags).await;
                Event::LeasesRenewed
            });
        }
        if self.rules.exit_when_idle.is_some() && !self.is_counting && self.in_flight.is_empty() {
            self.is_counting = true;
            let endpoints = self.endpoints.clone();
            self.tasks.spawn(async move {
                // The broker is asked at this rate only; the answer must be recent.
                tokio::time::sleep(TICK * 3).await;
                Event::BacklogCounted(endpoints.backlog().await)
            });
        }
    }

    /// Starts everything that can be started now.
    fn advance(&mut self) {
        self.complete();
        self.dispatch();
        self.pull();
    }
}
