//! Lists: `repeated`, packed where the elements are numbers.

use super::error::WireError;
use super::field::{Form, Wire};
use super::key::Key;
use super::message::{read_wrapper, resume_wrapper, wrap};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;

/// `repeated`, or `bytes` for `u8`.
impl<T: Wire<F>, F: Form> Wire<F> for Vec<T> {
    type Slot = Self;

    #[inline(always)]
    fn encode(&self, number: u32, writer: &mut Writer) {
        T::encode_list(self, number, writer);
    }
    #[inline(always)]
    fn encode_one(&self, number: u32, writer: &mut Writer) {
        if T::BYTES {
            T::encode_list(self, number, writer);
        } else {
            wrap(self, number, writer);
        }
    }
    #[inline(always)]
    fn merge(slot: &mut Self, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
        T::merge_list(slot, key, reader)
    }
    #[inline(always)]
    fn merge_one(
        slot: &mut Option<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        if T::BYTES {
            T::merge_list(slot.get_or_insert_default(), key, reader)
        } else {
            resume_wrapper(slot, key, reader)
        }
    }
    #[inline(always)]
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        if T::BYTES {
            let mut list = Self::new();
            T::merge_list(&mut list, key, reader)?;
            Ok(list)
        } else {
            read_wrapper(key, reader)
        }
    }
    #[inline(always)]
    fn finish(slot: Self, _: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
        Ok(Some(slot))
    }
    #[inline(always)]
    fn resume(self) -> Self {
        self
    }
    fn zero() -> Result<Self, WireError> {
        Ok(Self::new())
    }
}

/// As a list, refused when it comes with another number of elements.
impl<T: Wire<F>, F: Form, const N: usize> Wire<F> for [T; N] {
    type Slot = Vec<T>;

    #[inline(always)]
    fn encode(&self, number: u32, writer: &mut Writer) {
        T::encode_list(self, number, writer);
    }
    fn encode_one(&self, number: u32, writer: &mut Writer) {
        if T::BYTES {
            T::encode_list(self, number, writer);
        } else {
            wrap(self, number, writer);
        }
    }
    #[inline(always)]
    fn merge(slot: &mut Vec<T>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
        T::merge_list(slot, key, reader)
    }
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        if T::BYTES {
            let mut list = Vec::new();
            T::merge_list(&mut list, key, reader)?;
            exact(list, reader.place())
        } else {
            read_wrapper(key, reader)
        }
    }
    fn finish(slot: Vec<T>, place: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
        if slot.is_empty() && N > 0 {
            return Ok(None);
        }
        exact(slot, place).map(Some)
    }
    fn resume(self) -> Vec<T> {
        self.into()
    }
    fn zero() -> Result<Self, WireError> {
        exact(Vec::new(), ErrorPosition::NONE)
    }
}

fn exact<T, const N: usize>(list: Vec<T>, place: ErrorPosition<'_>) -> Result<[T; N], WireError> {
    list.try_into()
        .map_err(|list: Vec<T>| place.error(format!("expected {N} elements, found {}", list.len())))
}
