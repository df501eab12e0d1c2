//! Envelopes: a message, an outcome or a dead letter on its way through a broker, with its headers.

use std::borrow::Cow;
use std::fmt;

use athena_protocol::Format;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde::{Serialize, Serializer};

use athena_core::error::{Error, Result};
use athena_telemetry::{SpanContext, context};

/// The unit that brokers carry: bytes and headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Envelope {
    /// The sender's id; for an outcome, `<message id>:<model>`. Producers deduplicate by it.
    pub id: String,
    /// The model's id or the end of it. Empty if the sender named no model.
    pub model: String,
    /// What `bytes` are.
    pub kind: PayloadKind,
    /// The format of `bytes`.
    pub format: Format,
    /// W3C `traceparent`.
    pub trace: String,
    /// W3C `tracestate`.
    pub trace_state: String,
    /// Why a dead letter failed.
    pub reason: String,
    /// How many attempts of a dead letter failed.
    pub failures: u32,
    /// The content: a message or an outcome.
    pub bytes: Vec<u8>,
}

/// The content of an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadKind {
    /// A message to a model.
    #[default]
    Message,
    /// The state that a model returned.
    Output,
    /// The states of a model that returns any number of them: a JSON array, or length-delimited
    /// Protocol Buffers.
    Outputs,
    /// `{"error":{"kind":..,"message":..}}`, with the states before it in `outputs` if the model
    /// returns any number of them.
    Error,
}

impl PayloadKind {
    const ALL: [Self; 4] = [Self::Message, Self::Output, Self::Outputs, Self::Error];

    fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Output => "output",
            Self::Outputs => "outputs",
            Self::Error => "error",
        }
    }
}

const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";

/// The headers of an envelope. Empty ones are not written.
pub(crate) const ID: &str = "athena-id";
const MODEL: &str = "athena-model";
const KIND: &str = "athena-kind";
pub(crate) const CONTENT: &str = "content-type";
const TRACE: &str = context::TRACEPARENT;
const TRACE_STATE: &str = context::TRACESTATE;
const REASON: &str = "athena-reason";
const TRIES: &str = "athena-tries";

impl Envelope {
    /// A message in JSON, for the only model of a worker. All other fields are empty.
    pub fn new(id: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { id: id.into(), bytes: bytes.into(), ..Self::default() }
    }

    /// The id in hexadecimal digits: a name that every file system and every client takes, in the order of the ids.
    pub fn key(&self) -> String {
        let digits = self.id.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
    }

    /// The span that sent it, if its headers are valid.
    pub(crate) fn span(&self) -> Option<SpanContext> {
        SpanContext::parse(&self.trace, &self.trace_state)
    }

    /// Sends it as this span.
    pub(crate) fn set_span(&mut self, span: &SpanContext) {
        span.traceparent().clone_into(&mut self.trace);
        span.tracestate().clone_into(&mut self.trace_state);
    }

    /// The message of a dead letter, as it was before it failed.
    #[must_use]
    pub fn revived(&self) -> Self {
        Self { reason: String::new(), failures: 0, ..self.clone() }
    }

