//! Text, and lists of `u8`, which are bytes.

use super::error::WireError;
use super::field::{Plain, Wire};
use super::key::{Key, LENGTH};
use super::one_record::one_record;
use super::position::ErrorPosition;
use super::reader::Reader;
use super::scalar;
use super::writer::Writer;

/// `string`.
impl Wire for String {
    type Slot = Option<Self>;

    #[inline(always)]
    fn encode(&self, number: u32, writer: &mut Writer) {
        writer.bytes(self.as_bytes());
        writer.record(number << 3 | LENGTH, self.len() as u64);
    }
    #[inline(always)]
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        Ok(text(key, reader)?.to_owned())
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::new())
    }
    one_record!(Plain);
}

/// `uint32`; a list of it is `bytes`.
impl Wire for u8 {
    type Slot = Option<u8>;
    const BYTES: bool = true;

    #[inline(always)]
    fn encode(&self, number: u32, writer: &mut Writer) {
        scalar::encode::<u8, Plain>(self, number, writer);
    }
    #[inline(always)]
    fn encode_list(list: &[u8], number: u32, writer: &mut Writer) {
        writer.bytes(list);
        writer.record(number << 3 | LENGTH, list.len() as u64);
    }
    #[inline(always)]
    fn merge_list(list: &mut Vec<u8>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
        *list = reader.payload(key)?.to_vec();
        Ok(())
    }
    fn encode_numbers(list: &[u8], number: u32, writer: &mut Writer) {
        scalar::encode_list::<u8, Plain>(list, number, writer);
    }
    fn merge_numbers(
        list: &mut Vec<u8>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        scalar::merge_list::<u8, Plain>(list, key, reader)
    }
    #[inline(always)]
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        scalar::read::<u8, Plain>(key, reader)
    }
    fn zero() -> Result<Self, WireError> {
        Ok(0)
    }
    one_record!(Plain);
}

/// The text of a `string` record.
#[inline(always)]
pub(super) fn text<'a>(key: Key, reader: &mut Reader<'a>) -> Result<&'a str, WireError> {
    let bytes = reader.payload(key)?;
    str::from_utf8(bytes).map_err(|error| {
        ErrorPosition::new(&bytes[error.valid_up_to()..]).error("text that is not UTF-8")
    })
}
