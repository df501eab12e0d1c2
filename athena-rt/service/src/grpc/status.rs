//! What goes wrong, as gRPC has it. It begins as the problem that HTTP would tell.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tonic::metadata::AsciiMetadataValue;
use tonic::{Code, Status, body};

use super::super::event::percent_encoded;
use super::super::problem::Problem;

/// How many bytes of a message are sent: clients take few of metadata.
const MESSAGE: usize = 2000;

/// The status that HTTP would have had, by which a call is counted.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Counted(pub(in super::super) StatusCode);

/// The answer to a call that gives nothing.
pub(in super::super) fn refused(problem: &Problem) -> Response {
    let mut response = of(problem).into_http::<body::Body>().into_response();
    response.extensions_mut().insert(Counted(problem.status()));
    response
}

/// The status of a problem; what it says beside its words is metadata.
pub(super) fn of(problem: &Problem) -> Status {
    let failure = problem.text("failure", None);
    let code = code(problem.status(), failure);
    let mut status = Status::new(code, shortened(problem.detail()));
    let metadata = status.metadata_mut();
    for (name, text) in [
        ("athena-failure", failure),
        ("athena-pointer", problem.text("pointer", None)),
        ("athena-error-kind", problem.text("error", Some("kind"))),
    ] {
        let encoded = || AsciiMetadataValue::try_from(percent_encoded(text));
        if !text.is_empty()
            && text.len() <= MESSAGE
            && let Ok(value) = AsciiMetadataValue::try_from(text).or_else(|_| encoded())
        {
            metadata.insert(name, value);
        }
    }
    match code {
        // When to try again, in milliseconds.
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

/// The failure of a message that is compressed.
pub(super) const ENCODING: &str = "encoding";

fn code(status: StatusCode, failure: &str) -> Code {
    match (status.as_u16(), failure) {
        (_, "message") => Code::InvalidArgument,
        (422, _) => Code::FailedPrecondition,
        (401, _) => Code::Unauthenticated,
        (404 | 405 | 415, _) => Code::Unimplemented,
        (408 | 504, _) => Code::DeadlineExceeded,
        (413, _) => Code::ResourceExhausted,
        (503, _) => Code::Unavailable,
        _ => Code::Internal,
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= MESSAGE {
        return text.to_owned();
    }
    format!("{}..", &text[..text.floor_char_boundary(MESSAGE)])
}
