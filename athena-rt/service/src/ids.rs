//! What a request is called: its own id, and its place in a W3C trace.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::models::Served;
use athena_core::{logging, random};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// How many bytes a `traceparent` has.
const LENGTH: usize = 55;

/// The longest request id that is taken over.
const LONGEST: usize = 128;

/// What a request is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ids {
    /// The client's own, or else that of the trace.
    pub(super) request: String,
    /// The trace the request is part of, and the step in it that this service is.
    pub(super) traceparent: String,
}

impl Ids {
    /// Takes over what a request brings, where it is as it should be.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let mut traceparent = String::with_capacity(LENGTH);
        traceparent.push_str("00-");
        let given = text(TRACEPARENT).and_then(trace);
        match given {
            Some((trace, _)) => traceparent.push_str(trace),
            None => (0..2).for_each(|_| push_new(&mut traceparent)),
        }
        traceparent.push('-');
        push_new(&mut traceparent);
        traceparent.push('-');
        traceparent.push_str(given.map_or("00", |(_, flags)| flags));
        let request = text(REQUEST_ID)
            .filter(|id| !id.is_empty() && id.len() <= LONGEST)
            .map_or_else(|| traceparent[3..35].to_owned(), str::to_owned);
        Self { request, traceparent }
    }

    /// What an `async fn` logs is told apart by this.
    pub(super) fn span(&self, model: &str) -> tracing::Span {
        tracing::error_span!("request", model, id = self.request, trace = self.trace())
    }

    /// Runs a plain model; what it logs is told apart by the request.
    pub(super) fn tell<T>(self, model: &Arc<Served>, work: impl FnOnce() -> T) -> T {
        if !logging::owns_subscriber() {
            return self.span(model.id()).in_scope(work);
        }
        let model = Arc::clone(model);
        let words = move |line: &mut dyn fmt::Write| {
            let (model, id, trace) = (model.id(), &self.request, self.trace());
            write!(line, " model={model:?} id={id:?} trace={trace:?}")
        };
        logging::with_request_context(Box::new(words), work)
    }

    /// The trace's id.
    pub(super) fn trace(&self) -> &str {
        &self.traceparent[3..35]
    }
}

/// Trace and flags of a `traceparent`.
fn trace(text: &str) -> Option<(&str, &str)> {
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

/// Sixteen digits of chance: an id, or half of one. One of zeros is none.
fn push_new(out: &mut String) {
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
    fn a_trace_is_carried_on_and_a_broken_one_is_not() {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let mut headers = HeaderMap::new();
        headers.insert(TRACEPARENT, HeaderValue::from_static(given));
        let ids = Ids::of(&headers);
        assert_eq!(ids.trace(), "0af7651916cd43dd8448eb211c80319c");
        assert!(ids.traceparent.ends_with("-01") && ids.traceparent != given);
        assert_eq!(ids.request, ids.trace());
        for broken in [
            "",
            "00-0",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        ] {
            assert_eq!(trace(broken), None, "{broken}");
        }
    }
}
