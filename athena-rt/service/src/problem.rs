//! Errors of requests, as RFC 9457 defines them: `application/problem+json`.

use std::time::Duration;

use athena_protocol::Format;
use athena_protocol::text::plural;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use athena_core::environment::Setting as _;
use athena_core::error::Error;
use athena_core::invoke::Failure;
use athena_core::outcome::ErrorOutcome;
use athena_structure::MessageError;

/// Why a request has no outcome.
#[derive(Debug)]
pub(super) struct Problem(Box<ProblemDetails>);

#[derive(Debug)]
struct ProblemDetails {
    status: StatusCode,
    detail: String,
    /// `failure`, `pointer`, `error` and so on.
    members: Map<String, Value>,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, failure: &str, detail: impl Into<String>) -> Self {
        let mut members = Map::new();
        members.insert("failure".to_owned(), failure.into());
        Self(Box::new(ProblemDetails { status, detail: detail.into(), members, header: None }))
    }

    /// 400.
    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request", detail)
    }

    /// 404, with a suggestion.
    pub(super) fn no_model(error: &Error) -> Self {
        Self::new(StatusCode::NOT_FOUND, "model", error.to_string().replace("\nhelp: ", "; "))
    }

    /// 413.
    pub(super) fn too_large(limit: usize) -> Self {
        let detail = format!("the message is larger than {}", plural(limit, "byte"));
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "size", detail)
    }

    /// 408: the client is too slow.
    pub(super) fn slow(limit: Duration) -> Self {
        let detail = format!("the message did not arrive within {}", limit.show());
        Self::new(StatusCode::REQUEST_TIMEOUT, "slow", detail)
    }

    /// 503: too many messages run or wait.
    pub(super) fn busy(slots: usize) -> Self {
        let detail = format!("too many messages run or wait ({slots})");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// 503: the bodies of other requests take all memory that there is for bodies.
    pub(super) fn no_memory(total: usize) -> Self {
        let detail =
            format!("the messages of other requests take {} together", plural(total, "byte"));
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// 504: the model is too slow.
    pub(super) fn timeout(limit: Duration) -> Self {
        let detail = timeout_detail(limit);
        Self::new(StatusCode::GATEWAY_TIMEOUT, "timeout", detail)
    }

    /// 500: the process that ran the model ended.
    pub(super) fn crashed(reason: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "crash", crash_detail(reason))
    }

    /// 500.
    pub(super) fn internal(detail: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "service", detail)
    }

    /// 422: the error that a model returned, and its outputs before that.
    pub(super) fn from_model_error(error: &ErrorOutcome, outputs: Vec<Value>) -> Self {
        let mut problem =
            Self::new(StatusCode::UNPROCESSABLE_ENTITY, "error", error.message.clone())
                .member("error", json!({ "kind": error.kind, "message": error.message }));
        if !outputs.is_empty() {
            problem = problem.member("outputs", outputs.into());
        }
        problem
    }

    /// 400 if the message can't be parsed, 422 if it does not match the model's input, 500 if the
    /// model is at fault.
    pub(super) fn from_failure(
        failure: &Failure,
        message: &[u8],
        format: Format,
        expose_panics: bool,
    ) -> Self {
        let status = match failure {
            Failure::Message(_) if is_json(message, format) => StatusCode::UNPROCESSABLE_ENTITY,
            Failure::Message(_) => StatusCode::BAD_REQUEST,
            Failure::Panic(_) | Failure::Outcome(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let detail = match failure {
            Failure::Panic(_) if !expose_panics => PANICKED.to_owned(),
            _ => failure.to_string(),
        };
        let problem = Self::new(status, failure.kind(), detail);
        match failure {
            Failure::Message(error) | Failure::Outcome(error) => problem.with_place(error),
            Failure::Panic(_) => problem,
        }
    }

    /// With the id under which the log has the reason, if the model is at fault.
    pub(super) fn with_id(mut self, id: &str) -> Self {
        if self.0.status != StatusCode::INTERNAL_SERVER_ERROR && !self.is_timeout() {
            return self;
        }
        if self.0.detail == PANICKED {
            self.0.detail = panic_detail(id);
        }
        self.member("id", id.into())
    }

    pub(super) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(super) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The text of a member, or of a member of it; empty if there is none.
    pub(super) fn text(&self, name: &str, nested: Option<&str>) -> &str {
        let member = self.0.members.get(name);
        let text = match nested {
            Some(nested) => member.and_then(|member| member.get(nested)),
            None => member,
        };
        text.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the model took too long.
    pub(super) fn is_timeout(&self) -> bool {
        self.0.status == StatusCode::GATEWAY_TIMEOUT
    }

    /// Puts a prefix before the pointer.
    pub(super) fn prefix_pointer(mut self, prefix: &str) -> Self {
        if let Some(Value::String(pointer)) = self.0.members.get_mut("pointer") {
            pointer.insert_str(0, prefix);
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

    fn with_place(self, error: &MessageError) -> Self {
        let problem = self.member("pointer", error.pointer.clone().into());
        if error.line == 0 {
            return problem;
        }
        problem.member("line", error.line.into()).member("column", error.column.into())
    }
}

/// What a client sees of a panic, which may hold anything.
const PANICKED: &str = "the model panicked";

/// What a client sees of a failure of the request with this id.
pub(super) fn failure_detail(failure: &Failure, expose_panics: bool, id: &str) -> String {
    match failure {
        Failure::Panic(_) if !expose_panics => panic_detail(id),
        _ => failure.to_string(),
    }
}

fn panic_detail(id: &str) -> String {
    format!("{PANICKED}; the log of the service has more under the id {id}")
}

/// What a client sees if the process of the model ended.
pub(super) fn crash_detail(reason: &str) -> String {
    format!("the process that ran the model {reason}")
}

/// What a client sees if a model takes longer than the limit.
pub(super) fn timeout_detail(limit: Duration) -> String {
    format!("the model did not finish within {}", limit.show())
}

fn is_json(message: &[u8], format: Format) -> bool {
    format == Format::Json && serde_json::from_slice::<IgnoredAny>(message).is_ok()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let ProblemDetails { status, detail, members, header } = *self.0;
        let mut body = Map::new();
        body.insert("title".to_owned(), status.canonical_reason().unwrap_or_default().into());
        body.insert("status".to_owned(), status.as_u16().into());
        body.insert("detail".to_owned(), detail.into());
        body.extend(members);
        // Whatever order serde_json keeps.
        body.sort_keys();
        let kind = (CONTENT_TYPE, "application/problem+json");
        let mut response = (status, [kind], Value::Object(body).to_string()).into_response();
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}
