//! Envelopes: a message, an outcome or a dead letter on its way through a broker, with its headers.

use athena_protocol::Format;

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
        let headers: serde_json::Map<_, _> =
            self.headers().map(|(name, value)| (name.to_owned(), value.into())).collect();
        serde_json::Value::Object(headers).to_string()
    }

    /// An envelope of what [`headers_to_json`](Self::headers_to_json) wrote, and its content.
    ///
    /// # Errors
    ///
    /// The headers are not a JSON object of strings.
    pub fn from_json_headers(headers: &[u8], bytes: Vec<u8>) -> Result<Self> {
        let headers: std::collections::BTreeMap<String, String> =
            serde_json::from_slice(headers)
                .map_err(|error| Error::failure(format!("the headers of an envelope: {error}")))?;
        let mut envelope = Self { bytes, ..Self::default() };
        for (name, value) in headers {
            envelope.read_header(&name, &value);
        }
        Ok(envelope)
    }

    /// The headers that are not empty.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let content = match self.format {
            Format::Json => JSON,
            Format::Protobuf => PROTOBUF,
        };
        let failures = if self.failures > 0 { self.failures.to_string() } else { String::new() };
        let kind = if self.kind == PayloadKind::Message { "" } else { self.kind.name() };
        [
            (ID, self.id.clone()),
            (MODEL, self.model.clone()),
            (KIND, kind.to_owned()),
            (CONTENT, content.to_owned()),
            (TRACE, self.trace.clone()),
            (TRACE_STATE, self.trace_state.clone()),
            (REASON, self.reason.clone()),
            (TRIES, failures),
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
