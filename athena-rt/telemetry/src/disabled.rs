//! The interface of telemetry in a program that is built without it: contexts are propagated, nothing is
//! recorded.

use athena_core::error::Result;

use crate::context::SpanContext;
use crate::record::{Created, Processed, Queue, Request, Response, Sent, StreamMessage};

/// Records nothing.
#[derive(Clone, Debug, Default)]
pub struct NoTelemetry;

/// A request that is being answered.
#[derive(Debug)]
pub struct NoRequestSpan(SpanContext);

/// Exports nothing.
#[derive(Debug)]
pub struct NoExport;

#[allow(clippy::unused_self, reason = "the interface of `otel`")]
impl NoTelemetry {
    pub fn new() -> Self {
        Self
    }

    /// Begins a request.
    pub fn begin_request<'a>(
        &self,
        parent: Option<&SpanContext>,
        _: impl FnOnce() -> Request<'a>,
    ) -> NoRequestSpan {
        NoRequestSpan(SpanContext::new(parent))
    }

    /// Whether no span is recorded.
    pub fn is_off(&self) -> bool {
        true
    }

    pub fn record_line(&self, _: &SpanContext, _: &StreamMessage<'_>) {}

    /// The context that a message is sent with.
    pub fn create_message(
        &self,
        _: &Queue,
        parent: Option<&SpanContext>,
        _: &Created<'_>,
    ) -> Option<SpanContext> {
        parent.cloned()
    }

    pub fn record_sent<C>(&self, _: &Queue, _: &Sent<'_>, _: impl FnOnce() -> C) {}

    pub fn record_consumed(&self, _: &Queue) {}

    /// The context that the outcome of a message is sent with; `None` is that of the message.
    pub fn record_processed(&self, _: &Queue, _: &Processed<'_>) -> Option<SpanContext> {
        None
    }
}

#[allow(clippy::unused_self, reason = "the interface of `otel`")]
impl NoRequestSpan {
    /// Its place in the trace.
    pub fn context(&self) -> &SpanContext {
        &self.0
    }

    pub fn end(self, _: &Response<'_>) {}
}

#[allow(clippy::unused_self, reason = "the interface of `otel`")]
impl NoExport {
    /// # Errors
    ///
    /// Never.
    pub fn start() -> Result<Self> {
        Ok(Self)
    }

    pub fn finish(self) {}
}
