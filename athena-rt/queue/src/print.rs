//! Prints envelopes as lines of JSON.

use athena_protocol::Format;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::envelope::{Envelope, PayloadKind};
use athena_cases::message_stream;
use athena_core::registry::{Entry, Registry};
use athena_protocol::json::text::compact;
use athena_structure::base64;

/// The content of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineContent {
    /// Only the outcome.
    Outcome,
    /// The message with its id, model, reason and failed attempts.
    DeadLetter,
}

/// Appends a line.
pub(super) fn line(
    registry: &Registry,
    envelope: &Envelope,
    content: LineContent,
    out: &mut Vec<u8>,
) {
    match content {
        LineContent::Outcome => outcome(registry, envelope, out),
        LineContent::DeadLetter => dead(registry, envelope, out),
    }
    out.push(b'\n');
}

fn outcome(registry: &Registry, envelope: &Envelope, out: &mut Vec<u8>) {
    if is_line(envelope) {
        out.extend_from_slice(&envelope.bytes);
    } else if let Some(json) = json(registry, envelope) {
        out.extend_from_slice(json.as_bytes());
    } else {
        // The model is not in this program, or another program sent the outcome.
        let key = match envelope.format {
            Format::Json => "text",
            Format::Protobuf => "protobuf",
        };
        object(out, &[("model", quoted(&envelope.model)), (key, unread(envelope))]);
    }
}

fn dead(registry: &Registry, envelope: &Envelope, out: &mut Vec<u8>) {
    let message = json(registry, envelope).unwrap_or_else(|| unread(envelope));
    object(
        out,
        &[
            ("model", quoted(&envelope.model)),
            ("id", quoted(&envelope.id)),
            ("tries", envelope.failures.to_string()),
            ("reason", quoted(&envelope.reason)),
            ("message", message),
        ],
    );
}

/// Whether the bytes are JSON on one line, as a worker writes them.
fn is_line(envelope: &Envelope) -> bool {
    let is_json = envelope.format == Format::Json || envelope.kind == PayloadKind::Error;
    is_json
        && !envelope.bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r'))
        && serde_json::from_slice::<&RawValue>(&envelope.bytes).is_ok()
}

/// An envelope's content as JSON on one line, if it can be read.
fn json(registry: &Registry, envelope: &Envelope) -> Option<String> {
    if envelope.format == Format::Json || envelope.kind == PayloadKind::Error {
        let text = std::str::from_utf8(&envelope.bytes).ok()?;
        return serde_json::from_str::<&RawValue>(text).ok().map(|json| compact(json.get()));
    }
    let entry: &Entry = registry.find(&envelope.model).ok()?;
    let state = |bytes: &[u8]| entry.model.output_to_json(bytes).ok();
    match envelope.kind {
        PayloadKind::Message => entry.model.to_json(&envelope.bytes).ok(),
        PayloadKind::Outputs => {
            let states: Option<Vec<String>> =
                message_stream::messages(&envelope.bytes, Format::Protobuf)
                    .map(|message| message.ok().and_then(state))
                    .collect();
            states.map(|states| format!("[{}]", states.join(",")))
        }
        PayloadKind::Output | PayloadKind::Error => state(&envelope.bytes),
    }
}

/// Bytes that are not JSON, as text or base64.
fn unread(envelope: &Envelope) -> String {
    match (envelope.format, std::str::from_utf8(&envelope.bytes)) {
        (Format::Json, Ok(text)) => quoted(text),
        _ => quoted(&base64(&envelope.bytes)),
    }
}

