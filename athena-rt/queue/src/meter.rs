//! Counts of a worker, as Prometheus reads them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::letter::Kind;
use athena_engine::capture::Capture;
use athena_engine::prometheus::{self, head, label, seconds};

/// What became of a message, or of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Given,
    /// The model returned an error.
    Returned,
    /// It comes again.
    Failed,
    /// It is a dead letter.
    Dead,
}

const FATES: [&str; 4] = ["output", "error", "failure", "dead"];

impl Fate {
    pub(super) fn of(kind: Kind) -> Self {
        if kind == Kind::Error { Self::Returned } else { Self::Given }
    }
}

/// Counts of one model.
#[derive(Default)]
struct Counts {
    fates: [AtomicU64; FATES.len()],
    micros: AtomicU64,
}

pub(super) struct Meter {
    /// Each model's id; at the end what has none.
    models: Vec<(String, Counts)>,
    held: AtomicU64,
    taken: AtomicU64,
    again: AtomicU64,
    ended: AtomicU64,
    ready: AtomicBool,
    capture: Option<Arc<Capture>>,
}

impl Meter {
    pub(super) fn new<'a>(
        models: impl Iterator<Item = &'a str>,
        capture: Option<Arc<Capture>>,
    ) -> Self {
        Self {
            models: models.chain([""]).map(|id| (id.to_owned(), Counts::default())).collect(),
            held: AtomicU64::default(),
            taken: AtomicU64::default(),
            again: AtomicU64::default(),
            ended: AtomicU64::default(),
            ready: AtomicBool::new(false),
            capture,
        }
    }

    /// A message was taken; whether it had been before.
    pub(super) fn took(&self, again: bool) {
        self.taken.fetch_add(1, Ordering::Relaxed);
        self.again.fetch_add(u64::from(again), Ordering::Relaxed);
    }

    /// Counts what became of a message to the model at this place.
    pub(super) fn count(&self, place: u16, fate: Fate) {
        self.counts(place).fates[fate as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Counts how long the model at this place ran, whatever came of it.
    pub(super) fn ran(&self, place: u16, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.counts(place).micros.fetch_add(micros, Ordering::Relaxed);
    }

    fn counts(&self, place: u16) -> &Counts {
        &self.models[usize::from(place).min(self.models.len() - 1)].1
    }

    pub(super) fn holds(&self, count: usize) {
        self.held.store(count as u64, Ordering::Relaxed);
    }

    pub(super) fn process_ended(&self) {
        self.ended.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Relaxed);
    }

    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// How many messages have an outcome, and how many are dead letters.
    pub(super) fn totals(&self) -> (u64, u64) {
        let sum = |fates: &[Fate]| {
            let count = |counts: &Counts, fate: Fate| read(&counts.fates[fate as usize]);
            let of = |(_, counts): &(_, Counts)| {
                fates.iter().map(|fate| count(counts, *fate)).sum::<u64>()
            };
            self.models.iter().map(of).sum()
        };
        (sum(&[Fate::Given, Fate::Returned]), sum(&[Fate::Dead]))
    }

    /// Every count, as text.
    pub(super) fn text(&self) -> String {
        let mut out = String::new();
        let mut one = |name: &str, kind: &str, help: &str, value: u64| {
            prometheus::one(name, kind, help, value, &mut out);
        };
        one("athena_messages_held", "gauge", "Messages that are not done yet.", read(&self.held));
        one("athena_ready", "gauge", "Whether messages are taken.", self.is_ready().into());
        let help = "Messages that were taken from the queue.";
        one("athena_messages_taken_total", "counter", help, read(&self.taken));
        let help = "Of those taken, the ones that had been taken before.";
        one("athena_messages_taken_again_total", "counter", help, read(&self.again));
        let help = "Processes of models that ended.";
        one("athena_processes_ended_total", "counter", help, read(&self.ended));

        let help = "Messages, and failed tries, by what became of them.";
        head("athena_messages_total", "counter", help, &mut out);
        for (model, counts) in &self.models {
            for (fate, count) in FATES.iter().zip(&counts.fates) {
                let (count, model) = (read(count), label(model));
                let _ = writeln!(
                    out,
                    "athena_messages_total{{model=\"{model}\",outcome=\"{fate}\"}} {count}"
                );
            }
        }
        if let Some(capture) = &self.capture {
            capture.write_metrics(&mut out);
        }
        head("athena_model_seconds_total", "counter", "Time that models ran.", &mut out);
        for (model, counts) in &self.models {
            let (took, model) = (seconds(read(&counts.micros)), label(model));
            let _ = writeln!(out, "athena_model_seconds_total{{model=\"{model}\"}} {took}");
        }
        out
    }
}

fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}
