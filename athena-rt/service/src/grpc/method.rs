//! The method of a model: one message in, its outputs out.

use std::sync::Arc;

use athena_protocol::Format;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Buf as _;
use tonic::codec::{DecodeBuf, Decoder, Streaming};
use tonic::{Code, Status};

use super::deadline::Deadline;
use super::reply_body::ReplyBody;
use super::status::{self, CountedStatus, ENCODING};
use crate::app::App;
use crate::body_memory::HeldBody;
use crate::execute::Execution;
use crate::headers;
use crate::models::ServedModel;
use crate::problem::Problem;
use crate::trace_context::TraceContext;
use athena_core::outcome::Outcome;

/// The first byte of a message, and how many there are before its own: the others are its length.
const UNCOMPRESSED: u8 = 0;
const PREFIX: usize = 5;

const GRPC_ENCODING: HeaderName = HeaderName::from_static("grpc-encoding");

/// Answers a call.
///
/// # Errors
///
/// The call fails before the first output.
pub(super) async fn call(
    app: &Arc<App>,
    model: &Arc<ServedModel>,
    trace: &TraceContext,
    request: &mut Request,
) -> Result<Response, Problem> {
    check(request.headers())?;
    let deadline = Deadline::from_headers(request.headers())?;
    let memory = Arc::new(app.body_memory.hold());
    let body = std::mem::take(request.body_mut());
    let body = HeldBody::new(body, Arc::clone(&memory));
    let message = read(body, app, deadline).await?;
    let execution = Execution {
        model: Arc::clone(model),
        message,
        format: Format::Protobuf,
        output_format: Format::Protobuf,
        time_limit: deadline.remaining(app.limits.timeout),
    };
    let outputs = execution.run(app, trace, Outputs::from_outcome).await?;
    match outputs.problem {
        Some(problem) if outputs.ends.is_empty() => Err(problem),
        _ => Ok(outputs.into_response()),
    }
}

/// Checks that messages are uncompressed Protocol Buffers.
fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let unsupported = |failure: &str, detail: &str| {
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, failure, detail))
    };
    let rest = kind.strip_prefix(b"application/grpc+").map(|rest| rest.strip_prefix(b"proto"));
    if rest.is_some_and(|rest| !matches!(rest, Some([] | [b';', ..]))) {
        return unsupported(
            "content",
            "messages must be Protocol Buffers; use application/grpc+proto",
        );
    }
    match headers::get(headers, &GRPC_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(()),
        Some(_) => unsupported(ENCODING, "compressed messages are not supported"),
    }
}

/// Reads the only message of a call.
async fn read(body: HeldBody, app: &App, deadline: Deadline) -> Result<Bytes, Problem> {
    let limits = &app.limits;
    let mut stream = Streaming::new_request(RawCodec, body, None, Some(limits.body));
    let one = async {
        let Some(message) = stream.message().await? else {
            return Err(Status::internal("the call has no message"));
        };
        match stream.message().await? {
            None => Ok(message),
            Some(_) => Err(Status::internal("the call has more than one message")),
        }
    };
    let limit = deadline.remaining(limits.timeout);
    let read = app.scheduler.timers().limit(limit, one).await;
    let read = read.ok_or_else(|| Problem::slow(limit))?;
    read.map_err(|status| match status.code() {
        Code::OutOfRange => Problem::too_large(limits.body),
        Code::ResourceExhausted => Problem::no_memory(app.body_memory.total()),
        _ => Problem::malformed(status.message()),
    })
}

/// The outputs of a model.
struct Outputs {
    /// All messages, one after another.
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// The error after the last output.
    problem: Option<Problem>,
}

impl Outputs {
    fn from_outcome(mut outcome: Outcome) -> Self {
        let problem =
            outcome.error.take().map(|error| Problem::from_model_error(&error, Vec::new()));
        let (bytes, ends) = outcome.into_parts();
        Self { bytes, ends, problem }
    }

    fn into_response(self) -> Response {
        let Self { bytes, ends, problem } = self;
        let last = problem.map(|problem| (problem.status(), status::from_problem(&problem)));
        let counted = last
            .as_ref()
            .map(|(status, last)| CountedStatus { status: *status, code: last.code() });
        let mut last = last.map_or_else(|| Status::ok(""), |(_, last)| last);
        let mut framed = Vec::with_capacity(bytes.len() + ends.len() * PREFIX);
        let mut start = 0;
        for end in ends {
            let message = &bytes[start..end];
            let Ok(length) = u32::try_from(message.len()) else {
                last = Status::resource_exhausted("an output is larger than 4 GiB");
                break;
            };
            framed.push(UNCOMPRESSED);
            framed.extend_from_slice(&length.to_be_bytes());
            framed.extend_from_slice(message);
            start = end;
        }
        let mut trailers = HeaderMap::new();
        // Succeeds, since a status encodes its message.
        let _ = last.add_header(&mut trailers);
        let mut response = Response::new(Body::new(ReplyBody::new(framed, trailers)));
        let kind = const { HeaderValue::from_static("application/grpc") };
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        // An extension has a map of its own, which a success needs not.
        if let Some(counted) = counted {
            response.extensions_mut().insert(counted);
        }
        response
    }
}

/// A codec that does not parse messages.
struct RawCodec;

impl Decoder for RawCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, source: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(source.copy_to_bytes(source.remaining())))
    }
}
