//! From a structure to bytes and back.

use std::cell::Cell;

use super::error::WireError;
use super::message::{self, Message};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;

// The most bytes that a thread keeps between two messages.
const KEPT: usize = 1 << 20;

thread_local! {
    static SCRATCH: Cell<Writer> = Cell::default();
}

/// The bytes of a message.
pub fn encode<M: Message>(message: &M) -> Vec<u8> {
    scratch(|writer| {
        message.encode_fields(writer);
        writer.as_slice().to_vec()
    })
}

/// Appends the bytes of a message.
pub fn encode_to<M: Message>(message: &M, out: &mut Vec<u8>) {
    scratch(|writer| {
        message.encode_fields(writer);
        out.extend_from_slice(writer.as_slice());
    });
}

/// Appends the bytes of a message, if all of its values can be written.
///
/// # Errors
///
/// A type of another crate refuses to be serialized, or a time or a path can't be in a message: [`encode`] and
/// [`encode_to`] leave it out. Nothing is appended.
pub fn try_encode_to<M: Message>(message: &M, out: &mut Vec<u8>) -> Result<(), WireError> {
    scratch(|writer| {
        message.encode_fields(writer);
        if let Some(reason) = writer.failure() {
            return Err(ErrorPosition::NONE.error(reason.to_owned()));
        }
        out.extend_from_slice(writer.as_slice());
        Ok(())
    })
}

/// Appends the bytes of a message behind their length, as streams of messages have them.
pub fn encode_delimited<M: Message>(message: &M, out: &mut Vec<u8>) {
    scratch(|writer| {
        message.encode_fields(writer);
        writer.varint(writer.len() as u64);
        out.extend_from_slice(writer.as_slice());
    });
}

/// Reads a message that is exactly `bytes`.
///
/// # Errors
/// When a field is missing, has another type or is out of range, when text is not UTF-8, when the bytes end early, or
/// when messages are nested deeper than [`DEPTH_LIMIT`](super::DEPTH_LIMIT).
pub fn decode<M: Message>(bytes: &[u8]) -> Result<M, WireError> {
    message::body(M::Slots::default(), &Reader::new(bytes))
        .map_err(|error| error.locate(M::NAME, bytes))
}

/// Reads a message behind its length off the front of `bytes`; `None` at the end.
///
/// # Errors
/// As [`decode`]; also when the bytes end before the message does.
pub fn decode_delimited<M: Message>(bytes: &mut &[u8]) -> Result<Option<M>, WireError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let mut reader = Reader::new(bytes);
    let message = reader
        .length()
        .and_then(|payload| message::body(M::Slots::default(), &reader.over(payload)));
    let message = message.map_err(|error| error.locate(M::NAME, bytes))?;
    *bytes = &bytes[bytes.len() - reader.rest().len()..];
    Ok(Some(message))
}

fn scratch<T>(work: impl FnOnce(&mut Writer) -> T) -> T {
    let mut writer = SCRATCH.take();
    writer.clear();
    let result = work(&mut writer);
    if writer.capacity() <= KEPT {
        SCRATCH.set(writer);
    }
    result
}
