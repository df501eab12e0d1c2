//! What goes between the service and its model processes, in addition to what all model processes have
//! in common.

use athena_core::environment::Variables;
use athena_core::invoke::Failure;
use athena_core::outcome::{ErrorOutcome, Outcome};
use athena_protocol::Format;
use athena_structure::MessageError;
use athena_telemetry::SpanContext;
use serde::{Deserialize, Serialize};

use super::trace_context::TraceContext;

/// The settings of a model process.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct ProcessSettings {
    /// Each model's id, and its variables as they were set when the service began.
    pub(super) models: Vec<(String, Variables)>,
    pub(super) overridable: bool,
}

/// How a call ended.
pub(super) type Handled = (Outcome, Result<(), Failure>);

/// The formats of a message and of its outcome, and the request that it belongs to, as bytes.
pub(super) fn write_meta(from: Format, to: Format, trace: &TraceContext) -> Vec<u8> {
    let mut meta = vec![format_code(from), format_code(to)];
    meta.extend_from_slice(trace.span.traceparent().as_bytes());
    meta.push(b' ');
    meta.extend_from_slice(trace.request_id().as_bytes());
    meta
}

/// `None` if the bytes are not such a text.
pub(super) fn read_meta(meta: &[u8]) -> Option<(Format, Format, TraceContext)> {
    let (&[from, to], rest) = meta.split_first_chunk()?;
    let (traceparent, request_id) = std::str::from_utf8(rest).ok()?.split_once(' ')?;
    let span = SpanContext::parse(traceparent, "")?;
    let trace = TraceContext::remote(request_id, span);
    Some((format_of(from)?, format_of(to)?, trace))
}

const FORMATS: [Format; 2] = [Format::Json, Format::Protobuf];

fn format_code(format: Format) -> u8 {
    u8::from(format == Format::Protobuf)
}

fn format_of(code: u8) -> Option<Format> {
    FORMATS.get(usize::from(code)).copied()
}

/// The status of a response, and the kinds of failures.
const OUTCOME: u8 = 0;
const MESSAGE: u8 = 1;
const PANIC: u8 = 2;
const UNWRITABLE: u8 = 3;

/// The status of how a call ended.
pub(super) fn status(ran: &Result<(), Failure>) -> u8 {
    match ran {
        Ok(()) => OUTCOME,
        Err(Failure::Message(_)) => MESSAGE,
        Err(Failure::Panic(_)) => PANIC,
        Err(Failure::Outcome(_)) => UNWRITABLE,
    }
}

/// Appends how a call ended.
pub(super) fn write(outcome: &Outcome, ran: &Result<(), Failure>, out: &mut Vec<u8>) {
    match ran {
        Ok(()) => write_outcome(outcome, out),
        Err(Failure::Panic(text)) => out.extend_from_slice(text.as_bytes()),
        Err(Failure::Message(error) | Failure::Outcome(error)) => {
            let MessageError { pointer, line, column, reason, .. } = error;
            // Texts and numbers can always be written.
            let _ = serde_json::to_writer(out, &(pointer, line, column, reason));
        }
    }
}

fn write_outcome(outcome: &Outcome, out: &mut Vec<u8>) {
    let error = outcome.error.as_ref().map(|error| serde_json::to_vec(error).unwrap_or_default());
    let error = error.unwrap_or_default();
    out.extend_from_slice(&(error.len() as u64).to_le_bytes());
    out.extend_from_slice(&error);
    for message in outcome.raw_messages() {
        out.extend_from_slice(&(message.len() as u64).to_le_bytes());
        out.extend_from_slice(message);
    }
}

/// Reads how a call ended; `None` if the bytes don't say so.
pub(super) fn read(status: u8, body: &[u8], format: Format) -> Option<Handled> {
    let text = || std::str::from_utf8(body).ok().map(str::to_owned);
    let error = || {
        let (pointer, line, column, reason): (String, usize, usize, String) =
            serde_json::from_slice(body).ok()?;
        let mut error = MessageError::new(pointer, reason);
        (error.line, error.column) = (line, column);
        Some(error)
    };
    let failure = match status {
        OUTCOME => return Some((read_outcome(body, format)?, Ok(()))),
        MESSAGE => Failure::Message(error()?),
        PANIC => Failure::Panic(text()?),
        UNWRITABLE => Failure::Outcome(error()?),
        _ => return None,
    };
    Some((Outcome::new(format), Err(failure)))
}

fn read_outcome(mut body: &[u8], format: Format) -> Option<Outcome> {
    let mut outcome = Outcome::new(format);
    let error = take(&mut body)?;
    if !error.is_empty() {
        outcome.error = Some(serde_json::from_slice::<ErrorOutcome>(error).ok()?);
    }
    while !body.is_empty() {
        outcome.add(take(&mut body)?);
    }
    Some(outcome)
}

/// Takes bytes that follow their length.
fn take<'a>(body: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = body.split_first_chunk()?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
    let (bytes, rest) = rest.split_at_checked(length)?;
    *body = rest;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_read_back_as_they_ended() {
        let mut many = Outcome::new(Format::Json);
        many.add(b"{}");
        many.add(b"");
        many.error = Some(ErrorOutcome { kind: "E".to_owned(), message: "no\n".to_owned() });
        let mut at = MessageError::new("/a", "wrong");
        (at.line, at.column) = (3, 7);
        let empty = || Outcome::new(Format::Json);
        for (outcome, ran) in [
            (many, Ok(())),
            (empty(), Ok(())),
            (empty(), Err(Failure::Message(at.clone()))),
            (empty(), Err(Failure::Panic("poison".to_owned()))),
            (empty(), Err(Failure::Outcome(at))),
        ] {
            let mut bytes = Vec::new();
            write(&outcome, &ran, &mut bytes);
            assert_eq!(read(status(&ran), &bytes, Format::Json), Some((outcome, ran)));
        }
        assert_eq!(read(OUTCOME, b"", Format::Json), None);
        assert_eq!(read(9, b"", Format::Json), None);
    }
}
