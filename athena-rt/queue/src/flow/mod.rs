//! The way of messages through a worker: taken, dealt to processes, answered, stored, acknowledged.
//!
//! One task has all the state. What waits for a broker or a process is a task of its own and comes
//! back as an event, so nothing here waits for anything.

mod deal;
mod fate;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::meter::Meter;
use super::pace::Pace;
use super::roster::Roster;
use super::settle::{Ends, asked};
use super::worker_process::{Launch, ProcessEvent, SlotEvent, WorkerProcess};
use crate::letter::Letter;
use crate::transport::{Delivery, Left, Ticket};
use athena_core::error::{Error, Result};

/// How many outcomes are stored at once.
const BATCH: usize = 256;

/// How often it is looked whether anything is due.
const TICK: Duration = Duration::from_millis(100);

/// How long a process may be silent beyond the time a message may take.
const SILENCE: Duration = Duration::from_secs(10);

/// A message that was delivered so many times for each try it has takes its workers with it.
const DELIVERIES: u32 = 10;

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
struct Held {
    ticket: Ticket,
    tries: u32,
    /// Its place in the roster.
    model: u16,
    letter: Letter,
    stage: Stage,
    /// A process died that had it among others, or before it could be sure to have it.
    suspect: bool,
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
    Beaten,
    Counted(Option<Left>),
}

pub(super) struct Flow {
    ends: Ends,
    rules: Rules,
    roster: Roster,
    meter: Arc<Meter>,
    pace: Pace,
    processes: Vec<WorkerProcess>,
    process_events: Receiver<SlotEvent>,
    /// How many bytes of memory a process may take.
    memory_limit: Option<u64>,
    tasks: JoinSet<Event>,
    held: HashMap<u64, Held>,
    next: u64,
    /// Those that wait for a process.
    ready: VecDeque<u64>,
    /// Those that were with a process that died; one of them is at fault.
    alone: VecDeque<u64>,
    /// Outcomes that wait to be stored.
    done: Vec<(u64, Letter)>,
    pulling: bool,
    completing: usize,
    /// How many messages those batches have.
    storing: usize,
    beating: bool,
    beaten: Instant,
    counting: bool,
    /// Since when nothing came and nothing was left, and until when that is known.
    idle: Option<(Instant, Instant)>,
    /// Until when what has begun may go on, after a signal.
    until: Option<Instant>,
}

