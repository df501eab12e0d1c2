//! Spans and metrics by OpenTelemetry's semantic conventions, of the providers that the program has
//! installed: [`export`] installs them in a runner, a program that keeps its own `main` may do so itself.
//!
//! [`instruments`] has the metrics, [`client`] is the connection to a collector.

mod client;
mod export;
mod instruments;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use opentelemetry::global::{self, BoxedSpan, BoxedTracer};
use opentelemetry::trace::{
    self, Span as _, SpanBuilder, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags,
    TraceId, TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue};

pub use self::export::Export;
use self::instruments::Instruments;
use crate::context::SpanContext;
use crate::record::{Created, Processed, Queue, Request, Response, Sent, StreamMessage};

/// The name of what is instrumented.
const SCOPE: &str = "athena";

/// The methods that have a name in the conventions.
const METHODS: [&str; 9] =
    ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// The statuses of calls for which the server is at fault.
const SERVER_FAULTS: [&str; 6] =
    ["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"];

/// Records spans and metrics.
#[derive(Clone)]
pub struct Telemetry(Arc<Recorder>);

struct Recorder {
    tracer: BoxedTracer,
    /// Whether a span has shown that no provider is installed. Then no span is described.
    is_off: AtomicBool,
    instruments: Instruments,
}

/// A request that is being answered. Its span ends if it is dropped: the client is gone.
pub struct RequestSpan {
    recorder: Arc<Recorder>,
    context: SpanContext,
    span: BoxedSpan,
    /// The attributes of metrics.
    attributes: Vec<KeyValue>,
    is_call: bool,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

impl Telemetry {
    /// Records by the providers that are installed now.
    pub fn new() -> Self {
        let instruments = Instruments::new(&global::meter(SCOPE));
        let (tracer, is_off) = (global::tracer(SCOPE), AtomicBool::new(false));
        Self(Arc::new(Recorder { tracer, is_off, instruments }))
    }

    /// Begins a request.
    pub fn begin_request<'a>(
        &self,
        parent: Option<&SpanContext>,
        request: impl FnOnce() -> Request<'a>,
    ) -> RequestSpan {
        let request = request();
        let method = METHODS.into_iter().find(|known| *known == request.method);
        let path = request.path.trim_start_matches('/');
        let (name, attributes) = if request.is_call {
            let name = request.route.map_or("_OTHER", |_| path).to_owned();
            let attributes = vec![
                KeyValue::new("rpc.system.name", "grpc"),
                KeyValue::new("rpc.method", name.clone()),
            ];
            (name, attributes)
        } else {
            let name = match request.route {
                Some(route) => format!("{} {route}", method.unwrap_or("HTTP")),
                None => method.unwrap_or("HTTP").to_owned(),
            };
            let mut attributes = vec![
                KeyValue::new("http.request.method", method.unwrap_or("_OTHER")),
                KeyValue::new("url.scheme", request.scheme.to_owned()),
            ];
            self.0.instruments.active_requests.add(1, &attributes);
            attributes
                .extend(request.route.map(|route| KeyValue::new("http.route", route.to_owned())));
            attributes.push(KeyValue::new("network.protocol.version", request.version.to_owned()));
            (name, attributes)
        };
        let (span, context) = self.0.start(SpanKind::Server, parent, Duration::ZERO, || {
            let mut of_span = attributes.clone();
            if !request.is_call {
                of_span.push(KeyValue::new("url.path", request.path.to_owned()));
                let agent = request.user_agent;
                of_span.extend(
                    agent.map(|agent| KeyValue::new("user_agent.original", agent.to_owned())),
                );
            }
            if let Some(host) = request.host {
                let (address, port) = split_port(host);
                of_span.push(KeyValue::new("server.address", address.to_owned()));
                of_span.extend(port.map(|port| KeyValue::new("server.port", i64::from(port))));
            }
            (name, of_span)
        });
        let context = context.unwrap_or_else(|| SpanContext::new(parent));
        let is_call = request.is_call;
        RequestSpan { recorder: Arc::clone(&self.0), context, span, attributes, is_call }
    }

    /// Whether no span is recorded. Unknown before the first one.
    pub fn is_off(&self) -> bool {
        self.0.is_off.load(Ordering::Relaxed)
    }