fn object(out: &mut Vec<u8>, fields: &[(&str, String)]) {
    for (at, (name, json)) in fields.iter().enumerate() {
        out.push(if at == 0 { b'{' } else { b',' });
        out.extend_from_slice(format!("\"{name}\":{json}").as_bytes());
    }
    out.push(b'}');
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::models::registry;

    fn shown(content: LineContent, envelope: &Envelope) -> String {
        let mut out = Vec::new();
        line(&registry(), envelope, content, &mut out);
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with('\n') && text.lines().count() == 1, "{text:?}");
        text.trim_end().to_owned()
    }

    fn envelope(kind: PayloadKind, format: Format, bytes: &[u8]) -> Envelope {
        Envelope {
            id: "7".to_owned(),
            model: "double".to_owned(),
            kind,
            format,
            bytes: bytes.to_vec(),
            ..Envelope::default()
        }
    }

    #[test]
    fn an_outcome_is_printed_as_it_is() {
        let error = br#"{"error":{"kind":"E","message":"no"}}"#;
        for (kind, bytes) in [
            (PayloadKind::Output, &br#"{"value":1}"#[..]),
            (PayloadKind::Outputs, br#"[{"value":1},{"value":2}]"#),
            (PayloadKind::Error, error),
        ] {
            let printed = shown(LineContent::Outcome, &envelope(kind, Format::Json, bytes));
            assert_eq!(printed.as_bytes(), bytes);
        }
        // An error is JSON, whatever the states are.
        let printed =
            shown(LineContent::Outcome, &envelope(PayloadKind::Error, Format::Protobuf, error));
        assert_eq!(printed.as_bytes(), error);
    }

    #[test]
    fn an_outcome_on_several_lines_is_printed_on_one() {
        let laid_out = envelope(PayloadKind::Output, Format::Json, b"{\n  \"value\": 1.50\r\n}\n");
        assert_eq!(shown(LineContent::Outcome, &laid_out), r#"{"value":1.50}"#);
    }

    #[test]
    fn protocol_buffers_are_printed_as_json_where_the_model_is_known() {
        let one = envelope(PayloadKind::Output, Format::Protobuf, &[0x08, 1]);
        assert_eq!(shown(LineContent::Outcome, &one), r#"{"value":1}"#);
        let two = envelope(PayloadKind::Outputs, Format::Protobuf, &[2, 0x08, 1, 2, 0x08, 2]);
        assert_eq!(shown(LineContent::Outcome, &two), r#"[{"value":1},{"value":2}]"#);
        let none = envelope(PayloadKind::Outputs, Format::Protobuf, &[]);
        assert_eq!(shown(LineContent::Outcome, &none), "[]");
        let unknown = Envelope { model: "gone::\"triple\"".to_owned(), ..one };
        let wanted = r#"{"model":"gone::\"triple\"","protobuf":"CAE="}"#;
        assert_eq!(shown(LineContent::Outcome, &unknown), wanted);
        let torn = envelope(PayloadKind::Outputs, Format::Protobuf, &[2, 0x08]);
        assert_eq!(shown(LineContent::Outcome, &torn), r#"{"model":"double","protobuf":"Agg="}"#);
    }

    #[test]
    fn text_that_is_not_json_is_marked() {
        let text = envelope(PayloadKind::Output, Format::Json, b"no\njson");
        assert_eq!(shown(LineContent::Outcome, &text), r#"{"model":"double","text":"no\njson"}"#);
    }

    #[test]
    fn a_dead_letter_has_its_reason_and_its_message() {
        let dead = |format, bytes: &[u8]| {
            let envelope = envelope(PayloadKind::Message, format, bytes);
            let reason = "it \"panicked\"".to_owned();
            shown(LineContent::DeadLetter, &Envelope { failures: 3, reason, ..envelope })
        };
        let about = r#"{"model":"double","id":"7","tries":3,"reason":"it \"panicked\"","message":"#;
        for (format, bytes, message) in [
            (Format::Json, &b"{\n\"value\": 1}"[..], r#"{"value":1}"#),
            (Format::Json, b"nonsense", r#""nonsense""#),
            (Format::Json, &[0xff], r#""/w==""#),
            (Format::Protobuf, &[0x08, 1], r#"{"value":1}"#),
            (Format::Protobuf, &[0x08], r#""CA==""#),
        ] {
            assert_eq!(dead(format, bytes), format!("{about}{message}}}"));
        }
    }
}
