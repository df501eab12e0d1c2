//! What goes wrong, as RFC 9457 has it: `application/problem+json`.

use std::time::Duration;

use athena_protocol::Format;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::time;
use athena_core::error::Error;
use athena_core::invoke::Failure;
use athena_core::outcome::ErrorOutcome;
use athena_structure::MessageError;

/// Why a request has no outcome.
#[derive(Debug)]
pub(super) struct Problem(Box<Told>);

#[derive(Debug)]
struct Told {
    status: StatusCode,
    detail: String,
    /// `failure` in a word, `pointer`, `error`, and so on.
    members: Map<String, Value>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, failure: &str, detail: impl Into<String>) -> Self {
        let mut members = Map::new();
        members.insert("failure".to_owned(), failure.into());
        Self(Box::new(Told { status, detail: detail.into(), members, header: None }))
    }

    /// 400.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request", detail)
    }

    /// 404, with the nearest name.
    pub(super) fn no_model(error: &Error) -> Self {
        Self::new(StatusCode::NOT_FOUND, "model", error.to_string().replace("\nhelp: ", "; "))
    }

    /// 413.
    pub(super) fn too_large(limit: usize) -> Self {
        let detail = format!("a message has at most {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "size", detail)
    }

    /// 408: the client is slow.
    pub(super) fn slow(limit: Duration) -> Self {
        let detail = format!("the message was not there after {}", time(limit));
        Self::new(StatusCode::REQUEST_TIMEOUT, "slow", detail)
    }

    /// 503: the service has enough to do.
    pub(super) fn busy(slots: usize) -> Self {
        let detail = format!("{slots} messages run or wait already");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// 504: the model is slow.
    pub(super) fn late(limit: Duration) -> Self {
        let detail = format!("the model gave nothing in {}", time(limit));
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", detail)
    }

    /// 500.
    pub(super) fn broken(detail: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "service", detail)
    }

    /// 422: the error that a model returned, and what it gave until then.
    pub(super) fn returned(error: &ErrorOutcome, outputs: Vec<Value>) -> Self {
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "error", error.message.clone())
                .member("error", json!({ "kind": error.kind, "message": error.message }));
        if !outputs.is_empty() {
            problem = problem.member("outputs", outputs.into());
        }
        problem
    }

    /// 400 where the bytes are no message at all, 422 where they are not what the model takes, 500
    /// where the model is at fault.
    pub(super) fn failed(
        failure: &Failure,
        message: &[u8],
        format: Format,
        expose_panics: bool,
    ) -> Self {
        let status = match failure {
            Failure::Message(_) if is_readable(message, format) => StatusCode::UNPROCESSABLE_ENTITY,
            Failure::Message(_) => StatusCode::BAD_REQUEST,
            Failure::Panic(_) | Failure::Outcome(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let problem = Self::new(status, failure.kind(), words(failure, expose_panics));
        match failure {
            Failure::Message(error) | Failure::Outcome(error) => problem.at(error),
            Failure::Panic(_) => problem,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(super) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The text of a member, or of one of its own; empty where there is none.
    pub(super) fn text(&self, name: &str, below: Option<&str>) -> &str {
        let member = self.0.members.get(name);
        let text = match below {
            Some(below) => member.and_then(|member| member.get(below)),
            None => member,
        };
        text.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the model took too long.
    pub(super) fn is_late(&self) -> bool {
        self.0.status == StatusCode::GATEWAY_TIMEOUT
    }

    /// The same with the pointer below this one.
    pub(super) fn below(mut self, above: &str) -> Self {
        if let Some(Value::String(pointer)) = self.0.members.get_mut("pointer") {
            pointer.insert_str(0, above);
        }
        self
    }

    pub(super) fn member(mut self, name: &str, value: Value) -> Self {
        self.0.members.insert(name.to_owned(), value);
        self
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    fn at(self, error: &MessageError) -> Self {
        let problem = self.member("pointer", error.pointer.clone().into());
        if error.line == 0 {
            return problem;
        }
        problem.member("line", error.line.into()).member("column", error.column.into())
    }
}

/// What a client is told of a failure.
pub(super) fn words(failure: &Failure, expose_panics: bool) -> String {
    match failure {
        Failure::Panic(_) if !expose_panics => "the model panicked".to_owned(),
        _ => failure.to_string(),
    }
}

fn is_readable(message: &[u8], format: Format) -> bool {
    format == Format::Json && serde_json::from_slice::<IgnoredAny>(message).is_ok()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Told { status, detail, members, header } = *self.0;
        let mut body = Map::new();
        body.insert("title".to_owned(), status.canonical_reason().unwrap_or_default().into());
        body.insert("status".to_owned(), status.as_u16().into());
        body.insert("detail".to_owned(), detail.into());
        body.extend(members);
        let kind = (CONTENT_TYPE, "application/problem+json");
        let mut response = (status, [kind], Value::Object(body).to_string()).into_response();
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
