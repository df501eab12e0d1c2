//! Metrics of a worker in the format of Prometheus.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::envelope::PayloadKind;
use crate::recording::Recording;
use athena_engine::capture::Capture;
use athena_engine::prometheus::{Exposition, MetricKind, seconds};

/// The result of a message, or of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutcomeStatus {
    Output,
    /// The model returned an error.
    Error,
    /// The attempt failed, and the message is redelivered.
    Failure,
    /// The message became a dead letter.
    DeadLetter,
}

const OUTCOME_STATUSES: [&str; 4] = ["output", "error", "failure", "dead"];

impl OutcomeStatus {
    pub(super) fn for_payload(kind: PayloadKind) -> Self {
        if kind == PayloadKind::Error { Self::Error } else { Self::Output }
    }
}

#[derive(Default)]
struct Counts {
    statuses: [AtomicU64; OUTCOME_STATUSES.len()],
    micros: AtomicU64,
}

pub(super) struct Metrics {
    /// Counts by model id. The last entry, without an id, is for messages without a known model.
    models: Vec<(String, Counts)>,
    in_flight: AtomicU64,
    deliveries: AtomicU64,
    redeliveries: AtomicU64,
    exits: AtomicU64,
    ready: AtomicBool,
    capture: Option<Arc<Capture>>,
    /// Telemetry of the queue of messages.
    pub(super) recording: Recording,
}

impl Metrics {
    pub(super) fn new<'a>(
        models: impl Iterator<Item = &'a str>,
        capture: Option<Arc<Capture>>,
        recording: Recording,
    ) -> Self {
        Self {
            models: models.chain([""]).map(|id| (id.to_owned(), Counts::default())).collect(),
            in_flight: AtomicU64::default(),
            deliveries: AtomicU64::default(),
            redeliveries: AtomicU64::default(),
            exits: AtomicU64::default(),
            ready: AtomicBool::new(false),
            capture,
            recording,
        }
    }

    /// Counts a delivery.
    pub(super) fn record_delivery(&self, redeliveries: bool) {
        self.recording.delivered();
        self.deliveries.fetch_add(1, Ordering::Relaxed);
        self.redeliveries.fetch_add(u64::from(redeliveries), Ordering::Relaxed);
    }

    /// Counts the result of a message to a model.
    pub(super) fn record_outcome(&self, model_index: u16, status: OutcomeStatus) {
        self.counts(model_index).statuses[status as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Adds the time that a model ran, whatever its result.
    pub(super) fn record_run(&self, model_index: u16, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.counts(model_index).micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn counts(&self, model_index: u16) -> &Counts {
        &self.models[usize::from(model_index).min(self.models.len() - 1)].1
    }

    pub(super) fn set_in_flight(&self, count: usize) {
        self.in_flight.store(count as u64, Ordering::Relaxed);
    }

    pub(super) fn process_ended(&self) {
        self.exits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// The number of outcomes and of dead letters.
    pub(super) fn totals(&self) -> (u64, u64) {
        let sum = |statuses: &[OutcomeStatus]| {
            let count =
                |counts: &Counts, status: OutcomeStatus| read(&counts.statuses[status as usize]);
            let of = |(_, counts): &(_, Counts)| {
                statuses.iter().map(|status| count(counts, *status)).sum::<u64>()
            };
            self.models.iter().map(of).sum()
        };
        (sum(&[OutcomeStatus::Output, OutcomeStatus::Error]), sum(&[OutcomeStatus::DeadLetter]))
    }

    /// All metrics as text.
    pub(super) fn text(&self) -> String {
        let mut out = Exposition::default();
        out.gauge("athena_messages_held", "Messages that are not done yet.", read(&self.in_flight));
        out.gauge("athena_ready", "1 if messages are consumed.", u8::from(self.is_ready()));
        let help = "Messages that were delivered to this worker.";
        out.counter("athena_messages_taken_total", help, read(&self.deliveries));
        let help = "Deliveries of messages that had been delivered before.";
        out.counter("athena_messages_taken_again_total", help, read(&self.redeliveries));
        let help = "Model processes that ended.";
        out.counter("athena_processes_ended_total", help, read(&self.exits));

        let help = "Messages and failed attempts, by result.";
        let mut messages = out.family("athena_messages_total", MetricKind::Counter, help);
        for (model, counts) in &self.models {
            for (status, count) in OUTCOME_STATUSES.iter().zip(&counts.statuses) {
                messages.sample(&[("model", model), ("outcome", status)], read(count));
            }
        }
        if let Some(capture) = &self.capture {
            capture.write_metrics(&mut out);
        }
        let help = "Time that models ran.";
        let mut times = out.family("athena_model_seconds_total", MetricKind::Counter, help);
        for (model, counts) in &self.models {
            times.sample(&[("model", model)], seconds(read(&counts.micros)));
        }
        out.into_text()
    }
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}
