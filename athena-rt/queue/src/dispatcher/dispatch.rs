//! Moves messages on: from the broker to processes, and their outcomes to the broker.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{BATCH, Dispatcher, Event};
use crate::envelope::Envelope;
use crate::ipc::MessageRequest;
use crate::model_process_handle::ModelProcessHandle;

/// How many batches of outcomes are stored at the same time.
const MAX_BATCHES: usize = 2;

/// How long one request for messages waits.
const PULL_WAIT: Duration = Duration::from_secs(1);

impl Dispatcher {
    pub(super) fn pull(&mut self) {
        // The next messages are requested while the last outcomes are stored.
        let unfinished = self.in_flight.len().saturating_sub(self.storing);
        let max = self.prefetch.limit().saturating_sub(unfinished);
        // A request for few messages costs a round trip for each.
        let is_worth_it = max * 4 >= self.prefetch.limit() || max >= BATCH;
        let is_ready = self.processes.iter().any(ModelProcessHandle::is_ready);
        let is_due = self.pull_at <= Instant::now();
        if self.is_pulling || self.deadline.is_some() || !is_worth_it || !is_ready || !is_due {
            return;
        }
        self.is_pulling = true;
        let endpoints = self.endpoints.clone();
        self.tasks
            .spawn(async move { Event::Pulled(endpoints.pull(max.min(BATCH), PULL_WAIT).await) });
    }

    pub(super) fn dispatch(&mut self) {
        if self.deadline.is_none() {
            self.processes.iter_mut().for_each(ModelProcessHandle::start_if_due);
        }
        let chunk = self.prefetch.chunk_size();
        let ready = self.processes.iter().filter(|process| process.is_ready()).count().max(1);
        let mut is_first = true;
        for slot in 0..self.processes.len() {
            if !self.processes[slot].is_ready() {
                continue;
            }
            // One process finishes what it has, and then runs the isolated messages.
            let is_for_isolated = is_first && !self.isolated.is_empty();
            is_first = false;
            let front = self.processes[slot]
                .in_flight
                .front()
                .and_then(|number| self.in_flight.get(number));
            if front.is_some_and(|entry| entry.is_suspect) {
                continue;
            }
            let has = self.processes[slot].in_flight.len();
            let numbers: Vec<u64> = if is_for_isolated {
                let count = usize::from(has == 0);
                self.isolated.drain(..count).collect()
            } else if has <= chunk / 2 {
                let share = self.ready.len().div_ceil(ready).min(chunk);
                self.ready.drain(..share).collect()
            } else {
                continue;
            };
            self.assign(slot, &numbers);
        }
    }

    fn assign(&mut self, slot: usize, numbers: &[u64]) {
        if numbers.is_empty() {
            return;
        }
        let request = |number: &u64| {
            let entry = self.in_flight.get(number)?;
            let Envelope { format, trace, bytes, .. } = &entry.envelope;
            let (format, model) = (*format, entry.model);
            let request = MessageRequest { number: *number, model, format, trace, message: bytes };
            Some((request, request.meta()))
        };
        let requests: Vec<_> = numbers.iter().filter_map(request).collect();
        let requests = requests.iter().map(|(request, meta)| request.to_request(meta));
        self.processes[slot].send(numbers, requests);
    }

    pub(super) fn complete(&mut self) {
        while self.completing < MAX_BATCHES && !self.outcomes.is_empty() {
            // Small batches cost as much as large ones: the next fills while one is stored.
            if self.completing > 0 && self.outcomes.len() < BATCH {
                return;
            }
            self.completing += 1;
            let count = self.outcomes.len().min(BATCH);
            let mut numbers = Vec::with_capacity(count);
            let mut done = Vec::with_capacity(count);
            for (number, envelope) in self.outcomes.drain(..count) {
                if let Some(entry) = self.in_flight.get(&number) {
                    done.push((entry.tag.clone(), envelope));
                    numbers.push(number);
                }
            }
            self.storing += numbers.len();
            let (endpoints, metrics) = (self.endpoints.clone(), Arc::clone(&self.metrics));
            self.tasks.spawn(async move {
                endpoints.complete(done, &metrics.recording).await;
                Event::Completed(numbers)
            });
        }
    }
}