impl Flow {
    pub(super) fn new(
        ends: Ends,
        rules: Rules,
        roster: Roster,
        meter: Arc<Meter>,
        pace: Pace,
        processes: usize,
        launch: Launch,
    ) -> Self {
        let (send, process_events) = channel(64);
        let memory_limit = launch.config.memory_limit;
        let launch = Arc::new(launch);
        let process = |slot| WorkerProcess::new(slot, Arc::clone(&launch), send.clone());
        Self {
            ends,
            rules,
            roster,
            meter,
            pace,
            processes: (0..processes).map(process).collect(),
            process_events,
            memory_limit,
            tasks: JoinSet::new(),
            held: HashMap::new(),
            next: 0,
            ready: VecDeque::new(),
            alone: VecDeque::new(),
            done: Vec::new(),
            pulling: false,
            completing: 0,
            storing: 0,
            beating: false,
            beaten: Instant::now(),
            counting: false,
            idle: None,
            until: None,
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
                _ = tick.tick() => self.look(),
                Some(()) = signals.recv() => self.stop(),
            }
            if self.is_over() {
                return Ok(self.held.len());
            }
            self.go_on();
        }
    }

    fn is_over(&self) -> bool {
        if let Some(until) = self.until {
            // The second half of the grace is for the broker.
            let is_done = self.held.is_empty() && !self.pulling;
            return is_done || until + self.rules.grace < Instant::now();
        }
        let idle = self.rules.exit_when_idle.zip(self.idle);
        idle.is_some_and(|(patience, (since, seen))| seen - since >= patience)
    }

    /// A signal: nothing more is taken, what has not begun is given back. A second one hastens it.
    fn stop(&mut self) {
        let grace = if self.until.is_some() { Duration::ZERO } else { self.rules.grace };
        self.until = Some(Instant::now() + grace);
        self.meter.set_ready(false);
        let waiting: Vec<u64> = self.ready.drain(..).chain(self.alone.drain(..)).collect();
        self.give_back(&waiting);
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Pulled(deliveries) => {
                self.pulling = false;
                if !deliveries.is_empty() {
                    self.idle = None;
                }
                for delivery in deliveries {
                    self.receive(delivery);
                }
                self.meter.holds(self.held.len());
            }
            Event::Completed(numbers) => {
                self.completing -= 1;
                self.storing -= numbers.len();
                self.forget(&numbers);
            }
            Event::Settled(numbers) => self.forget(&numbers),
            Event::Beaten => self.beating = false,
            Event::Counted(left) => {
                self.counting = false;
                let is_idle = left == Some(Left::default()) && self.held.is_empty();
                let now = Instant::now();
                self.idle = is_idle.then(|| (self.idle.map_or(now, |(since, _)| since), now));
            }
        }
    }

    fn forget(&mut self, numbers: &[u64]) {
        for number in numbers {
            self.held.remove(number);
        }
        self.meter.holds(self.held.len());
    }

    /// Takes a message into its hands.
    fn receive(&mut self, delivery: Delivery) {
        let Delivery { ticket, tries, deliveries, letter } = delivery;
        let number = self.next;
        self.next += 1;
        self.meter.took(deliveries > 1);
        self.pace.weighs(letter.bytes.len());
        let model = self.roster.find(&letter.model);
        let stage = Stage::Open;
        let place = *model.as_ref().unwrap_or(&u16::MAX);
        let held = Held { ticket, tries, model: place, letter, stage, suspect: false };
        self.held.insert(number, held);
        if self.until.is_some() {
            return self.give_back(&[number]);
        }
        match model {
            // Another worker may have it.
            Err(reason) => self.fail(number, &reason, false),
            Ok(_) if deliveries > self.rules.attempts.saturating_mul(DELIVERIES) => {
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
                self.meter.process_ended();
                let reason = format!("its process {exit}");
                tracing::warn!(process = slot, had = had.len(), "{reason}");
                self.lost(had, &reason);
            }
        }
    }

    /// What is due by time.
    fn look(&mut self) {
        for process in &mut self.processes {
            let patience = self.rules.timeout.saturating_add(SILENCE);
            if process.is_stuck(patience) {
                process.kill();
            }
        }
        if self.until.is_some_and(|until| until < Instant::now()) {
            self.processes.iter_mut().for_each(WorkerProcess::kill);
        }
        if !self.beating && self.beaten.elapsed() >= self.rules.lease / 3 && !self.held.is_empty() {
            self.beating = true;
            self.beaten = Instant::now();
            let kept = self.held.values().filter(|held| held.stage != Stage::Returning);
            let tickets: Vec<_> = kept.map(|held| held.ticket.clone()).collect();
            let source = Arc::clone(&self.ends.source);
            self.tasks.spawn(async move {
                asked("keep messages alive", source.keep_alive(&tickets).await);
                Event::Beaten
            });
        }
        if self.rules.exit_when_idle.is_some() && !self.counting && self.held.is_empty() {
            self.counting = true;
            let source = Arc::clone(&self.ends.source);
            self.tasks.spawn(async move {
                // No need to ask more often; and what is told is to be new.
                tokio::time::sleep(TICK * 3).await;
                Event::Counted(asked("count what is left", source.left().await))
            });
        }
    }

    /// Does what can be done now.
    fn go_on(&mut self) {
        self.complete();
        self.deal();
        self.pull();
    }
}
