//! The lines of a response: one for each message.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use crate::execute::log_failure;
use crate::metrics::OutcomeStatus;
use crate::models::ServedModel;
use crate::problem::{failure_detail, timeout_detail};
use crate::trace_context::TraceContext;
use athena_core::invoke::Failure;
use athena_core::outcome::Outcome;

/// Writes the results of a model in a stream.
#[derive(Clone)]
pub(super) struct ResultLine {
    is_many: bool,
    expose_panics: bool,
    request_id: Arc<str>,
}

impl ResultLine {
    pub(super) fn new(model: &ServedModel, expose_panics: bool, trace: &TraceContext) -> Self {
        let request_id = Arc::from(trace.request_id());
        Self { is_many: model.is_many(), expose_panics, request_id }
    }

    /// Appends the result of a line.
    pub(super) fn write(
        &self,
        number: u64,
        handled: Result<(), Failure>,
        outcome: &mut Outcome,
        out: &mut Vec<u8>,
    ) -> OutcomeStatus {
        if let Err(failure) = handled {
            log_failure(&failure);
            let pointer = match &failure {
                Failure::Message(error) | Failure::Outcome(error) => Some(error.pointer.as_str()),
                Failure::Panic(_) => None,
            };
            let detail = failure_detail(&failure, self.expose_panics, &self.request_id);
            out.extend(error_line(Some(number), failure.kind(), &detail, pointer));
            return OutcomeStatus::Failed;
        }
        if let Some(error) = outcome.error.take() {
            tracing::info!(kind = error.kind, "{}", error.message);
            let error = json!({ "kind": error.kind, "message": error.message, "line": number });
            out.extend(to_line(json!({ "error": error }).to_string()));
            return OutcomeStatus::Error;
        }
        match outcome.single() {
            Some(single) if !self.is_many => out.extend_from_slice(single),
            _ => outcome.write_array(out),
        }
        out.push(b'\n');
        OutcomeStatus::Output
    }
}

pub(super) fn timeout_line(line: u64, limit: Duration) -> Vec<u8> {
    error_line(Some(line), "timeout", &timeout_detail(limit), None)
}

/// The line of the response in place of an outcome.
pub(super) fn error_line(
    line: Option<u64>,
    failure: &str,
    message: &str,
    pointer: Option<&str>,
) -> Vec<u8> {
    let mut error = json!({ "failure": failure, "message": message });
    if let Some(line) = line {
        error["line"] = line.into();
    }
    if let Some(pointer) = pointer {
        error["pointer"] = pointer.into();
    }
    to_line(json!({ "error": error }).to_string())
}

fn to_line(mut line: String) -> Vec<u8> {
    line.push('\n');
    line.into_bytes()
}
