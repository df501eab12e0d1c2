//! Enums: an `int32` if no variant has data, otherwise a message with a `oneof`.

use super::error::WireError;
use super::field::{Form, Wire};
use super::key::{Key, VARINT};
use super::message::Message;
use super::position::ErrorPosition;
use super::reader::Reader;
use super::scalar::{Implicit, Scalar};
use super::writer::Writer;
use crate::part::Part;

/// A unit-only enum: its number, as `int32`.
///
/// Implemented by `#[structure]`.
pub trait Enumeration: Part + Clone {
    /// Its name, for errors.
    const NAME: &'static str;

    /// The variant's number.
    fn number(&self) -> i32;

    /// The variant of that number.
    fn from_number(number: i32) -> Option<Self>;
}

impl<E: Enumeration> Implicit for E {
    #[inline(always)]
    fn is_zero(&self) -> bool {
        self.number() == 0
    }
}

impl<E: Enumeration> Scalar for E {
    const WIRE: u32 = VARINT;

    #[inline(always)]
    fn put_field(&self, key: u32, writer: &mut Writer) {
        writer.record(key, i64::from(self.number()).cast_unsigned());
    }
    fn put_all(values: &[Self], writer: &mut Writer) {
        for value in values.iter().rev() {
            writer.varint(i64::from(value.number()).cast_unsigned());
        }
    }
    #[inline(always)]
    fn take(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let bits = reader.varint()?;
        let known = i32::try_from(bits.cast_signed()).ok().and_then(E::from_number);
        known.ok_or_else(|| unknown(reader.place(), E::NAME, bits))
    }
    fn take_all(list: &mut Vec<Self>, reader: Reader<'_>) -> Result<(), WireError> {
        let mut values = reader;
        while !values.is_empty() {
            list.push(E::take(&mut values)?);
        }
        Ok(())
    }
}

/// The variant with number 0, which an absent number means.
pub fn zero<E: Enumeration>() -> Result<E, WireError> {
    E::from_number(0).ok_or_else(|| unknown(ErrorPosition::NONE, E::NAME, 0))
}

/// Takes in a record of a variant that holds a value. `held` is the value where this variant came before.
#[inline(always)]
pub fn merge_variant<E, T: Wire<F>, F: Form>(
    slot: &mut Option<E>,
    held: impl FnOnce(E) -> Option<T>,
    variant: impl FnOnce(T) -> E,
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<(), WireError> {
    let mut value = slot.take().and_then(held);
    T::merge_one(&mut value, key, reader)?;
    *slot = value.map(variant);
    Ok(())
}

/// Takes in a record of a variant that holds nothing: an empty message.
#[inline(always)]
pub fn merge_unit<E>(
    slot: &mut Option<E>,
    variant: E,
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<(), WireError> {
    let mut inner = reader.message(key)?;
    while let Some(key) = inner.key()? {
        inner.skip(key)?;
    }
    *slot = Some(variant);
    Ok(())
}

/// The variant, once all records are in.
pub fn finish<E: Message>(slot: Option<E>, place: ErrorPosition<'_>) -> Result<E, WireError> {
    slot.ok_or_else(|| no_variant::<E>(place))
}

#[cold]
#[inline(never)]
fn unknown(place: ErrorPosition<'_>, name: &str, bits: u64) -> WireError {
    place.error(format!("`{name}` has no variant with number {}", bits.cast_signed()))
}

#[cold]
#[inline(never)]
fn no_variant<E: Message>(place: ErrorPosition<'_>) -> WireError {
    let known: Vec<_> =
        E::FIELDS.iter().map(|(number, name)| format!("{name} ({number})")).collect();
    place.error(format!("no variant of `{}` is set, of {}", E::NAME, known.join(", ")))
}
