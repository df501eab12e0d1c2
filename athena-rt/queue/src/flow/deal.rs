//! What moves messages on: taken from the broker, dealt to processes, their outcomes stored.

use std::time::Duration;

use super::{BATCH, Event, Flow};
use crate::ipc::MessageRequest;
use crate::letter::Letter;
use crate::worker_process::WorkerProcess;

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
        let is_ready = self.processes.iter().any(WorkerProcess::is_ready);
        if self.pulling || self.until.is_some() || !is_worth_it || !is_ready {
            return;
        }
        self.pulling = true;
        let ends = self.ends.clone();
        self.tasks.spawn(async move { Event::Pulled(ends.pull(most.min(BATCH), WAIT).await) });
    }

    pub(super) fn deal(&mut self) {
        if self.until.is_none() {
            self.processes.iter_mut().for_each(WorkerProcess::start_if_due);
        }
        let chunk = self.pace.chunk();
        let ready = self.processes.iter().filter(|process| process.is_ready()).count().max(1);
        let mut is_first = true;
        for slot in 0..self.processes.len() {
            if !self.processes[slot].is_ready() {
                continue;
            }
            // One process ends what it has, and then is for those that run alone.
            let is_for_alone = is_first && !self.alone.is_empty();
            is_first = false;
            let front =
                self.processes[slot].in_flight.front().and_then(|number| self.held.get(number));
            if front.is_some_and(|held| held.suspect) {
                continue;
            }
            let has = self.processes[slot].in_flight.len();
            let numbers: Vec<u64> = if is_for_alone {
                let count = usize::from(has == 0);
                self.alone.drain(..count).collect()
            } else if has <= chunk / 2 {
                let share = self.ready.len().div_ceil(ready).min(chunk);
                self.ready.drain(..share).collect()
            } else {
                continue;
            };
            self.give(slot, &numbers);
        }
    }

    fn give(&mut self, slot: usize, numbers: &[u64]) {
        if numbers.is_empty() {
            return;
        }
        let request = |number: &u64| {
            let held = self.held.get(number)?;
            let Letter { format, trace, bytes, .. } = &held.letter;
            let (format, model) = (*format, held.model);
            let request = MessageRequest { number: *number, model, format, trace, message: bytes };
            Some((request, request.meta()))
        };
        let requests: Vec<_> = numbers.iter().filter_map(request).collect();
        let requests = requests.iter().map(|(request, meta)| request.to_request(meta));
        self.processes[slot].send(numbers, requests);
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
