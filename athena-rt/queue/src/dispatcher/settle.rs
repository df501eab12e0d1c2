//! Settles messages: an outcome, another attempt, or a dead letter.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Dispatcher, Event, InFlight, Stage};
use crate::broker::{DeadLetter, Nack};
use crate::envelope::Envelope;
use crate::ipc::Status;
use crate::metrics::OutcomeStatus;
use crate::model_process_handle::Report;
use crate::retry::backoff_delay;
use athena_process::memory::megabytes;
use athena_process::{Policy, ProcessExit, Task, attribute};

/// The longest delay before another attempt.
const MAX_RETRY_DELAY: Duration = Duration::from_mins(5);

/// The maximum length of a failure's reason: a model may panic with a whole message.
const MAX_REASON_BYTES: usize = 16_000;

/// A message fails if its process ends while it has no other. Kills count as well, since the
/// message may be the reason why the system runs out of memory.
const POLICY: Policy = Policy { crashes: 1, kills: None, parts: 1, needs_fresh_process: false };

impl Dispatcher {
    pub(super) fn on_report(&mut self, slot: usize, report: Report) {
        match report {
            Report::Ready => self.processes[slot].set_ready(),
            Report::Done { number, took, status, bytes } => {
                self.processes[slot].complete(number);
                self.on_done(number, took, status, bytes);
            }
            Report::TimedOut { number } => {
                self.on_ending(slot, Some(number));
                let timeout = self.rules.timeout;
                if let Some(entry) = self.unsettled_message(number) {
                    entry.ran = timeout;
                    let model = entry.model;
                    self.prefetch.record_duration(timeout);
                    self.metrics.record_run(model, timeout);
                    let reason = format!("it takes too long: more than {timeout:?}");
                    self.fail(number, &reason, false);
                }
            }
            Report::OutOfMemory { number, bytes } => {
                let is_fresh = self.processes[slot].is_fresh();
                self.on_ending(slot, number);
                let Some(number) =
                    number.filter(|&number| self.unsettled_message(number).is_some())
                else {
                    return;
                };
                let limit = megabytes(self.memory_limit.unwrap_or(bytes));
                let reason = format!("it takes too much memory: {} of {limit}", megabytes(bytes));
                if is_fresh {
                    self.fail(number, &reason, false);
                } else {
                    // Messages before it may have used the memory.
                    self.on_lost(VecDeque::from([number]), &reason);
                }
            }
        }
    }

    /// The message, if it is not being settled.
    fn unsettled_message(&mut self, number: u64) -> Option<&mut InFlight> {
        self.in_flight.get_mut(&number).filter(|entry| entry.stage == Stage::Open)
    }

    /// Handles a process that ends because of a message. The messages behind it have not begun.
    fn on_ending(&mut self, slot: usize, number: Option<u64>) {
        let mut behind = self.processes[slot].set_ending();
        behind.retain(|&other| Some(other) != number);
        if self.deadline.is_some() {
            self.return_to_queue(&Vec::from(behind));
        } else {
            behind.into_iter().rev().for_each(|number| self.ready.push_front(number));
        }
    }

