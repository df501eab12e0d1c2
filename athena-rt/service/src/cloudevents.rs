//! CloudEvents 1.0 over HTTP: attributes as headers (binary), or event and message as one JSON
//! object (structured).

use athena_protocol::Format;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::headers;
use super::problem::Problem;
use super::routes;
use super::trace_context::TraceContext;

/// The type of the events that are sent back.
const TYPE: &str = "athena.outcome";

/// The characters of ASCII that the HTTP binding encodes in header values.
const HEADER_VALUE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// Looked for in every request.
const SPEC_VERSION: HeaderName = HeaderName::from_static("ce-specversion");
const ID: HeaderName = HeaderName::from_static("ce-id");

/// A received event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CloudEvent {
    id: String,
}

#[derive(Deserialize)]
struct StructuredEvent {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    datacontenttype: Option<String>,
    data: Option<Box<RawValue>>,
    data_base64: Option<String>,
}

impl CloudEvent {
    /// Reads an event whose attributes are headers; `None` if there are none.
    ///
    /// # Errors
    ///
    /// 400: a required attribute is missing.
    pub(super) fn from_headers(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        if !headers::has(headers, &SPEC_VERSION) && !headers::has(headers, &ID) {
            return Ok(None);
        }
        let get = |name: HeaderName| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default()
        };
        check([
            ("ce-id", get(ID)),
            ("ce-source", get(HeaderName::from_static("ce-source"))),
            ("ce-type", get(HeaderName::from_static("ce-type"))),
        ])?;
        check_version(get(SPEC_VERSION))?;
        Ok(Some(Self { id: get(ID).to_owned() }))
    }

    /// Reads an event from a body, with its message and the message's format.
    ///
    /// # Errors
    ///
    /// 400: the body is not an event, or the event has no message.
    pub(super) fn from_body(body: &[u8]) -> Result<(Self, Bytes, Format), Problem> {
        let event: StructuredEvent = serde_json::from_slice(body)
            .map_err(|error| Problem::malformed(format!("not a CloudEvent: {error}")))?;
        check([("id", &event.id), ("source", &event.source), ("type", &event.kind)])?;
        check_version(&event.specversion)?;
        let kind = event.datacontenttype.as_deref().unwrap_or("application/json");
        let format = match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => Format::Json,
            "application/x-protobuf" | "application/protobuf" => Format::Protobuf,
            _ => {
                let detail =
                    format!("unsupported datacontenttype {kind}; use JSON or Protocol Buffers");
                return Err(Problem::malformed(detail));
            }
        };
        let message = match (event.data, event.data_base64) {
            (Some(data), None) if format == Format::Json => data.get().to_owned().into(),
            (None, Some(text)) => STANDARD
                .decode(text)
                .map_err(|error| Problem::malformed(format!("data_base64: {error}")))?
                .into(),
            _ => {
                return Err(Problem::malformed(
                    "the message is missing; use `data` for JSON, otherwise `data_base64`",
                ));
            }
        };
        Ok((Self { id: event.id }, message, format))
    }

    /// Adds the headers of the event that answers this one.
    pub(super) fn add_headers(&self, model: &str, headers: &mut HeaderMap) {
        for (name, value) in self.attributes(model) {
            let name = format!("ce-{name}");
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(&percent_encode(&value)),
            ) {
                headers.insert(name, value);
            }
        }
    }

    /// The event that answers this one, with the outcome in it.
    pub(super) fn wrap(&self, model: &str, trace: &TraceContext, outcome: &[u8]) -> Vec<u8> {
        let attributes = self.attributes(model).into_iter();
        let mut event: Map<String, Value> =
            attributes.map(|(name, value)| (name.to_owned(), value.into())).collect();
        event.insert("datacontenttype".to_owned(), "application/json".into());
        event.insert("traceparent".to_owned(), trace.span.traceparent().into());
        // Whatever order serde_json keeps.
        event.sort_keys();
        let mut text = Value::Object(event).to_string().into_bytes();
        text.pop();
        text.extend_from_slice(b",\"data\":");
        text.extend_from_slice(outcome);
        text.push(b'}');
        text
    }

    /// The attributes of the answer. Its id depends on the received id only, since equal events have
    /// equal answers.
    fn attributes(&self, model: &str) -> [(&'static str, String); 4] {
        [
            ("specversion", "1.0".to_owned()),
            ("id", format!("{}:{model}", self.id)),
            ("source", routes::of_model(model)),
            ("type", TYPE.to_owned()),
        ]
    }
}

fn check(attributes: [(&str, &str); 3]) -> Result<(), Problem> {
    match attributes.iter().find(|(_, value)| value.is_empty()) {
        None => Ok(()),
        Some((name, _)) => Err(Problem::malformed(format!("the CloudEvent has no {name}"))),
    }
}

fn check_version(version: &str) -> Result<(), Problem> {
    if version == "1.0" {
        return Ok(());
    }
    Err(Problem::malformed(format!("CloudEvents version {version:?} is not supported; use 1.0")))
}

/// Encodes text for a header value, as the HTTP binding of `CloudEvents` and gRPC do.
pub(super) fn percent_encode(text: &str) -> String {
    utf8_percent_encode(text, HEADER_VALUE).to_string()
}
