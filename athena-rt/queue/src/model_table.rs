//! The models of a worker, found by the names in messages.

use std::collections::HashMap;

use athena_protocol::Format;
use serde_json::value::RawValue;

use super::ipc::ProcessSettings;
use crate::envelope::{Envelope, PayloadKind};
use athena_cases::case::CaseOutcome;
use athena_cases::message_stream;
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_engine::bound_model::BoundModel;

pub(super) struct ModelTable {
    registry: Registry,
    models: Vec<BoundModel>,
    /// Cache of names that were resolved.
    known_names: HashMap<String, u16>,
}

impl ModelTable {
    pub(super) fn new(registry: Registry, models: Vec<BoundModel>) -> Self {
        Self { registry, models, known_names: HashMap::new() }
    }

    /// The settings for each process. `overridable`: whether a message may set variables.
    pub(super) fn settings(&self, overridable: bool) -> ProcessSettings {
        let settings = |model: &BoundModel| (model.id().to_owned(), model.set_variables().clone());
        ProcessSettings { models: self.models.iter().map(settings).collect(), overridable }
    }

    /// The index of the model that a message names, or of the only model.
    pub(super) fn find(&mut self, name: &str) -> Result<u16, String> {
        if let Some(index) = self.known_names.get(name) {
            return Ok(*index);
        }
        let index = match (name, &self.models[..]) {
            ("", [_]) => 0,
            ("", _) => return Err("it names no model, and this worker runs several".to_owned()),
            _ => {
                let entry = self.registry.find(name).map_err(|error| error.to_string())?;
                let index = self.models.iter().position(|model| model.id() == entry.id);
                index.ok_or_else(|| format!("this worker does not run {}", entry.id))?
            }
        };
        let index =
            u16::try_from(index).map_err(|_| "the worker has too many models".to_owned())?;
        self.known_names.insert(name.to_owned(), index);
        Ok(index)
    }

    pub(super) fn id(&self, index: u16) -> &str {
        self.models.get(usize::from(index)).map_or("", BoundModel::id)
    }

    /// Captures a message and its outcome as a case, if configured.
    pub(super) fn capture(&self, index: u16, message: &Envelope, outcome: &Envelope) {
        if let Some(model) = self.models.get(usize::from(index)) {
            model.capture_remote_result(&message.bytes, message.format, || {
                read(outcome, model.is_many())
            });
        }
    }
}

/// Reads an outcome as a process writes it. `None` if the envelope does not contain all of it.
fn read(envelope: &Envelope, many: bool) -> Option<Outcome> {
    let mut outcome = Outcome::new(envelope.format);
    match (envelope.kind, envelope.format) {
        (PayloadKind::Message, _) => return None,
        (PayloadKind::Output, _) => outcome.add(&envelope.bytes),
        (PayloadKind::Outputs, Format::Json) => {
            let messages: Vec<&RawValue> = serde_json::from_slice(&envelope.bytes).ok()?;
            for message in messages {
                outcome.add(message.get().as_bytes());
            }
        }
        (PayloadKind::Outputs, Format::Protobuf) => {
            for message in message_stream::messages(&envelope.bytes, Format::Protobuf) {
                outcome.add(message.ok()?);
            }
        }
        // The states before the error are not sent.
        (PayloadKind::Error, Format::Protobuf) if many => return None,
        (PayloadKind::Error, _) => {
            let text = std::str::from_utf8(&envelope.bytes).ok()?;
            let CaseOutcome { messages, error, .. } = CaseOutcome::from_text(text, many).ok()?;
            for message in messages {
                outcome.add(message.as_bytes());
            }
            outcome.error = error;
        }
    }
    Some(outcome)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn read(kind: PayloadKind, format: Format, bytes: &[u8], many: bool) -> Option<CaseOutcome> {
        let envelope = Envelope { kind, format, bytes: bytes.to_vec(), ..Envelope::default() };
        super::read(&envelope, many).map(|outcome| CaseOutcome::new(many, &outcome))
    }

    #[test]
    fn an_outcome_is_read_back_as_a_process_has_written_it() {
        let json = |kind, text: &str, many| {
            read(kind, Format::Json, text.as_bytes(), many).map(|it| it.to_text().unwrap())
        };
        let cases = [
            (PayloadKind::Output, r#"{"a":1.50}"#, false, r#"{"output":{"a":1.50}}"#),
            (
                PayloadKind::Outputs,
                r#"[{"a":1},{"a":2}]"#,
                true,
                r#"{"outputs":[{"a":1},{"a":2}]}"#,
            ),
            (PayloadKind::Outputs, "[]", true, r#"{"outputs":[]}"#),
        ];
        for (kind, written, many, wanted) in cases {
            assert_eq!(json(kind, written, many).unwrap(), wanted);
        }
        let error = r#""error":{"kind":"E","message":"no"}"#;
        let one = format!("{{{error}}}");
        assert_eq!(json(PayloadKind::Error, &one, false).unwrap(), one);
        let many = format!("{{\"outputs\":[{{\"a\":1}}],{error}}}");
        assert_eq!(json(PayloadKind::Error, &many, true).unwrap(), many);
        assert_eq!(json(PayloadKind::Outputs, "[", true), None);
    }

    #[test]
    fn an_incomplete_outcome_is_not_captured() {
        let error = br#"{"error":{"kind":"E","message":"no"}}"#;
        assert!(read(PayloadKind::Error, Format::Protobuf, error, false).is_some());
        assert!(read(PayloadKind::Error, Format::Protobuf, error, true).is_none());
        let cut = read(PayloadKind::Outputs, Format::Protobuf, &[2, b'a', b'b', 1], true);
        assert!(cut.is_none());
    }
}