    /// Records a message of a stream.
    pub fn record_line(&self, request: &SpanContext, line: &StreamMessage<'_>) {
        let (mut span, _) = self.0.start(SpanKind::Internal, Some(request), line.duration, || {
            let number = i64::try_from(line.number).unwrap_or(i64::MAX);
            let attributes = vec![
                KeyValue::new("athena.model", line.model.to_owned()),
                KeyValue::new("athena.line", number),
            ];
            (format!("run {}", line.model), attributes)
        });
        if let Some(error) = line.error {
            span.set_attribute(KeyValue::new("error.type", error.to_owned()));
            span.set_status(Status::error(""));
        }
        span.end();
    }

    /// Records a message that is about to be stored; returns the context to send it with.
    pub fn create_message(
        &self,
        queue: &Queue,
        parent: Option<&SpanContext>,
        message: &Created<'_>,
    ) -> Option<SpanContext> {
        let (mut span, context) = self.0.start(SpanKind::Producer, parent, Duration::ZERO, || {
            let mut attributes = of_queue(queue, "create");
            attributes.extend(of_message(message.id, message.model, message.size));
            (format!("create {}", queue.name), attributes)
        });
        span.end();
        context.or_else(|| parent.cloned())
    }

    /// Records a request that stored messages, or failed to. `created` are the spans that the messages are sent
    /// as, and is asked for only if spans are exported.
    pub fn record_sent<C: IntoIterator<Item = SpanContext>>(
        &self,
        queue: &Queue,
        sent: &Sent<'_>,
        created: impl FnOnce() -> C,
    ) {
        let mut attributes = of_queue(queue, "send");
        if let Some(error) = sent.error {
            attributes.push(KeyValue::new("error.type", error.to_owned()));
        }
        let Instruments { sent: counter, operations, .. } = &self.0.instruments;
        counter.add(sent.count as u64, &attributes);
        operations.record(sent.duration.as_secs_f64(), &attributes);
        let (mut span, context) = self.0.start(SpanKind::Client, None, sent.duration, || {
            let count = i64::try_from(sent.count).unwrap_or(i64::MAX);
            if count > 1 {
                attributes.push(KeyValue::new("messaging.batch.message_count", count));
            }
            (format!("send {}", queue.name), attributes)
        });
        if context.is_some() {
            for created in created() {
                span.add_link(to_context(&created).span().span_context().clone(), Vec::new());
            }
        }
        if sent.error.is_some() {
            span.set_status(Status::error(""));
        }
        span.end();
    }

    /// Counts a delivery.
    pub fn record_consumed(&self, queue: &Queue) {
        self.0.instruments.consumed.add(1, &of_queue(queue, "receive"));
    }

    /// Records an attempt; returns the context to send its outcome with.
    pub fn record_processed(&self, queue: &Queue, message: &Processed<'_>) -> Option<SpanContext> {
        let mut attributes = of_queue(queue, "process");
        attributes.push(KeyValue::new("athena.model", message.model.to_owned()));
        if let Some((kind, _)) = message.error {
            attributes.push(KeyValue::new("error.type", kind.to_owned()));
        }
        self.0.instruments.processes.record(message.duration.as_secs_f64(), &attributes);
        let (mut span, context) =
            self.0.start(SpanKind::Consumer, message.parent, message.duration, || {
                attributes.extend(of_message(message.id, "", message.size));
                (format!("process {}", queue.name), attributes)
            });
        if let Some((_, text)) = message.error {
            span.set_status(Status::error(text.to_owned()));
        }
        span.end();
        context
    }
}

impl std::fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

impl Recorder {
    /// Starts a span that began some time ago. Its context is `None` if no provider is installed; then the name
    /// and the attributes are not asked for.
    fn start(
        &self,
        kind: SpanKind,
        parent: Option<&SpanContext>,
        ago: Duration,
        describe: impl FnOnce() -> (String, Vec<KeyValue>),
    ) -> (BoxedSpan, Option<SpanContext>) {
        if self.is_off.load(Ordering::Relaxed) {
            let nothing = SpanBuilder::from_name("");
            return (self.tracer.build_with_context(nothing, &Context::new()), None);
        }
        let around = parent.map_or_else(Context::new, to_context);
        let (name, attributes) = describe();
        let mut builder = SpanBuilder::from_name(name).with_kind(kind).with_attributes(attributes);
        if !ago.is_zero() {
            builder = builder.with_start_time(SystemTime::now() - ago);
        }
        let span = self.tracer.build_with_context(builder, &around);
        let started = span.span_context();
        // Without a provider a span is that of its parent.
        let is_new =
            started.is_valid() && started.span_id() != around.span().span_context().span_id();
        self.is_off.store(!is_new, Ordering::Relaxed);
        let context = is_new.then(|| from_context(started)).flatten();
        (span, context)
    }
}

