//! Fields whose default is the empty value, if their type has one.

use super::error::WireError;
use super::field::{Form, Wire};
use super::key::Key;
use super::message::{finish_one, finish_or};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;

/// The records of such a field: for a list, a map or an `Option` as many as it has, because an absent one is empty
/// anyway; for other types exactly one.
pub struct DefaultSlot<T: Wire<F>, F: Form> {
    records: T::Slot,
    one: Option<T>,
}

impl<T: Wire<F>, F: Form> Default for DefaultSlot<T, F> {
    fn default() -> Self {
        Self { records: T::Slot::default(), one: None }
    }
}

impl<T: Wire<F>, F: Form> DefaultSlot<T, F> {
    /// Writes a field.
    #[inline(always)]
    pub fn encode(value: &T, number: u32, writer: &mut Writer) {
        if T::IS_EMPTY_BY_DEFAULT {
            value.encode(number, writer);
        } else {
            value.encode_one(number, writer);
        }
    }

    /// Reads a record.
    #[inline(always)]
    pub fn merge(&mut self, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
        if T::IS_EMPTY_BY_DEFAULT {
            T::merge(&mut self.records, key, reader)
        } else {
            T::merge_one(&mut self.one, key, reader)
        }
    }

    /// The field's value once all records are in.
    #[inline(always)]
    pub fn finish(
        self,
        field: &'static str,
        default: impl FnOnce() -> T,
        place: ErrorPosition<'_>,
    ) -> Result<T, WireError> {
        if T::IS_EMPTY_BY_DEFAULT {
            finish_or::<T, F>(self.records, field, default, place)
        } else {
            Ok(finish_one(self.one, default))
        }
    }

    /// The slot with a value in it, to read more into.
    #[inline(always)]
    pub fn resume(value: T) -> Self {
        if T::IS_EMPTY_BY_DEFAULT {
            Self { records: value.resume(), one: None }
        } else {
            Self { one: Some(value), ..Self::default() }
        }
    }
}
