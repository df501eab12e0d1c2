//! Envelopes: a message, an outcome or a dead letter on its way through a broker, with its headers.

use athena_protocol::Format;

/// The unit that brokers carry: bytes and headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// The sender's id; for an outcome, `<message id>:<model>`. Producers deduplicate by it.
    pub id: String,
    /// The model's id or the end of it. Empty if the sender named no model.
    pub model: String,
    pub kind: PayloadKind,
    pub format: Format,
    /// W3C `traceparent`.
    pub trace: String,
    /// Why a dead letter failed.
    pub reason: String,
    /// How many attempts of a dead letter failed.
    pub failures: u32,
    pub bytes: Vec<u8>,
}

/// The content of an envelope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PayloadKind {
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
const CONTENT: &str = "content-type";
const TRACE: &str = "traceparent";
const REASON: &str = "athena-reason";
const TRIES: &str = "athena-tries";

impl Envelope {
    /// The headers that are not empty.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
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
            (REASON, self.reason.clone()),
            (TRIES, failures),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
    }

    /// Reads a header, whatever its case. Unknown headers are ignored.
    pub(crate) fn read_header(&mut self, name: &str, value: &str) {
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
            reason: "it panicked".to_owned(),
            failures: 3,
            bytes: Vec::new(),
        };
        let mut read = Envelope::default();
        for (name, value) in envelope.headers() {
            read.read_header(&name.to_uppercase(), &value);
        }
        assert_eq!(read, envelope);
    }

    #[test]
    fn empty_headers_are_not_written() {
        let headers: Vec<_> = Envelope::default().headers().collect();
        assert_eq!(headers, [(CONTENT, JSON.to_owned())]);
    }
}
