//! The spans of the lines of a stream.

use std::sync::Arc;
use std::time::Instant;

use athena_telemetry::record::StreamMessage;
use athena_telemetry::{SpanContext, Telemetry};

use crate::metrics::OutcomeStatus;
use crate::models::ServedModel;

/// Records a span for each line of a stream.
pub(super) struct LineRecorder {
    pub(super) telemetry: Telemetry,
    /// The span of the whole stream.
    pub(super) request: SpanContext,
    pub(super) model: Arc<ServedModel>,
}

impl LineRecorder {
    pub(super) fn record(&self, number: u64, began: Instant, status: OutcomeStatus) {
        let line = StreamMessage {
            model: self.model.id(),
            number,
            duration: began.elapsed(),
            error: status.error(),
        };
        self.telemetry.record_line(&self.request, &line);
    }
}
