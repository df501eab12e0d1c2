//! What becomes of messages: an outcome, another try, or none.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Event, Flow, Stage};
use crate::letter::Letter;
use crate::meter::Fate;
use crate::pipe::{Done, What};
use crate::retry::after;
use crate::transport::{Burial, Refusal};

/// The longest wait before a message is tried again.
const LONGEST_WAIT: Duration = Duration::from_mins(5);

/// How many bytes of the words of a failed try are kept: a model may panic with a whole message.
const WORDS: usize = 16_000;

impl Flow {
    pub(super) fn hear_done(&mut self, place: usize, done: Done) {
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
    pub(super) fn lost(&mut self, had: VecDeque<u64>, words: &str) {
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
