//! The span of a request.

use std::time::Duration;

use athena_telemetry::RequestSpan;
use athena_telemetry::record;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderName, Version, header};
use axum::response::Response;
use tonic::Code;

use super::app::App;
use super::grpc::{CountedStatus, Grpc};
use super::headers;
use super::models::ServedModel;
use super::routes;
use super::trace_context;

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");

/// The names of gRPC's statuses, by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Begins the span of a request, in the trace of its client.
pub(super) fn begin(app: &App, grpc: &Grpc, request: &Request, is_call: bool) -> RequestSpan {
    let parent = trace_context::parent(request.headers());
    app.telemetry.begin_request(parent.as_ref(), || {
        let text = |name: HeaderName| request.headers().get(name)?.to_str().ok();
        let path = request.uri().path();
        let route = if is_call { grpc.is_method(path).then_some(path) } else { routes::find(path) };
        let version = match request.version() {
            Version::HTTP_2 => "2",
            Version::HTTP_10 => "1.0",
            _ => "1.1",
        };
        let of_uri = request.uri().authority().map(Authority::as_str);
        record::Request {
            method: request.method().as_str(),
            path,
            route,
            scheme: app.scheme,
            version,
            host: of_uri.or_else(|| text(header::HOST)),
            user_agent: text(header::USER_AGENT),
            is_call,
        }
    })
}

/// Ends it with the response; `status` is what the request is counted by.
pub(super) fn end(
    span: RequestSpan,
    is_call: bool,
    response: &Response,
    counted: Option<CountedStatus>,
    status: u16,
    model: Option<&ServedModel>,
    duration: Duration,
) {
    let code = match counted {
        Some(counted) => counted.code,
        None if is_call => code_of(response),
        None => Code::Ok,
    };
    let call_status = CODES.get(usize::try_from(i32::from(code)).unwrap_or(usize::MAX));
    span.end(&record::Response {
        status,
        call_status: call_status.unwrap_or(&"UNKNOWN"),
        model: model.map(|model| model.id()),
        duration,
    });
}

/// The status of a call that a model, health or reflection answered: in the head if it failed.
fn code_of(response: &Response) -> Code {
    let code = headers::get(response.headers(), &GRPC_STATUS);
    code.map_or(Code::Ok, |code| Code::from_bytes(code.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{CODES, Code};

    #[test]
    fn statuses_have_names() {
        assert_eq!(CODES[Code::Unauthenticated as usize], "UNAUTHENTICATED");
        assert_eq!(CODES[Code::Unavailable as usize], "UNAVAILABLE");
    }
}
