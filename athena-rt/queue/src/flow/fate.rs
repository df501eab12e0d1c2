//! What becomes of messages: an outcome, another try, or none.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Event, Flow, Held, Stage};
use crate::ipc::Status;
use crate::letter::Letter;
use crate::meter::Fate;
use crate::retry::after;
use crate::transport::{Burial, Refusal};
use crate::worker_process::Report;
use athena_process::memory::megabytes;
use athena_process::{Policy, ProcessExit, Task, attribute};

/// The longest wait before a message is tried again.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// How many bytes of the words of a failed try are kept: a model may panic with a whole message.
const WORDS: usize = 16_000;

/// A message has failed if a process ends that has nothing else; kills count too, since the message
/// may be what makes the system run out of memory.
const POLICY: Policy = Policy { crashes: 1, kills: None, parts: 1, needs_fresh_process: false };

impl Flow {
    pub(super) fn on_report(&mut self, slot: usize, report: Report) {
        match report {
            Report::Ready => self.processes[slot].set_ready(),
            Report::Done { number, took, status, bytes } => {
                self.processes[slot].complete(number);
                self.on_done(number, took, status, bytes);
            }
            Report::TimedOut { number } => {
                self.on_ending(slot, Some(number));
                if let Some(held) = self.open(number) {
                    let (model, timeout) = (held.model, self.rules.timeout);
                    self.pace.took(timeout);
                    self.meter.ran(model, timeout);
                    let reason = format!("it takes too long: longer than {timeout:?}");
                    self.fail(number, &reason, false);
                }
            }
            Report::OutOfMemory { number, bytes } => {
                let is_fresh = self.processes[slot].is_fresh();
                self.on_ending(slot, number);
                let Some(number) = number.filter(|&number| self.open(number).is_some()) else {
                    return;
                };
                let limit = megabytes(self.memory_limit.unwrap_or(bytes));
                let reason = format!("it takes too much memory: {} of {limit}", megabytes(bytes));
                if is_fresh {
                    self.fail(number, &reason, false);
                } else {
                    // Those before it may have left that behind.
                    self.lost(VecDeque::from([number]), &reason);
                }
            }
        }
    }

    /// A message that waits for its outcome.
    fn open(&mut self, number: u64) -> Option<&mut Held> {
        self.held.get_mut(&number).filter(|held| held.stage == Stage::Open)
    }

    /// A process ends on account of a message. Those behind it have not begun.
    fn on_ending(&mut self, slot: usize, number: Option<u64>) {
        let mut behind = self.processes[slot].set_ending();
        behind.retain(|&other| Some(other) != number);
        if self.until.is_some() {
            self.give_back(&Vec::from(behind));
        } else {
            behind.into_iter().rev().for_each(|number| self.ready.push_front(number));
        }
    }

    fn on_done(&mut self, number: u64, took: Duration, status: Status, bytes: Vec<u8>) {
        let Some(held) = self.held.get_mut(&number).filter(|held| held.stage == Stage::Open) else {
            return;
        };
        self.pace.took(took);
        self.meter.ran(held.model, took);
        let reason = || String::from_utf8_lossy(&bytes[..bytes.len().min(WORDS)]).into_owned();
        match status {
            Status::Outcome(kind) => {
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
            Status::Unreadable => self.fail(number, &reason(), true),
            Status::Failed => self.fail(number, &reason(), false),
        }
    }

    /// A process has ended, and had these.
    pub(super) fn lost(&mut self, had: VecDeque<u64>, reason: &str) {
        if self.until.is_some() {
            let had: Vec<u64> = had.into();
            return self.give_back(&had);
        }
        let suspect = |number: u64| self.held.get(&number).is_some_and(|held| held.suspect);
        let task = |number| Task { is_isolated: suspect(number), ..Task::new(number) };
        let exit = ProcessExit::Fault(reason.to_owned());
        let found = attribute(&POLICY, had.into_iter().map(task).collect(), &exit, false);
        for task in found.guilty {
            self.fail(task.work, reason, false);
        }
        for Task { work: number, .. } in found.again {
            if let Some(held) = self.held.get_mut(&number) {
                held.suspect = true;
                self.alone.push_back(number);
            }
        }
    }

    /// A try has failed. The message comes again, or is dead: at once where no try helps.
    pub(super) fn fail(&mut self, number: u64, reason: &str, is_hopeless: bool) {
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

    pub(super) fn give_back(&mut self, numbers: &[u64]) {
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
}
