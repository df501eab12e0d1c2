//! Errors of calls: the gRPC status of a problem.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Status, body};

use crate::cloudevents::percent_encode;
use crate::problem::Problem;

/// The longest message in bytes: clients limit the size of metadata.
const MESSAGE: usize = 2000;

/// What a call is counted by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CountedStatus {
    /// The status that it would have over HTTP.
    pub(crate) status: StatusCode,
    pub(crate) code: Code,
}

/// The response to a call that failed before its first output.
pub(crate) fn error(problem: &Problem) -> Response {
    let status = from_problem(problem);
    let counted = CountedStatus { status: problem.status(), code: status.code() };
    let mut response = status.into_http::<body::Body>().into_response();
    response.extensions_mut().insert(counted);
    response
}

/// The status of a problem; its members are metadata.
pub(super) fn from_problem(problem: &Problem) -> Status {
    let failure = problem.text("failure", None);
    let code = code(problem.status(), failure);
    let mut status = Status::new(code, truncate(problem.detail()));
    let metadata = status.metadata_mut();
    for (name, text) in [
        ("athena-failure", failure),
        ("athena-pointer", problem.text("pointer", None)),
        ("athena-error-kind", problem.text("error", Some("kind"))),
    ] {
        let encoded = || AsciiMetadataValue::try_from(percent_encode(text));
        if !text.is_empty()
            && text.len() <= MESSAGE
            && let Ok(value) = AsciiMetadataValue::try_from(text).or_else(|_| encoded())
        {
            metadata.insert(name, value);
        }
    }
    match code {
        // When the client may retry, in milliseconds.
        Code::Unavailable => {
            metadata.insert("grpc-retry-pushback-ms", AsciiMetadataValue::from_static("1000"));
        }
        Code::Unimplemented if failure == ENCODING => {
            metadata.insert("grpc-accept-encoding", AsciiMetadataValue::from_static("identity"));
        }
        _ => {}
    }
    status
}

/// The failure of a compressed message.
pub(super) const ENCODING: &str = "encoding";

fn code(status: StatusCode, failure: &str) -> Code {
    match (status.as_u16(), failure) {
        (_, "message") | (400, "host") => Code::InvalidArgument,
        (422, _) => Code::FailedPrecondition,
        (401, _) => Code::Unauthenticated,
        (403, _) => Code::PermissionDenied,
        (404 | 405 | 415, _) => Code::Unimplemented,
        (408 | 504, _) => Code::DeadlineExceeded,
        (413, _) => Code::ResourceExhausted,
        (503, _) => Code::Unavailable,
        _ => Code::Internal,
    }
}

fn truncate(text: &str) -> String {
    if text.len() <= MESSAGE {
        return text.to_owned();
    }
    format!("{}..", &text[..text.floor_char_boundary(MESSAGE)])
}
