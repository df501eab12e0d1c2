//! The identity of a request: its own id, and its place in a W3C trace.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use athena_core::{logging, random};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// The length of a `traceparent` in bytes.
const LENGTH: usize = 55;

/// The longest request id that is accepted.
const LONGEST: usize = 128;

/// The identity of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TraceContext {
    /// The client's request id, otherwise the trace's id.
    pub(super) request_id: String,
    /// The trace of the request, and the span of this service in it.
    pub(super) traceparent: String,
}

impl TraceContext {
    /// Continues the trace of a request, if its headers are valid; otherwise begins one.
    pub(super) fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let mut traceparent = String::with_capacity(LENGTH);
        traceparent.push_str("00-");
        let parent = text(TRACEPARENT).and_then(parse);
        match parent {
            Some((trace, _)) => traceparent.push_str(trace),
            None => (0..2).for_each(|_| push_random(&mut traceparent)),
        }
        traceparent.push('-');
        push_random(&mut traceparent);
        traceparent.push('-');
        traceparent.push_str(parent.map_or("00", |(_, flags)| flags));
        let request_id = text(REQUEST_ID)
            .filter(|id| !id.is_empty() && id.len() <= LONGEST)
            .map_or_else(|| traceparent[3..35].to_owned(), str::to_owned);
        Self { request_id, traceparent }
    }

    /// The span of an `async fn`: identifies its log lines.
    pub(super) fn span(&self, model: &str) -> tracing::Span {
        tracing::error_span!("request", model, id = self.request_id, trace = self.trace_id())
    }

    /// Runs a plain model, named `model`; its log lines identify the request.
    pub(super) fn in_scope<T>(self, model: Arc<str>, work: impl FnOnce() -> T) -> T {
        if !logging::owns_subscriber() {
            return self.span(&model).in_scope(work);
        }
        let origin = move |line: &mut dyn fmt::Write| {
            let (id, trace) = (&self.request_id, self.trace_id());
            write!(line, " model={model:?} id={id:?} trace={trace:?}")
        };
        logging::with_request_context(Box::new(origin), work)
    }

    /// The trace's id.
    pub(super) fn trace_id(&self) -> &str {
        &self.traceparent[3..35]
    }
}

/// The trace's id and the flags of a `traceparent`.
fn parse(text: &str) -> Option<(&str, &str)> {
    let mut parts = text.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_set = |text: &str| text.bytes().any(|byte| byte != b'0');
    let is_valid = is_hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && is_hex(trace, 32)
        && is_set(trace)
        && is_hex(parent, 16)
        && is_set(parent)
        && is_hex(flags, 2);
    is_valid.then_some((trace, flags))
}

/// Appends sixteen random hexadecimal digits: an id, or half of one. An id of zeros is invalid.
fn push_random(out: &mut String) {
    let number = random::random_u64().max(1);
    for byte in number.to_be_bytes() {
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_unless_it_is_invalid() {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_static(given));
        let context = TraceContext::from_headers(&headers);
        assert_eq!(context.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        assert!(context.traceparent.ends_with("-01") && context.traceparent != given);
        assert_eq!(context.request_id, context.trace_id());
        for invalid in [
            "",
            "00-0",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(parse(invalid), None, "{invalid}");
        }
    }
}