    fn on_done(&mut self, number: u64, took: Duration, status: Status, bytes: Vec<u8>) {
        let Some(entry) =
            self.in_flight.get_mut(&number).filter(|entry| entry.stage == Stage::Open)
        else {
            return;
        };
        entry.ran = took;
        self.prefetch.record_duration(took);
        self.metrics.record_run(entry.model, took);
        let reason =
            || String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_REASON_BYTES)]).into_owned();
        match status {
            Status::Outcome(kind) => {
                let model = self.model_table.id(entry.model);
                let message = &mut entry.envelope;
                let mut outcome = Envelope {
                    id: format!("{}:{model}", message.id),
                    model: model.to_owned(),
                    kind,
                    format: message.format,
                    trace: message.trace.clone(),
                    trace_state: message.trace_state.clone(),
                    bytes,
                    ..Envelope::default()
                };
                if let Some(reason) = self.endpoints.rejection(&outcome) {
                    return self.fail(number, &format!("its outcome: {reason}"), true);
                }
                entry.stage = Stage::Settling;
                self.metrics.recording.completed(message, model, took, &mut outcome);
                self.metrics.record_outcome(entry.model, OutcomeStatus::for_payload(kind));
                self.model_table.capture(entry.model, message, &outcome);
                message.bytes = Vec::new();
                self.outcomes.push((number, outcome));
            }
            Status::Unreadable => self.fail(number, &reason(), true),
            Status::Failed => self.fail(number, &reason(), false),
        }
    }

    /// Handles the messages of a process that ended.
    pub(super) fn on_lost(&mut self, had: VecDeque<u64>, reason: &str) {
        if self.deadline.is_some() {
            let had: Vec<u64> = had.into();
            return self.return_to_queue(&had);
        }
        let is_suspect =
            |number: u64| self.in_flight.get(&number).is_some_and(|entry| entry.is_suspect);
        let task = |number| Task { is_isolated: is_suspect(number), ..Task::new(number) };
        let exit = ProcessExit::Fault(reason.to_owned());
        let found = attribute(&POLICY, had.into_iter().map(task).collect(), &exit, false);
        for task in found.guilty {
            self.fail(task.work, reason, false);
        }
        for Task { work: number, .. } in found.again {
            if let Some(entry) = self.in_flight.get_mut(&number) {
                entry.is_suspect = true;
                self.isolated.push_back(number);
            }
        }
    }

    /// Handles a failed attempt: requeue, or dead-letter immediately if retrying cannot help.
    pub(super) fn fail(&mut self, number: u64, reason: &str, is_permanent: bool) {
        let Some(entry) = self.in_flight.get_mut(&number) else { return };
        entry.stage = Stage::Settling;
        entry.failures += 1;
        let (tag, failures) = (entry.tag.clone(), entry.failures);
        let (id, model) = (&entry.envelope.id, &entry.envelope.model);
        let endpoints = self.endpoints.clone();
        let is_last = is_permanent || failures >= self.rules.attempts;
        let error = (if is_last { "dead_letter" } else { "failure" }, reason);
        let ran = std::mem::take(&mut entry.ran);
        self.metrics.recording.failed(&entry.envelope, model, ran, error);
        if is_last {
            tracing::error!(id, model, failures, "a message is now a dead letter: {reason}");
            self.metrics.record_outcome(entry.model, OutcomeStatus::DeadLetter);
            let mut envelope = std::mem::take(&mut entry.envelope);
            reason.clone_into(&mut envelope.reason);
            envelope.failures = failures;
            self.tasks.spawn(async move {
                endpoints.dead_letter(vec![DeadLetter { tag, envelope }]).await;
                Event::Settled(vec![number])
            });
        } else {
            tracing::warn!(
                id,
                model,
                failures,
                "a message failed and will be redelivered: {reason}"
            );
            self.metrics.record_outcome(entry.model, OutcomeStatus::Failure);
            entry.stage = Stage::Returning;
            let delay = backoff_delay(self.rules.backoff, MAX_RETRY_DELAY, failures);
            let nack = Nack { tag, id: id.clone(), failures, delay };
            self.tasks.spawn(async move {
                endpoints.nack(vec![nack]).await;
                Event::Settled(vec![number])
            });
        }
    }

    /// Returns a message whose model this worker does not run. That is not a failed attempt.
    pub(super) fn return_unknown(&mut self, number: u64, reason: &str) {
        let Some(entry) = self.in_flight.get_mut(&number) else { return };
        let (id, model) = (&entry.envelope.id, &entry.envelope.model);
        tracing::warn!(id, model, "a message is for another worker: {reason}");
        entry.stage = Stage::Returning;
        let (tag, id, failures) = (entry.tag.clone(), id.clone(), entry.failures);
        let nack = Nack { tag, id, failures, delay: self.rules.backoff };
        let endpoints = self.endpoints.clone();
        self.tasks.spawn(async move {
            endpoints.nack(vec![nack]).await;
            Event::Settled(vec![number])
        });
    }

    pub(super) fn return_to_queue(&mut self, numbers: &[u64]) {
        let mut nacks = Vec::new();
        for number in numbers {
            if let Some(entry) = self.in_flight.get_mut(number) {
                entry.stage = Stage::Returning;
                let (tag, id) = (entry.tag.clone(), entry.envelope.id.clone());
                nacks.push(Nack { tag, id, failures: entry.failures, delay: Duration::ZERO });
            }
        }
        if !nacks.is_empty() {
            let (endpoints, numbers) = (self.endpoints.clone(), numbers.to_vec());
            self.tasks.spawn(async move {
                endpoints.nack(nacks).await;
                Event::Settled(numbers)
            });
        }
    }
}
