//! The trait of the types that Protocol Buffers messages contain.

use std::marker::PhantomData;

use super::error::WireError;
use super::key::Key;
use super::position::ErrorPosition;
use super::reader::{Reader, count_repeats};
use super::writer::Writer;
use crate::part::Part;

/// How a type is encoded in a Protocol Buffers message.
///
/// There are up to three ways: as a *field* of its own, as exactly *one* record in a place where Protocol Buffers
/// allows no more (an element of a list, a map's value, the content of an `Option`), and as a *list*. For most types
/// the first two are the same. A list, a map or an `Option` that must be one record is a message with it as field 1.
///
/// `F` is the form of the numbers within: [`Plain`], or what `#[field(sint)]` and `#[field(fixed)]` ask for.
///
/// Implemented by `#[structure]`; a manual implementation is rarely needed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a message in this encoding",
    note = "`sint` is for signed integers, `fixed` for all integers; other types accept neither"
)]
pub trait Wire<F: Form = Plain>: Part {
    /// The records of a field that have been read, in any order and number.
    type Slot: Default;

    /// Whether a list of this type is one record of bytes: true for `u8` alone.
    const BYTES: bool = false;

    /// Writes a field of its own.
    fn encode(&self, number: u32, writer: &mut Writer);

    /// Writes exactly one record.
    #[inline(always)]
    fn encode_one(&self, number: u32, writer: &mut Writer) {
        self.encode(number, writer);
    }

    /// Writes the field of a list.
    #[inline]
    fn encode_list(list: &[Self], number: u32, writer: &mut Writer) {
        for item in list.iter().rev() {
            item.encode_one(number, writer);
        }
    }

    /// Reads a record of the field.
    fn merge(slot: &mut Self::Slot, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError>;

    /// Reads a record that is the whole value: the last one wins, messages are merged.
    #[inline(always)]
    fn merge_one(
        slot: &mut Option<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        *slot = Some(Self::read(key, reader)?);
        Ok(())
    }

    /// Reads a record of a list.
    #[inline(always)]
    fn merge_list(
        list: &mut Vec<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        // A first element gets the list's usual start; a list that grows beyond it, all the room it will need.
        if list.len() == list.capacity() && !list.is_empty() {
            reserve(list, key, reader.rest());
        }
        match Self::read(key, reader) {
            Ok(item) => {
                list.push(item);
                Ok(())
            }
            Err(error) => Err(error.index(list.len())),
        }
    }

    /// Writes a list of a type that is this one by another name, or a set: `u8` is a number there, and no byte.
    #[doc(hidden)]
    #[inline(always)]
    fn encode_numbers(list: &[Self], number: u32, writer: &mut Writer) {
        Self::encode_list(list, number, writer);
    }

    /// Reads a record of such a list.
    #[doc(hidden)]
    #[inline(always)]
    fn merge_numbers(
        list: &mut Vec<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        Self::merge_list(list, key, reader)
    }

    /// Reads what [`encode_one`](Self::encode_one) wrote.
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError>;

    /// The value that was read, or `None` if there was no record. `place` is the message's end.
    fn finish(slot: Self::Slot, place: ErrorPosition<'_>) -> Result<Option<Self>, WireError>;

    /// The slot with this value in it, to read more into.
    fn resume(self) -> Self::Slot;

    /// The value of an absent key or value in a map's entry.
    fn zero() -> Result<Self, WireError>;
}

/// The form in which numbers are written: [`Plain`], [`Sint`], [`Fixed`], [`Truncating`], or [`Entry`] of two of them.
pub trait Form {
    /// The form of a map's keys.
    type Key: Form;
    /// The form of a map's values.
    type Value: Form;
}

/// `int32`, `uint64` and so on: varints, short for small numbers.
pub enum Plain {}
/// `sint32` and `sint64`: varints that are short for small negative numbers too.
pub enum Sint {}
/// `fixed32`, `sfixed64` and so on: always 4 or 8 bytes.
pub enum Fixed {}
/// As [`Plain`], but a number too wide for `i32` or `u32` loses its upper bits when read, as it does in other
/// implementations, instead of being refused.
pub enum Truncating {}

/// A map whose keys have one form and whose values have another.
pub struct Entry<K, V>(PhantomData<(K, V)>);

macro_rules! one_form {
    ($($form:ident)*) => {
        $(impl Form for $form {
            type Key = Self;
            type Value = Self;
        })*
    };
}

one_form!(Plain Sint Fixed Truncating);

impl<K: Form, V: Form> Form for Entry<K, V> {
    type Key = K;
    type Value = V;
}

// Makes room for all the elements that come next, so that the list is not moved as it grows. Never more than a few
// times what is left to read: a list of large structures can't be made to take memory by naming many empty ones.
#[inline(never)]
fn reserve<T>(list: &mut Vec<T>, key: Key, rest: &[u8]) {
    let bound = rest.len() * 4 / size_of::<T>().max(1);
    list.reserve(count_repeats(rest, key).min(bound));
}
