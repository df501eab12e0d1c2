//! Metrics, as Prometheus reads them.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::app::App;
use athena_engine::prometheus::{self, head, label, seconds};

/// The statuses there are; what else comes counts as the last.
const STATUSES: [u16; 14] = [200, 400, 401, 404, 405, 406, 408, 413, 415, 422, 503, 504, 505, 500];

/// Upper ends of the buckets of durations, in seconds.
const BUCKETS: [(&str, u64); 12] = [
    ("0.0005", 500),
    ("0.001", 1_000),
    ("0.0025", 2_500),
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.1", 100_000),
    ("0.25", 250_000),
    ("1", 1_000_000),
    ("2.5", 2_500_000),
    ("10", 10_000_000),
    ("60", 60_000_000),
];

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Given,
    /// The model returned an error.
    Returned,
    /// It could not be read, the model panicked, or what it gave can't be written.
    Failed,
    Late,
}

const FATES: [&str; 4] = ["output", "error", "failure", "timeout"];

/// Counts of one model.
#[derive(Default)]
pub(super) struct Meter {
    durations: [Durations; STATUSES.len()],
    messages: [AtomicU64; FATES.len()],
}

#[derive(Default)]
struct Durations {
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Meter {
    /// Counts a request.
    pub(super) fn request(&self, status: u16, took: Duration) {
        let at = STATUSES.iter().position(|&known| known == status).unwrap_or(STATUSES.len() - 1);
        let durations = &self.durations[at];
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = BUCKETS.iter().position(|&(_, end)| micros <= end) {
            durations.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        durations.micros.fetch_add(micros, Ordering::Relaxed);
        durations.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a message.
    pub(super) fn message(&self, fate: Fate) {
        self.messages[fate as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// Every count, as text.
pub(super) fn text(app: &App) -> String {
    let meters: Vec<(&str, &Meter)> = app
        .models
        .iter()
        .map(|model| (model.id(), &model.meter))
        .chain([("", &app.others)])
        .collect();
    let mut out = String::new();
    let mut gauge = |name: &str, help: &str, value: i64| {
        prometheus::one(name, "gauge", help, value, &mut out);
    };
    gauge("athena_requests_in_flight", "Requests that have no answer yet.", app.in_flight());
    let slots = i64::try_from(app.limits.jobs + app.limits.queue).unwrap_or(i64::MAX);
    gauge("athena_slots", "Messages of plain models that may run or wait.", slots);
    let taken = i64::try_from(app.taken()).unwrap_or(i64::MAX);
    gauge("athena_slots_taken", "Messages of plain models that run or wait.", taken);
    let slots = i64::try_from(app.limits.concurrency).unwrap_or(i64::MAX);
    gauge("athena_async_slots", "Messages that async models may have at once.", slots);
    let taken = i64::try_from(app.async_taken()).unwrap_or(i64::MAX);
    gauge("athena_async_slots_taken", "Messages that async models have.", taken);
    let ready = i64::from(app.is_ready());
    gauge("athena_ready", "Whether new requests are welcome.", ready);

    let help = "Messages by what became of them.";
    head("athena_messages_total", "counter", help, &mut out);
    for (model, meter) in meters.iter().filter(|(model, _)| !model.is_empty()) {
        for (fate, count) in FATES.iter().zip(&meter.messages) {
            let count = count.load(Ordering::Relaxed);
            let _ = writeln!(
                out,
                "athena_messages_total{{model=\"{}\",outcome=\"{fate}\"}} {count}",
                label(model)
            );
        }
    }
    if let Some(capture) = app.models.capture() {
        capture.write_metrics(&mut out);
    }
    head("athena_requests_total", "counter", "Requests by model and status.", &mut out);
    seen(&meters, |labels, durations| {
        let count = durations.count.load(Ordering::Relaxed);
        let _ = writeln!(out, "athena_requests_total{{{labels}}} {count}");
    });
    let help = "Time to the head of the answer.";
    head("athena_request_duration_seconds", "histogram", help, &mut out);
    seen(&meters, |labels, durations| durations.write(labels, &mut out));
    out
}

/// Visits what has counted anything.
fn seen(meters: &[(&str, &Meter)], mut visit: impl FnMut(&str, &Durations)) {
    for (model, meter) in meters {
        for (status, durations) in STATUSES.iter().zip(&meter.durations) {
            if durations.count.load(Ordering::Relaxed) > 0 {
                visit(&format!("model=\"{}\",status=\"{status}\"", label(model)), durations);
            }
        }
    }
}

impl Durations {
    fn write(&self, labels: &str, out: &mut String) {
        const NAME: &str = "athena_request_duration_seconds";
        // Read first: a count may never be less than that of its last bucket.
        let mut below = 0;
        for ((end, _), bucket) in BUCKETS.iter().zip(&self.buckets) {
            below += bucket.load(Ordering::Relaxed);
            let _ = writeln!(out, "{NAME}_bucket{{{labels},le=\"{end}\"}} {below}");
        }
        let count = self.count.load(Ordering::Relaxed).max(below);
        let sum = seconds(self.micros.load(Ordering::Relaxed));
        let _ = writeln!(out, "{NAME}_bucket{{{labels},le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{NAME}_sum{{{labels}}} {sum}");
        let _ = writeln!(out, "{NAME}_count{{{labels}}} {count}");
    }
}
