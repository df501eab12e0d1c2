//! Text of types that are not `String`.

use super::bytes;
use super::error::WireError;
use super::key::{Key, LENGTH};
use super::reader::Reader;
use super::writer::Writer;

/// Writes text as one record.
pub(crate) fn encode_text(text: &str, number: u32, writer: &mut Writer) {
    writer.bytes(text.as_bytes());
    writer.record(number << 3 | LENGTH, text.len() as u64);
}

/// Reads the text of a record.
pub(crate) fn read_text<'a>(key: Key, reader: &mut Reader<'a>) -> Result<&'a str, WireError> {
    bytes::text(key, reader)
}
