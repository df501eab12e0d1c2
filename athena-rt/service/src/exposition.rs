//! The metrics of a service in Prometheus' text format: `GET /metrics`.

use super::app::App;
use super::metrics::Metrics;
use athena_engine::prometheus::{Exposition, MetricKind, seconds};

/// All metrics.
pub(super) fn exposition(app: &App) -> String {
    let models = || app.models.iter().map(|model| (model.id(), &model.metrics));
    let mut out = Exposition::default();
    write_gauges(app, &mut out);

    if let Some(pool) = &app.processes {
        let help =
            "Model processes that ended while they ran a message, or took too long and were ended.";
        let mut lost = out.family("athena_model_processes_lost_total", MetricKind::Counter, help);
        lost.sample(&[], pool.lost());
    }
    let help = "Messages by how they ended.";
    let mut messages = out.family("athena_messages_total", MetricKind::Counter, help);
    for (model, metrics) in models() {
        for (outcome, count) in metrics.messages() {
            messages.sample(&[("model", model), ("outcome", outcome)], count);
        }
    }
    if let Some(capture) = app.models.capture() {
        capture.write_metrics(&mut out);
    }
    let help = "Requests by model and status.";
    let mut requests = out.family("athena_requests_total", MetricKind::Counter, help);
    let all: Vec<(&str, &Metrics)> = models().chain([("", &app.unmatched)]).collect();
    for (model, metrics) in &all {
        for (status, durations) in metrics.requests() {
            requests
                .sample(&[("model", model), ("status", &status.to_string())], durations.count());
        }
    }
    let help = "Time until the head of the response.";
    let mut histogram = out.family("athena_request_duration_seconds", MetricKind::Histogram, help);
    for (model, metrics) in &all {
        for (status, durations) in metrics.requests() {
            histogram.histogram(
                &[("model", model), ("status", &status.to_string())],
                durations.buckets(),
                durations.count(),
                seconds(durations.micros()),
            );
        }
    }
    out.into_text()
}

fn write_gauges(app: &App, out: &mut Exposition) {
    let (limits, scheduler) = (&app.limits, &app.scheduler);
    let mut gauge = |name, help, value: usize| out.gauge(name, help, value);
    let in_flight = usize::try_from(app.in_flight()).unwrap_or(0);
    gauge("athena_requests_in_flight", "Requests without a response so far.", in_flight);
    let help = "Messages of plain models that may run or wait.";
    gauge("athena_slots", help, limits.plain_messages());
    let help = "Messages of plain models that run or wait.";
    gauge("athena_slots_taken", help, scheduler.plain_count());
    let help = "Messages of plain models that run although they exceeded the time limit.";
    gauge("athena_slots_late", help, scheduler.late_count());
    let help = "Messages that async models may process at once.";
    gauge("athena_async_slots", help, limits.concurrency);
    let help = "Messages that async models process.";
    gauge("athena_async_slots_taken", help, scheduler.async_count());
    if let Some(pool) = &app.processes {
        gauge("athena_model_processes", "Model processes.", pool.count());
    }
    gauge("athena_ready", "1 if new requests are accepted.", usize::from(app.is_ready()));
}
