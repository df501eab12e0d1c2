//! The way of messages through a worker: taken, dealt to processes, answered, stored, acknowledged.
//!
//! One task has all the state. What waits for a broker or a process is a task of its own and comes
//! back as an event, so nothing here waits for anything.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::hand::{Hand, Heard};
use super::meter::{Fate, Meter};
use super::pace::Pace;
use super::pipe::{Done, Job, What};
use super::retry::after;
use super::roster::Roster;
use super::settle::{Ends, asked};
use crate::engine::letter::Letter;
use crate::engine::transport::{Burial, Delivery, Left, Refusal, Ticket};
use crate::error::{Error, Result};

/// How many outcomes are stored at once.
const BATCH: usize = 256;

/// How many of such batches are on their way to the broker at once.
const BATCHES: usize = 2;

/// How long one request for messages waits for some.
const WAIT: Duration = Duration::from_secs(1);

/// How often it is looked whether anything is due.
const TICK: Duration = Duration::from_millis(100);

/// How long a process may be silent beyond the time a message may take.
const SILENCE: Duration = Duration::from_secs(10);

/// The longest wait before a message is tried again.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// A message that was delivered so many times for each try it has takes its workers with it.
const DELIVERIES: u32 = 10;

/// How many bytes of the words of a failed try are kept: a model may panic with a whole message.
const WORDS: usize = 16_000;

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
    hands: Vec<Hand>,
    heard: Receiver<(usize, u64, Heard)>,
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
    ) -> Self {
        let (say, heard) = channel(64);
        let orders = Arc::new(roster.orders());
        let hands = (0..processes).map(|place| Hand::new(place, Arc::clone(&orders), say.clone()));
        Self {
            ends,
            rules,
            roster,
            meter,
            pace,
            hands: hands.collect(),
            heard,
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
                Some((place, life, heard)) = self.heard.recv() => self.hear(place, life, heard),
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

    fn give_back(&mut self, numbers: &[u64]) {
        let mut refused = Vec::new();
        for number in numbers {
            if let Some(held) = self.held.get_mut(number) {
                held.stage = Stage::Returning;
                let (ticket, id) = (held.ticket.clone(), held.letter.id.clone());
                refused.push(Refusal { ticket, id, tries: held.tries, delay: Duration::ZERO });
            }
        }
        if !refused.is_empty() {
            let (ends, numbers) = (self.ends.clone(), numbers.to_vec());
            self.tasks.spawn(async move {
                ends.refuse(refused).await;
                Event::Settled(numbers)
            });
        }
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

    fn hear(&mut self, place: usize, life: u64, heard: Heard) {
        if self.hands[place].life != life {
            return;
        }
        match heard {
            Heard::Done(done) => done.into_iter().for_each(|done| self.hear_done(place, done)),
            Heard::Ended(words) => {
                let had = self.hands[place].has_ended();
                self.meter.process_ended();
                tracing::warn!(process = place, had = had.len(), "{words}");
                self.lost(had, &words);
            }
        }
    }

    fn hear_done(&mut self, place: usize, done: Done) {
        let Done { number, took, what, bytes } = done;
        let hand = &mut self.hands[place];
        if what == What::Ready {
            return hand.set_ready();
        }
        hand.has_done(number);
        let Some(held) = self.held.get_mut(&number).filter(|held| held.stage == Stage::Open) else {
            return;
        };
        self.pace.took(took);
        self.meter.ran(held.model, took);
        let words = || String::from_utf8_lossy(&bytes[..bytes.len().min(WORDS)]).into_owned();
        match what {
            What::Ready => {}
            What::Outcome(kind) => {
                let model = self.roster.id(held.model);
                let message = &mut held.letter;
                let outcome = Letter {
                    id: format!("{}:{model}", message.id),
                    model: model.to_owned(),
                    kind,
                    format: message.format,
                    trace: message.trace.clone(),
                    bytes,
                    ..Letter::default()
                };
                if let Some(reason) = self.ends.refuses(&outcome) {
                    return self.fail(number, &format!("its outcome: {reason}"), true);
                }
                held.stage = Stage::Settling;
                self.meter.count(held.model, Fate::of(kind));
                self.roster.capture(held.model, message, &outcome);
                message.bytes = Vec::new();
                self.done.push((number, outcome));
            }
            What::Unreadable => self.fail(number, &words(), true),
            What::Failed => self.fail(number, &words(), false),
            // Those behind it had not begun.
            What::Late | What::Large => {
                let reason = match what {
                    What::Late => format!("it takes too long: {}", words()),
                    _ => format!("it takes too much memory: {}", words()),
                };
                let behind = self.hands[place].is_ending();
                if self.until.is_some() {
                    self.give_back(&Vec::from(behind));
                } else {
                    behind.into_iter().rev().for_each(|number| self.ready.push_front(number));
                }
                if what == What::Large && !self.hands[place].is_fresh() {
                    // Those before it may have left that behind.
                    return self.lost(VecDeque::from([number]), &reason);
                }
                self.fail(number, &reason, false);
            }
        }
    }

    /// A process has died, and had these.
    fn lost(&mut self, had: VecDeque<u64>, words: &str) {
        if self.until.is_some() {
            let had: Vec<u64> = had.into();
            return self.give_back(&had);
        }
        // Only what dies alone is at fault.
        if let ([number], []) = had.as_slices()
            && self.held.get(number).is_some_and(|held| held.suspect)
        {
            return self.fail(*number, words, false);
        }
        for number in had {
            if let Some(held) = self.held.get_mut(&number) {
                held.suspect = true;
                self.alone.push_back(number);
            }
        }
    }

    /// A try has failed. The message comes again, or is dead: at once where no try helps.
    fn fail(&mut self, number: u64, reason: &str, is_hopeless: bool) {
        let Some(held) = self.held.get_mut(&number) else { return };
        held.stage = Stage::Settling;
        held.tries += 1;
        let (ticket, tries) = (held.ticket.clone(), held.tries);
        let (id, model) = (&held.letter.id, &held.letter.model);
        let ends = self.ends.clone();
        if is_hopeless || tries >= self.rules.attempts {
            tracing::error!(id, model, tries, "a message is given up: {reason}");
            self.meter.count(held.model, Fate::Dead);
            let mut letter = std::mem::take(&mut held.letter);
            reason.clone_into(&mut letter.reason);
            letter.tries = tries;
            self.tasks.spawn(async move {
                ends.bury(vec![Burial { ticket, letter }]).await;
                Event::Settled(vec![number])
            });
        } else {
            tracing::warn!(id, model, tries, "a message failed, and comes again: {reason}");
            self.meter.count(held.model, Fate::Failed);
            held.stage = Stage::Returning;
            let delay = after(self.rules.backoff, LONGEST_WAIT, tries);
            let refusal = Refusal { ticket, id: id.clone(), tries, delay };
            self.tasks.spawn(async move {
                ends.refuse(vec![refusal]).await;
                Event::Settled(vec![number])
            });
        }
    }

    /// What is due by time.
    fn look(&mut self) {
        for hand in &mut self.hands {
            let patience = self.rules.timeout.saturating_add(SILENCE);
            if hand.is_stuck(patience) {
                hand.kill();
            }
        }
        if self.until.is_some_and(|until| until < Instant::now()) {
            self.hands.iter_mut().for_each(Hand::kill);
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

    fn pull(&mut self) {
        // The next come while the outcomes of the last are stored.
        let held = self.held.len().saturating_sub(self.storing);
        let most = self.pace.hold().saturating_sub(held);
        // Few at a time would be a way to the broker for each.
        let is_worth_it = most * 4 >= self.pace.hold() || most >= BATCH;
        let is_ready = self.hands.iter().any(Hand::is_ready);
        if self.pulling || self.until.is_some() || !is_worth_it || !is_ready {
            return;
        }
        self.pulling = true;
        let ends = self.ends.clone();
        self.tasks.spawn(async move { Event::Pulled(ends.pull(most.min(BATCH), WAIT).await) });
    }

    fn deal(&mut self) {
        if self.until.is_none() {
            self.hands.iter_mut().for_each(Hand::start_if_due);
        }
        let chunk = self.pace.chunk();
        let ready = self.hands.iter().filter(|hand| hand.is_ready()).count().max(1);
        let mut is_first = true;
        for place in 0..self.hands.len() {
            if !self.hands[place].is_ready() {
                continue;
            }
            // One process ends what it has, and then is for those that run alone.
            let is_for_alone = is_first && !self.alone.is_empty();
            is_first = false;
            let front = self.hands[place].has.front().and_then(|number| self.held.get(number));
            if front.is_some_and(|held| held.suspect) {
                continue;
            }
            let has = self.hands[place].has.len();
            let numbers: Vec<u64> = if is_for_alone {
                let count = usize::from(has == 0);
                self.alone.drain(..count).collect()
            } else if has <= chunk / 2 {
                let share = self.ready.len().div_ceil(ready).min(chunk);
                self.ready.drain(..share).collect()
            } else {
                continue;
            };
            self.give(place, &numbers);
        }
    }

    fn give(&mut self, place: usize, numbers: &[u64]) {
        if numbers.is_empty() {
            return;
        }
        let mut frames = Vec::new();
        for number in numbers {
            let Some(held) = self.held.get(number) else { continue };
            let Letter { format, trace, bytes, .. } = &held.letter;
            let (format, model) = (*format, held.model);
            Job { number: *number, model, format, trace, message: bytes }.write(&mut frames);
        }
        self.hands[place].give(numbers.iter().copied(), frames);
    }

    fn complete(&mut self) {
        while self.completing < BATCHES && !self.done.is_empty() {
            self.completing += 1;
            let count = self.done.len().min(BATCH);
            let mut numbers = Vec::with_capacity(count);
            let mut done = Vec::with_capacity(count);
            for (number, letter) in self.done.drain(..count) {
                if let Some(held) = self.held.get(&number) {
                    done.push((held.ticket.clone(), letter));
                    numbers.push(number);
                }
            }
            self.storing += numbers.len();
            let ends = self.ends.clone();
            self.tasks.spawn(async move {
                ends.complete(done).await;
                Event::Completed(numbers)
            });
        }
    }
}