impl RequestSpan {
    /// Its place in the trace.
    pub fn context(&self) -> &SpanContext {
        &self.context
    }

    /// Records how the request was answered.
    pub fn end(mut self, response: &Response<'_>) {
        let mut attributes = self.attributes.clone();
        let seconds = response.duration.as_secs_f64();
        let (status, is_error) = if self.is_call {
            let status = response.call_status;
            attributes.push(KeyValue::new("rpc.response.status_code", status.to_owned()));
            (status.to_owned(), SERVER_FAULTS.contains(&status))
        } else {
            let status = response.status;
            attributes.push(KeyValue::new("http.response.status_code", i64::from(status)));
            (status.to_string(), status >= 500)
        };
        if is_error {
            attributes.push(KeyValue::new("error.type", status));
            self.span.set_status(Status::error(""));
        }
        let Instruments { calls, requests, .. } = &self.recorder.instruments;
        if self.is_call { calls } else { requests }.record(seconds, &attributes);
        self.span.set_attributes(attributes.split_off(self.attributes.len()));
        if let Some(model) = response.model {
            self.span.set_attribute(KeyValue::new("athena.model", model.to_owned()));
        }
        self.span.end();
    }
}

impl Drop for RequestSpan {
    fn drop(&mut self) {
        if !self.is_call {
            // The method and the scheme are the first attributes.
            self.recorder.instruments.active_requests.add(-1, &self.attributes[..2]);
        }
    }
}

impl std::fmt::Debug for RequestSpan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestSpan").field("context", &self.context).finish_non_exhaustive()
    }
}

/// The attributes of an operation on a queue, which is named after its type.
fn of_queue(queue: &Queue, operation: &'static str) -> Vec<KeyValue> {
    vec![
        KeyValue::new("messaging.system", queue.system.clone()),
        KeyValue::new("messaging.destination.name", queue.name.clone()),
        KeyValue::new("messaging.operation.name", operation),
        KeyValue::new("messaging.operation.type", operation),
    ]
}

/// The attributes of a message.
fn of_message(id: &str, model: &str, size: usize) -> Vec<KeyValue> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let mut attributes = vec![
        KeyValue::new("messaging.message.id", id.to_owned()),
        KeyValue::new("messaging.message.body.size", size),
    ];
    if !model.is_empty() {
        attributes.push(KeyValue::new("athena.model", model.to_owned()));
    }
    attributes
}

/// The host and the port of `host:80`, `[::1]:80` or `host`.
fn split_port(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':').map(|(name, port)| (name, port.parse())) {
        Some((name, Ok(port))) => (name, Some(port)),
        _ => (host, None),
    }
}

/// A remote parent.
fn to_context(parent: &SpanContext) -> Context {
    let (Ok(trace), Ok(span), Ok(flags)) = (
        TraceId::from_hex(parent.trace_id()),
        SpanId::from_hex(parent.span_id()),
        u8::from_str_radix(parent.flags(), 16),
    ) else {
        return Context::new();
    };
    let state = parent.tracestate().parse::<TraceState>().unwrap_or_default();
    let context = trace::SpanContext::new(trace, span, TraceFlags::new(flags), true, state);
    Context::new().with_remote_span_context(context)
}

/// The context of a span, as it is sent to others.
fn from_context(context: &trace::SpanContext) -> Option<SpanContext> {
    let (trace, span, flags) =
        (context.trace_id(), context.span_id(), context.trace_flags().to_u8());
    let traceparent = format!("00-{trace}-{span}-{flags:02x}");
    SpanContext::parse(&traceparent, &context.trace_state().header())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_converted_both_ways() {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = SpanContext::parse(given, "vendor=1,other=2").unwrap();
        let around = to_context(&parent);
        assert!(around.span().span_context().is_remote());
        assert_eq!(from_context(around.span().span_context()), Some(parent));
    }

    #[test]
    fn a_span_is_described_only_while_a_provider_is_installed() {
        let telemetry = Telemetry::new();
        let mut described = 0;
        for _ in 0..3 {
            let (_, context) = telemetry.0.start(SpanKind::Internal, None, Duration::ZERO, || {
                described += 1;
                (String::new(), Vec::new())
            });
            assert_eq!(context, None);
        }
        assert_eq!(described, 1, "the first one shows that none is installed");
    }

    #[test]
    fn a_host_may_have_a_port() {
        assert_eq!(split_port("a.example:80"), ("a.example", Some(80)));
        assert_eq!(split_port("[::1]:80"), ("[::1]", Some(80)));
        assert_eq!(split_port("a.example"), ("a.example", None));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
    }
}
