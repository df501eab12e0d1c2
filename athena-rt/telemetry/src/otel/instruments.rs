//! The metrics of the semantic conventions.

use opentelemetry::metrics::{Counter, Histogram, Meter, UpDownCounter};

/// The bounds of durations in seconds, as the conventions advise.
const SECONDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

pub(super) struct Instruments {
    /// Requests over HTTP.
    pub(super) requests: Histogram<f64>,
    pub(super) active_requests: UpDownCounter<i64>,
    /// Calls over gRPC.
    pub(super) calls: Histogram<f64>,
    pub(super) sent: Counter<u64>,
    pub(super) consumed: Counter<u64>,
    /// Requests to a broker.
    pub(super) operations: Histogram<f64>,
    /// Messages of a queue on models.
    pub(super) processes: Histogram<f64>,
}

impl Instruments {
    pub(super) fn new(meter: &Meter) -> Self {
        let seconds = |name: &'static str, description: &'static str| {
            let builder = meter.f64_histogram(name).with_description(description);
            builder.with_unit("s").with_boundaries(SECONDS.to_vec()).build()
        };
        let messages = |name: &'static str, description: &'static str| {
            meter.u64_counter(name).with_description(description).with_unit("{message}").build()
        };
        let active_requests = meter.i64_up_down_counter("http.server.active_requests");
        Self {
            requests: seconds("http.server.request.duration", "Duration of HTTP requests."),
            active_requests: active_requests
                .with_description("HTTP requests in progress.")
                .with_unit("{request}")
                .build(),
            calls: seconds("rpc.server.call.duration", "Duration of gRPC calls."),
            sent: messages("messaging.client.sent.messages", "Messages sent to a queue."),
            consumed: messages("messaging.client.consumed.messages", "Messages delivered."),
            operations: seconds(
                "messaging.client.operation.duration",
                "Duration of requests to a broker.",
            ),
            processes: seconds("messaging.process.duration", "Duration of models on messages."),
        }
    }
}
