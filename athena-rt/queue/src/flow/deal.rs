//! What moves messages on: taken from the broker, dealt to processes, their outcomes stored.

use std::time::Duration;

use super::{BATCH, Event, Flow};
use crate::hand::Hand;
use crate::letter::Letter;
use crate::pipe::Job;

/// How many of such batches are on their way to the broker at once.
const BATCHES: usize = 2;

/// How long one request for messages waits for some.
const WAIT: Duration = Duration::from_secs(1);

impl Flow {
    pub(super) fn pull(&mut self) {
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

    pub(super) fn deal(&mut self) {
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

    pub(super) fn complete(&mut self) {
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
