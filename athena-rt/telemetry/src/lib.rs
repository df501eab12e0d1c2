//! Telemetry of the engines.
//!
//! W3C trace contexts are always propagated: a message carries the context of its sender, and its outcome
//! one of the same trace. With the feature `otel` each message has a span, and there are metrics by the
//! semantic conventions, exported by OTLP if the standard `OTEL_*` variables name a collector.
//!
//! | module | its job |
//! |---|---|
//! | [`context`] | the place of a span in a trace: `traceparent` and `tracestate` |
//! | [`record`] | what engines record: requests, messages that were sent and processed |
//! | `otel` | spans and metrics of these records, and their export |
//! | `disabled` | the same interface for a program that is built without |

#![allow(
    missing_docs,
    rustdoc::private_intra_doc_links,
    reason = "for the crates of this workspace: their readers see private items, and what is clear from its name has no docs"
)]

pub mod context;
#[cfg(not(feature = "otel"))]
mod disabled;
#[cfg(feature = "otel")]
mod otel;
pub mod record;

pub use self::context::SpanContext;
#[cfg(not(feature = "otel"))]
pub use self::disabled::{
    NoExport as Export, NoRequestSpan as RequestSpan, NoTelemetry as Telemetry,
};
#[cfg(feature = "otel")]
pub use self::otel::{Export, RequestSpan, Telemetry};