    /// The envelope as bytes, for a broker without headers: the headers as JSON on one line, then the
    /// content.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.headers_to_json().into_bytes();
        bytes.push(b'\n');
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote.
    ///
    /// # Errors
    ///
    /// The bytes don't start with a line of headers.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let line = bytes.iter().position(|byte| *byte == b'\n');
        let line = line.ok_or_else(|| Error::failure("an envelope has no line of headers"))?;
        Self::from_json_headers(&bytes[..line], bytes[line + 1..].to_vec())
    }

    /// The headers as a JSON object on one line.
    pub fn headers_to_json(&self) -> String {
        // Of strings, which can't fail.
        serde_json::to_string(&HeadersOf(self)).unwrap_or_default()
    }

    /// An envelope of what [`headers_to_json`](Self::headers_to_json) wrote, and its content.
    ///
    /// # Errors
    ///
    /// The headers are not a JSON object of strings.
    pub fn from_json_headers(headers: &[u8], bytes: Vec<u8>) -> Result<Self> {
        let mut parser = serde_json::Deserializer::from_slice(headers);
        let read = parser.deserialize_map(HeadersVisitor(Self { bytes, ..Self::default() }));
        read.and_then(|envelope| parser.end().map(|()| envelope))
            .map_err(|error| Error::failure(format!("the headers of an envelope: {error}")))
    }

    /// The headers that are not empty.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.borrowed_headers().map(|(name, value)| (name, value.into_owned()))
    }

    fn borrowed_headers(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let content = match self.format {
            Format::Json => JSON,
            Format::Protobuf => PROTOBUF,
        };
        let failures = if self.failures > 0 { self.failures.to_string() } else { String::new() };
        let kind = if self.kind == PayloadKind::Message { "" } else { self.kind.name() };
        [
            (ID, Cow::from(&self.id)),
            (MODEL, Cow::from(&self.model)),
            (KIND, Cow::from(kind)),
            (CONTENT, Cow::from(content)),
            (TRACE, Cow::from(&self.trace)),
            (TRACE_STATE, Cow::from(&self.trace_state)),
            (REASON, Cow::from(&self.reason)),
            (TRIES, Cow::from(failures)),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
    }

    /// Reads a header, whatever its case. Unknown headers are ignored.
    pub fn read_header(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is(ID) {
            value.clone_into(&mut self.id);
        } else if is(MODEL) {
            value.clone_into(&mut self.model);
        } else if is(KIND) {
            let known = PayloadKind::ALL.into_iter().find(|kind| kind.name() == value);
            self.kind = known.unwrap_or_default();
        } else if is(CONTENT) {
            let is_protobuf = value.contains("protobuf");
            self.format = if is_protobuf { Format::Protobuf } else { Format::Json };
        } else if is(TRACE) {
            value.clone_into(&mut self.trace);
        } else if is(TRACE_STATE) {
            value.clone_into(&mut self.trace_state);
        } else if is(REASON) {
            value.clone_into(&mut self.reason);
        } else if is(TRIES) {
            self.failures = value.parse().unwrap_or_default();
        }
    }
}

/// The headers of an envelope, to be written as JSON.
struct HeadersOf<'a>(&'a Envelope);

impl Serialize for HeadersOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.borrowed_headers())
    }
}

/// Reads headers into an envelope.
struct HeadersVisitor(Envelope);

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of strings")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Envelope, A::Error> {
        let Self(mut envelope) = self;
        while let Some((name, value)) = map.next_entry::<Cow<'_, str>, Cow<'_, str>>()? {
            envelope.read_header(&name, &value);
        }
        Ok(envelope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_back() {
        let envelope = Envelope {
            id: "7-1:a::b".to_owned(),
            model: "a::b".to_owned(),
            kind: PayloadKind::Error,
            format: Format::Protobuf,
            trace: "00-1-2-01".to_owned(),
            trace_state: "vendor=1".to_owned(),
            reason: "it panicked".to_owned(),
            failures: 3,
            bytes: Vec::new(),
        };
        let mut read = Envelope::default();
        for (name, value) in envelope.headers() {
            read.read_header(&name.to_uppercase(), &value);
        }
        assert_eq!(read, envelope);
        let several = Envelope { reason: "a\nb".to_owned(), bytes: b"\n1\n".to_vec(), ..envelope };
        assert_eq!(Envelope::from_bytes(&several.to_bytes()), Ok(several));
        assert!(Envelope::from_bytes(b"{}").is_err());
        for wrong in ["[]", "{} {}", r#"{"athena-id":7}"#, r#"{"athena-id":"7""#] {
            assert!(Envelope::from_json_headers(wrong.as_bytes(), Vec::new()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_of_hexadecimal_digits() {
        assert_eq!(Envelope::new("7/é", "").key(), "372fc3a9");
        assert_eq!(Envelope::new("", "").key(), "");
    }

    #[test]
    fn empty_headers_are_not_written() {
        let headers: Vec<_> = Envelope::default().headers().collect();
        assert_eq!(headers, [(CONTENT, JSON.to_owned())]);
    }
}
