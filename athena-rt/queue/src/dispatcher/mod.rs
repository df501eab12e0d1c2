//! The way of messages through a worker: taken, dealt to processes, answered, stored, acknowledged.
//!
//! One task has all the state. What waits for a broker or a process is a task of its own and comes
//! back as an event, so nothing here waits for anything.

mod dispatch;
mod settle;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::metrics::Metrics;
use super::model_table::ModelTable;
use super::prefetch::PrefetchEstimator;
use super::worker_process::{Launch, ProcessEvent, SlotEvent, WorkerProcess};
use crate::broker::{Backlog, Delivery, DeliveryTag};
use crate::envelope::Envelope;
use crate::retry::{Endpoints, log_error};
use athena_core::error::{Error, Result};

/// How many outcomes are stored at once.
const BATCH: usize = 256;

/// How often it is looked whether anything is due.
const TICK: Duration = Duration::from_millis(100);

/// How long a process may be silent beyond the time a message may take.
const SILENCE_LIMIT: Duration = Duration::from_secs(10);

/// A message that was delivered so many times for each try it has takes its workers with it.
const MAX_DELIVERIES_PER_ATTEMPT: u32 = 10;

/// What a worker goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) attempts: u32,
    pub(super) backoff: Duration,
    pub(super) timeout: Duration,
    pub(super) lease: Duration,
    pub(super) exit_when_idle: Option<Duration>,
    pub(super) grace: Duration,
}

/// A message that is held.
struct InFlight {
    tag: DeliveryTag,
    failures: u32,
    /// Its place in the roster.
    model: u16,
    envelope: Envelope,
    stage: Stage,
    /// A process died that had it among others, or before it could be sure to have it.
    is_suspect: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It waits for a process, or has one.
    Open,
    /// Its outcome, or its end, is on its way to the broker.
    Settling,
    /// It is to come again: a sign of life would put that off.
    Returning,
}

enum Event {
    Pulled(Vec<Delivery>),
    /// These are no longer held.
    Settled(Vec<u64>),
    /// Outcomes were stored.
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
    processes: Vec<WorkerProcess>,
    process_events: Receiver<SlotEvent>,
    /// How many bytes of memory a process may take.
    memory_limit: Option<u64>,
    tasks: JoinSet<Event>,
    in_flight: HashMap<u64, InFlight>,
    next: u64,
    /// Those that wait for a process.
    ready: VecDeque<u64>,
    /// Those that were with a process that died; one of them is at fault.
    isolated: VecDeque<u64>,
    /// Outcomes that wait to be stored.
    outcomes: Vec<(u64, Envelope)>,
    is_pulling: bool,
    completing: usize,
    /// How many messages those batches have.
    storing: usize,
    is_renewing: bool,
    renewed_at: Instant,
    is_counting: bool,
    /// Since when nothing came and nothing was left, and until when that is known.
    idle: Option<(Instant, Instant)>,
    /// Until when what has begun may go on, after a signal.
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
        let process = |slot| WorkerProcess::new(slot, Arc::clone(&launch), send.clone());
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
            completing: 0,
            storing: 0,
            is_renewing: false,
            renewed_at: Instant::now(),
            is_counting: false,
            idle: None,
            deadline: None,
        }
    }

    /// Works until nothing is left, where that is asked for, or until a signal; then what has begun
    /// ends and the rest is given back. Tells how many messages were still held at the end.
    ///
    /// # Errors
    ///
    /// A fault of our own.
    pub(super) async fn run(mut self, mut signals: Receiver<()>) -> Result<usize> {
        let mut tick = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                Some(event) = self.tasks.join_next() => match event {
                    Ok(event) => self.take(event),
                    Err(error) => return Err(Error::failure(format!("a task ended: {error}"))),
                },
                Some(event) = self.process_events.recv() => self.on_process_event(event),
                _ = tick.tick() => self.on_tick(),
                Some(()) = signals.recv() => self.stop(),
            }
            if self.is_finished() {
                return Ok(self.in_flight.len());
            }
            self.advance();
        }
    }

    fn is_finished(&self) -> bool {
        if let Some(deadline) = self.deadline {
            // The second half of the grace is for the broker.
            let is_done = self.in_flight.is_empty() && !self.is_pulling;
            return is_done || deadline + self.rules.grace < Instant::now();
        }
        let idle = self.rules.exit_when_idle.zip(self.idle);
        idle.is_some_and(|(patience, (since, seen))| seen - since >= patience)
    }

    /// A signal: nothing more is taken, what has not begun is given back. A second one hastens it.
    fn stop(&mut self) {
        let grace = if self.deadline.is_some() { Duration::ZERO } else { self.rules.grace };
        self.deadline = Some(Instant::now() + grace);
        self.metrics.set_ready(false);
        let waiting: Vec<u64> = self.ready.drain(..).chain(self.isolated.drain(..)).collect();
        self.return_to_queue(&waiting);
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Pulled(deliveries) => {
                self.is_pulling = false;
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
                let is_idle = left == Some(Backlog::default()) && self.in_flight.is_empty();
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

    /// Takes a message into its hands.
    fn receive(&mut self, delivery: Delivery) {
        let Delivery { tag, failures, deliveries, envelope } = delivery;
        let number = self.next;
        self.next += 1;
        self.metrics.record_delivery(deliveries > 1);
        self.prefetch.record_size(envelope.bytes.len());
        let model = self.model_table.find(&envelope.model);
        let stage = Stage::Open;
        let model_index = *model.as_ref().unwrap_or(&u16::MAX);
        let entry =
            InFlight { tag, failures, model: model_index, envelope, stage, is_suspect: false };
        self.in_flight.insert(number, entry);
        if self.deadline.is_some() {
            return self.return_to_queue(&[number]);
        }
        match model {
            // Another worker may have it.
            Err(reason) => self.fail(number, &reason, false),
            Ok(_)
                if deliveries > self.rules.attempts.saturating_mul(MAX_DELIVERIES_PER_ATTEMPT) =>
            {
                let reason = format!("delivered {deliveries} times, and every worker died of it");
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

    /// What is due by time.
    fn on_tick(&mut self) {
        for process in &mut self.processes {
            let patience = self.rules.timeout.saturating_add(SILENCE_LIMIT);
            if process.is_stuck(patience) {
                process.kill();
            }
        }
        if self.deadline.is_some_and(|until| until < Instant::now()) {
            self.processes.iter_mut().for_each(WorkerProcess::kill);
        }
        if !self.is_renewing
            && self.renewed_at.elapsed() >= self.rules.lease / 3
            && !self.in_flight.is_empty()
        {
            self.is_renewing = true;
            self.renewed_at = Instant::now();
            let kept = self.in_flight.values().filter(|entry| entry.stage != Stage::Returning);
            let tags: Vec<_> = kept.map(|entry| entry.tag.clone()).collect();
            let consumer = Arc::clone(&self.endpoints.consumer);
            self.tasks.spawn(async move {
                log_error("keep messages alive", consumer.keep_alive(&tags).await);
                Event::LeasesRenewed
            });
        }
        if self.rules.exit_when_idle.is_some() && !self.is_counting && self.in_flight.is_empty() {
            self.is_counting = true;
            let consumer = Arc::clone(&self.endpoints.consumer);
            self.tasks.spawn(async move {
                // No need to ask more often; and what is told is to be new.
                tokio::time::sleep(TICK * 3).await;
                Event::BacklogCounted(log_error("count what is left", consumer.left().await))
            });
        }
    }

    /// Does what can be done now.
    fn advance(&mut self) {
        self.complete();
        self.dispatch();
        self.pull();
    }
}
