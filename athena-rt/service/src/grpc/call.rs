//! A model's method: one message in, and what the model gives out.

use std::sync::Arc;

use athena_protocol::Format;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use tokio::time::timeout;
use tonic::codec::{EncodeBody, SingleMessageCompressionOverride, Streaming};
use tonic::codegen::tokio_stream;
use tonic::{Code, Status};

use super::super::app::{App, Limits};
use super::super::ids::Ids;
use super::super::job::Job;
use super::super::models::Served;
use super::super::problem::Problem;
use super::codec::Raw;
use super::deadline::Deadline;
use super::status::{self, Counted, ENCODING};
use athena_core::outcome::Outcome;

/// Answers a call.
///
/// # Errors
///
/// There is nothing to give but why.
pub(super) async fn call(
    app: &Arc<App>,
    model: &Arc<Served>,
    ids: &Ids,
    request: Request,
) -> Result<Response, Problem> {
    let (head, body) = request.into_parts();
    check(&head.headers)?;
    let deadline = Deadline::of(&head.headers)?;
    let message = read(body, &app.limits, deadline).await?;
    let (format, limit) = (Format::Protobuf, deadline.left(app.limits.timeout));
    let job = Job { model: Arc::clone(model), message, format, wanted: format, limit };
    let given = job.run(app, ids, Given::of).await?;
    match given.problem {
        Some(problem) if given.ends.is_empty() => Err(problem),
        _ => Ok(given.respond()),
    }
}

/// Messages come as they are, or not at all.
fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let unsupported = |failure: &str, words: &str| {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, failure, words))
    };
    let rest = kind.strip_prefix(b"application/grpc+").map(|rest| rest.strip_prefix(b"proto"));
    if rest.is_some_and(|rest| !matches!(rest, Some([] | [b';', ..]))) {
        return unsupported("content", "a message is Protocol Buffers: application/grpc+proto");
    }
    match headers.get("grpc-encoding").map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(()),
        Some(_) => unsupported(ENCODING, "a message comes without compression"),
    }
}

/// The one message of a call.
async fn read(body: Body, limits: &Limits, deadline: Deadline) -> Result<Bytes, Problem> {
    let mut stream = Streaming::new_request(Raw, body, None, Some(limits.body));
    let one = async {
        let Some(message) = stream.message().await? else {
            return Err(Status::internal("there is no message"));
        };
        match stream.message().await? {
            None => Ok(message),
            Some(_) => Err(Status::internal("there is more than one message")),
        }
    };
    let limit = deadline.left(limits.timeout);
    let read = timeout(limit, one).await.map_err(|_| Problem::slow(limit))?;
    read.map_err(|status| match status.code() {
        Code::OutOfRange => Problem::too_large(limits.body),
        _ => Problem::malformed(status.message()),
    })
}

/// What a model gave.
struct Given {
    /// The messages, one after the other.
    bytes: Bytes,
    /// Where each ends.
    ends: Vec<usize>,
    /// The error it ended with.
    problem: Option<Problem>,
}

impl Given {
    fn of(mut outcome: Outcome) -> Self {
        let problem = outcome.error.take().map(|error| Problem::returned(&error, Vec::new()));
        let (bytes, ends) = outcome.into_parts();
        Self { bytes: bytes.into(), ends, problem }
    }

    fn respond(self) -> Response {
        let Self { bytes, ends, problem } = self;
        let counted = problem.as_ref().map_or(StatusCode::OK, Problem::status);
        let last = problem.map(|problem| Err(status::of(&problem)));
        let mut start = 0;
        let messages = ends.into_iter().map(move |end| {
            let message = bytes.slice(start..end);
            start = end;
            Ok(message)
        });
        let stream = tokio_stream::iter(messages.chain(last));
        let compression = SingleMessageCompressionOverride::default();
        let body = EncodeBody::new_server(Raw, stream, None, compression, None);
        let mut response = Response::new(Body::new(body));
        let kind = HeaderValue::from_static("application/grpc");
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response.extensions_mut().insert(Counted(counted));
        response
    }
}
