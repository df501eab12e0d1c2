//! CloudEvents 1.0 over HTTP: attributes as headers (binary), or event and message as one JSON
//! object (structured).

use std::fmt::Write as _;

use athena_protocol::Format;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::ids::Ids;
use super::problem::Problem;

/// What an outcome is called.
const TYPE: &str = "athena.outcome";

/// An event that came in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Event {
    id: String,
}

#[derive(Deserialize)]
struct Structured {
    specversion: String,
    id: String,
    source: String,
    #[serde(rename = "type")]
    kind: String,
    datacontenttype: Option<String>,
    data: Option<Box<RawValue>>,
    data_base64: Option<String>,
}

impl Event {
    /// The event whose attributes are headers; none where there are no such headers.
    ///
    /// # Errors
    ///
    /// 400: an attribute that every event has is missing.
    pub(super) fn binary(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let get = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default()
        };
        if !headers.contains_key("ce-specversion") && !headers.contains_key("ce-id") {
            return Ok(None);
        }
        check([
            ("ce-id", get("ce-id")),
            ("ce-source", get("ce-source")),
            ("ce-type", get("ce-type")),
        ])?;
        check_version(get("ce-specversion"))?;
        Ok(Some(Self { id: get("ce-id").to_owned() }))
    }

    /// The event that a body is, its message and how that is written.
    ///
    /// # Errors
    ///
    /// 400: no event, or none with a message.
    pub(super) fn structured(body: &[u8]) -> Result<(Self, Bytes, Format), Problem> {
        let event: Structured = serde_json::from_slice(body)
            .map_err(|error| Problem::malformed(format!("no CloudEvent: {error}")))?;
        check([("id", &event.id), ("source", &event.source), ("type", &event.kind)])?;
        check_version(&event.specversion)?;
        let kind = event.datacontenttype.as_deref().unwrap_or("application/json");
        let format = match kind.split(';').next().unwrap_or_default().trim() {
            "application/json" => Format::Json,
            "application/x-protobuf" | "application/protobuf" => Format::Protobuf,
            _ => {
                let detail = format!("datacontenttype is {kind}: a message is JSON or protobuf");
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
                    "the message is `data` where it is JSON, or else `data_base64`",
                ));
            }
        };
        Ok((Self { id: event.id }, message, format))
    }

    /// The headers of the event that answers this one.
    pub(super) fn headers(&self, model: &str, headers: &mut HeaderMap) {
        for (name, value) in self.attributes(model) {
            let name = format!("ce-{name}");
            if let (Ok(name), Ok(value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(&percent_encoded(&value)),
            ) {
                headers.insert(name, value);
            }
        }
    }

    /// The event that answers this one, with the outcome in it.
    pub(super) fn wrap(&self, model: &str, ids: &Ids, outcome: &[u8]) -> Vec<u8> {
        let attributes = self.attributes(model).into_iter();
        let mut event: Map<String, Value> =
            attributes.map(|(name, value)| (name.to_owned(), value.into())).collect();
        event.insert("datacontenttype".to_owned(), "application/json".into());
        event.insert("traceparent".to_owned(), ids.traceparent.as_str().into());
        let mut text = Value::Object(event).to_string().into_bytes();
        text.pop();
        text.extend_from_slice(b",\"data\":");
        text.extend_from_slice(outcome);
        text.push(b'}');
        text
    }

    /// The same event has the same answer, so its id is made of what came in.
    fn attributes(&self, model: &str) -> [(&'static str, String); 4] {
        [
            ("specversion", "1.0".to_owned()),
            ("id", format!("{}:{model}", self.id)),
            ("source", format!("/models/{model}")),
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
    Err(Problem::malformed(format!("CloudEvents {version:?} is not known, 1.0 is")))
}

/// As the HTTP binding wants header values: blanks, quotes, percent signs and all beyond ASCII.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
