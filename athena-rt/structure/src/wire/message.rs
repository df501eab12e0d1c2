//! Messages: what a structure is on the wire, and the reading of one.

use super::error::WireError;
use super::field::{Form, Wire};
use super::key::{Key, LENGTH};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;
use crate::part::Part;

/// A type that is a message, with numbered fields.
///
/// Implemented by `#[structure]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be used as a message",
    note = "a message is a struct with named fields, or an enum with data, declared with #[structure]"
)]
pub trait Message: Part {
    /// Its name, for errors.
    const NAME: &'static str;
    /// Numbers and names of its fields, for errors.
    const FIELDS: &'static [(u32, &'static str)];
    /// The records of each field that have been read.
    type Slots: Default;

    /// Writes all fields, the one with the highest number first.
    fn encode_fields(&self, writer: &mut Writer);

    /// Takes in one record.
    fn merge_field(
        slots: &mut Self::Slots,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError>;

    /// Builds the structure once all records are in. `place` is the message's end.
    fn finish_fields(slots: Self::Slots, place: ErrorPosition<'_>) -> Result<Self, WireError>;

    /// The slots as if this value had been gathered.
    fn resume_fields(self) -> Self::Slots;
}

/// Writes a message as one record.
#[inline]
pub fn encode<M: Message>(message: &M, number: u32, writer: &mut Writer) {
    nested(number, writer, |writer| message.encode_fields(writer));
}

/// Writes what `body` writes as one record.
#[inline(always)]
pub fn nested(number: u32, writer: &mut Writer, body: impl FnOnce(&mut Writer)) {
    writer.nested(number << 3 | LENGTH, body);
}

/// Reads a message from one record.
#[inline(always)]
pub fn read<M: Message>(key: Key, reader: &mut Reader<'_>) -> Result<M, WireError> {
    body(M::Slots::default(), &reader.message(key)?)
}

/// Reads a message from one record into what earlier records held.
#[inline(always)]
pub fn merge<M: Message>(
    slot: &mut Option<M>,
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<(), WireError> {
    let reader = reader.message(key)?;
    *slot = Some(match slot.take() {
        None => body(M::Slots::default(), &reader)?,
        Some(earlier) => again(earlier, &reader)?,
    });
    Ok(())
}

/// The value of an empty message.
#[cold]
pub fn zero<M: Message>() -> Result<M, WireError> {
    body(M::Slots::default(), &Reader::new(&[]))
}

/// Reads the records of a message up to the end.
#[inline(always)]
pub(super) fn body<M: Message>(slots: M::Slots, reader: &Reader<'_>) -> Result<M, WireError> {
    records(slots, reader.rest(), reader.depth())
}

// The parts of a reader, not the reader: they travel in registers.
#[inline(never)]
fn records<M: Message>(mut slots: M::Slots, rest: &[u8], depth: u32) -> Result<M, WireError> {
    let mut reader = Reader::within(rest, depth);
    while let Some(key) = reader.key()? {
        if let Err(error) = M::merge_field(&mut slots, key, &mut reader) {
            return Err(name_field(M::FIELDS, key, error));
        }
    }
    M::finish_fields(slots, reader.place())
}

/// A field's value once all records are in: gathered, or what an absent one means, or an error that names it.
#[inline(always)]
pub fn finish<T: Wire<F>, F: Form>(
    slot: T::Slot,
    field: &'static str,
    message: &'static str,
    place: ErrorPosition<'_>,
) -> Result<T, WireError> {
    match T::finish(slot, place) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => match T::absent() {
            Some(value) => Ok(value),
            None => Err(missing(field, message, place)),
        },
        Err(error) => Err(error.field(field)),
    }
}

/// A field's value once all records are in: gathered, or its default.
#[inline(always)]
pub fn finish_or<T: Wire<F>, F: Form>(
    slot: T::Slot,
    field: &'static str,
    default: impl FnOnce() -> T,
    place: ErrorPosition<'_>,
) -> Result<T, WireError> {
    match T::finish(slot, place) {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Ok(default()),
        Err(error) => Err(error.field(field)),
    }
}

/// As [`finish_or`], for a field that is written as exactly one record.
#[inline(always)]
pub fn finish_one<T>(slot: Option<T>, default: impl FnOnce() -> T) -> T {
    slot.unwrap_or_else(default)
}

/// Writes as a message with the value as its field 1.
pub(crate) fn wrap<T: Wire<F>, F: Form>(value: &T, number: u32, writer: &mut Writer) {
    writer.nested(number << 3 | LENGTH, |writer| value.encode(1, writer));
}

/// Reads what [`wrap`] wrote.
#[inline(always)]
pub(crate) fn read_wrapper<T: Wire<F>, F: Form>(
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<T, WireError> {
    wrapper(None, reader.message(key)?)
}

/// Reads what [`wrap`] wrote into what earlier records held.
#[inline(always)]
pub(crate) fn resume_wrapper<T: Wire<F>, F: Form>(
    slot: &mut Option<T>,
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<(), WireError> {
    *slot = Some(wrapper(slot.take(), reader.message(key)?)?);
    Ok(())
}

#[inline(never)]
fn wrapper<T: Wire<F>, F: Form>(earlier: Option<T>, mut inner: Reader<'_>) -> Result<T, WireError> {
    let mut slot = earlier.map(T::resume).unwrap_or_default();
    while let Some(key) = inner.key()? {
        if key.number() == 1 { T::merge(&mut slot, key, &mut inner)? } else { inner.skip(key)? }
    }
    match T::finish(slot, inner.place())? {
        Some(value) => Ok(value),
        None => T::zero(),
    }
}

/// Stops the build if a variant under `#[oneof]` has the number of another field.
///
/// # Panics
/// At compile time, for two equal numbers.
pub const fn distinct(fields: &[(u32, &str)], variants: &[(u32, &str)]) {
    let mut field = 0;
    while field < fields.len() {
        let mut variant = 0;
        while variant < variants.len() {
            assert!(
                fields[field].0 != variants[variant].0,
                "a variant under `#[oneof]` has the number of another field of the structure"
            );
            variant += 1;
        }
        field += 1;
    }
}

#[cold]
#[inline(never)]
fn again<M: Message>(earlier: M, reader: &Reader<'_>) -> Result<M, WireError> {
    body(earlier.resume_fields(), reader)
}

#[cold]
#[inline(never)]
fn name_field(fields: &'static [(u32, &'static str)], key: Key, error: WireError) -> WireError {
    match fields.iter().find(|(number, _)| *number == key.number()) {
        Some((_, name)) => error.field(name),
        None => error.field(&format!("#{}", key.number())),
    }
}

#[cold]
#[inline(never)]
fn missing(field: &str, message: &str, place: ErrorPosition<'_>) -> WireError {
    place
        .error(format!("`{message}` has no default for it, and the message does not set it"))
        .field(field)
}
