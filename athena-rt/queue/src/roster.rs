//! The models of a worker, by the names that messages call them.

use std::collections::HashMap;

use athena_protocol::Format;
use serde_json::value::RawValue;

use super::pipe::{Orders, frame as framed};
use crate::letter::{Kind, Letter};
use athena_cases::case::CaseOutcome;
use athena_cases::frame;
use athena_core::outcome::Outcome;
use athena_core::registry::Registry;
use athena_engine::bound_model::Deployed;

pub(super) struct Roster {
    registry: Registry,
    models: Vec<Deployed>,
    orders: Orders,
    /// Names that were found before.
    known: HashMap<String, u16>,
}

impl Roster {
    /// The models, and what their processes are told but for these.
    pub(super) fn new(registry: Registry, models: Vec<Deployed>, mut orders: Orders) -> Self {
        let told = |model: &Deployed| (model.id().to_owned(), model.set().clone());
        orders.models = models.iter().map(told).collect();
        Self { registry, models, orders, known: HashMap::new() }
    }

    /// What every process is told first.
    pub(super) fn orders(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Texts and numbers: nothing in them can't be written.
        framed(&mut bytes, |out| drop(serde_json::to_writer(out, &self.orders)));
        bytes
    }

    /// The place of the model that a message names, or of the only one.
    pub(super) fn find(&mut self, name: &str) -> Result<u16, String> {
        if let Some(place) = self.known.get(name) {
            return Ok(*place);
        }
        let place = match (name, &self.models[..]) {
            ("", [_]) => 0,
            ("", _) => return Err("it names no model, and here are several".to_owned()),
            _ => {
                let entry = self.registry.find(name).map_err(|error| error.to_string())?;
                let place = self.models.iter().position(|model| model.id() == entry.id);
                place.ok_or_else(|| format!("{} is not run here", entry.id))?
            }
        };
        let place = u16::try_from(place).map_err(|_| "too many models".to_owned())?;
        self.known.insert(name.to_owned(), place);
        Ok(place)
    }

    pub(super) fn id(&self, place: u16) -> &str {
        self.models.get(usize::from(place)).map_or("", Deployed::id)
    }

    /// Keeps a message and its outcome as a case, where that was asked for.
    pub(super) fn capture(&self, place: u16, message: &Letter, outcome: &Letter) {
        if let Some(model) = self.models.get(usize::from(place)) {
            model.keep(&message.bytes, message.format, || read(outcome, model.is_many()));
        }
    }
}

/// An outcome as a process has written it; none where not all of it travels.
fn read(letter: &Letter, many: bool) -> Option<Outcome> {
    let mut outcome = Outcome::new(letter.format);
    match (letter.kind, letter.format) {
        (Kind::Message, _) => return None,
        (Kind::Output, _) => outcome.add(&letter.bytes),
        (Kind::Outputs, Format::Json) => {
            let messages: Vec<&RawValue> = serde_json::from_slice(&letter.bytes).ok()?;
            for message in messages {
                outcome.add(message.get().as_bytes());
            }
        }
        (Kind::Outputs, Format::Protobuf) => {
            for message in frame::messages(&letter.bytes, Format::Protobuf) {
                outcome.add(message.ok()?);
            }
        }
        // The states before it don't go with it.
        (Kind::Error, Format::Protobuf) if many => return None,
        (Kind::Error, _) => {
            let text = std::str::from_utf8(&letter.bytes).ok()?;
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

    fn read(kind: Kind, format: Format, bytes: &[u8], many: bool) -> Option<CaseOutcome> {
        let letter = Letter { kind, format, bytes: bytes.to_vec(), ..Letter::default() };
        super::read(&letter, many).map(|outcome| CaseOutcome::new(many, &outcome))
    }

    #[test]
    fn an_outcome_is_read_back_as_a_process_has_written_it() {
        let json = |kind, text: &str, many| {
            read(kind, Format::Json, text.as_bytes(), many).map(|it| it.to_text().unwrap())
        };
        let cases = [
            (Kind::Output, r#"{"a":1.50}"#, false, r#"{"output":{"a":1.50}}"#),
            (Kind::Outputs, r#"[{"a":1},{"a":2}]"#, true, r#"{"outputs":[{"a":1},{"a":2}]}"#),
            (Kind::Outputs, "[]", true, r#"{"outputs":[]}"#),
        ];
        for (kind, written, many, wanted) in cases {
            assert_eq!(json(kind, written, many).unwrap(), wanted);
        }
        let error = r#""error":{"kind":"E","message":"no"}"#;
        let one = format!("{{{error}}}");
        assert_eq!(json(Kind::Error, &one, false).unwrap(), one);
        let many = format!("{{\"outputs\":[{{\"a\":1}}],{error}}}");
        assert_eq!(json(Kind::Error, &many, true).unwrap(), many);
        assert_eq!(json(Kind::Outputs, "[", true), None);
    }

    #[test]
    fn what_does_not_travel_whole_is_no_outcome() {
        let error = br#"{"error":{"kind":"E","message":"no"}}"#;
        assert!(read(Kind::Error, Format::Protobuf, error, false).is_some());
        assert!(read(Kind::Error, Format::Protobuf, error, true).is_none());
        let cut = read(Kind::Outputs, Format::Protobuf, &[2, b'a', b'b', 1], true);
        assert!(cut.is_none());
    }
}
