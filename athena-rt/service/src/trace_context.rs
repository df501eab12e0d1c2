//! The identity of a request: its own id, and its place in a W3C trace.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName};

use super::headers;
use athena_core::logging;
use athena_telemetry::{SpanContext, context};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static(context::TRACEPARENT);
const TRACESTATE: HeaderName = HeaderName::from_static(context::TRACESTATE);

/// The longest request id that is accepted.
const LONGEST: usize = 128;

/// The identity of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TraceContext {
    /// The client's request id.
    given: Option<Arc<str>>,
    /// The span of this service in the trace of the request.
    pub(super) span: SpanContext,
}

impl TraceContext {
    /// The identity of a request that has this span.
    pub(super) fn new(headers: &HeaderMap, span: SpanContext) -> Self {
        let given = headers::get(headers, &REQUEST_ID).and_then(|id| id.to_str().ok());
        let given = given.filter(|id| !id.is_empty() && id.len() <= LONGEST).map(Arc::from);
        Self { given, span }
    }

    /// The identity of a request that another process has accepted.
    pub(super) fn remote(request_id: &str, span: SpanContext) -> Self {
        let given = (request_id != span.trace_id()).then(|| Arc::from(request_id));
        Self { given, span }
    }

    /// The client's request id, otherwise the trace's id.
    pub(super) fn request_id(&self) -> &str {
        self.given.as_deref().unwrap_or_else(|| self.trace_id())
    }

    /// The span of an `async fn`: identifies its log lines.
    pub(super) fn log_span(&self, model: &str) -> tracing::Span {
        tracing::error_span!("request", model, id = self.request_id(), trace = self.trace_id())
    }

    /// Runs a plain model, named `model`; its log lines identify the request.
    pub(super) fn in_scope<T>(self, model: Arc<str>, work: impl FnOnce() -> T) -> T {
        if !logging::owns_subscriber() {
            return self.log_span(&model).in_scope(work);
        }
        let origin = move |line: &mut dyn fmt::Write| {
            let (id, trace) = (self.request_id(), self.trace_id());
            write!(line, " model={model:?} id={id:?} trace={trace:?}")
        };
        logging::with_request_context(Box::new(origin), work)
    }

    /// The trace's id.
    pub(super) fn trace_id(&self) -> &str {
        self.span.trace_id()
    }
}

/// The span that sent a request, if its headers are valid.
pub(super) fn parent(headers: &HeaderMap) -> Option<SpanContext> {
    let parent = headers::get(headers, &TRACEPARENT)?.to_str().ok()?;
    let states = headers.get_all(TRACESTATE).iter().filter_map(|state| state.to_str().ok());
    // A list may be in several headers.
    SpanContext::parse(parent, &states.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_continues_the_trace_of_its_client() {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let mut headers = HeaderMap::new();
        assert_eq!(parent(&headers), None);
        headers.insert(TRACEPARENT, HeaderValue::from_static(given));
        headers.append(TRACESTATE, HeaderValue::from_static("a=1"));
        headers.append(TRACESTATE, HeaderValue::from_static("b=2"));
        let parent = parent(&headers).unwrap();
        assert_eq!((parent.traceparent(), parent.tracestate()), (given, "a=1,b=2"));
        let context = TraceContext::new(&headers, SpanContext::new(Some(&parent)));
        assert_eq!(context.request_id(), "0af7651916cd43dd8448eb211c80319c");
        headers.insert(REQUEST_ID, HeaderValue::from_static("mine"));
        assert_eq!(TraceContext::new(&headers, parent).request_id(), "mine");
    }
}
