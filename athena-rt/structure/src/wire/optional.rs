//! `Option` and `Box`.

use super::error::WireError;
use super::field::{Form, Wire};
use super::key::Key;
use super::message::{read_wrapper, resume_wrapper, wrap};
use super::one_record::one_record;
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;

/// Nothing, or one record.
impl<T: Wire<F>, F: Form> Wire<F> for Option<T> {
    type Slot = Self;

    #[inline(always)]
    fn encode(&self, number: u32, writer: &mut Writer) {
        if let Some(value) = self {
            value.encode_one(number, writer);
        }
    }
    fn encode_one(&self, number: u32, writer: &mut Writer) {
        wrap(self, number, writer);
    }
    #[inline(always)]
    fn merge(slot: &mut Self, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
        T::merge_one(slot, key, reader)
    }
    fn merge_one(
        slot: &mut Option<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        resume_wrapper(slot, key, reader)
    }
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        read_wrapper(key, reader)
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
        Ok(None)
    }
}

/// As its content, which is one record: what recurses can't be a bare list.
impl<T: Wire<F>, F: Form> Wire<F> for Box<T> {
    type Slot = Option<Self>;

    #[inline(always)]
    fn encode(&self, number: u32, writer: &mut Writer) {
        (**self).encode_one(number, writer);
    }
    #[inline(always)]
    fn merge_one(
        slot: &mut Option<Self>,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        if slot.is_none() {
            *slot = Some(Self::read(key, reader)?);
            return Ok(());
        }
        let mut inner = slot.take().map(|boxed| *boxed);
        T::merge_one(&mut inner, key, reader)?;
        *slot = inner.map(Self::new);
        Ok(())
    }
    #[inline(always)]
    fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
        T::read(key, reader).map(Self::new)
    }
    fn zero() -> Result<Self, WireError> {
        T::zero().map(Self::new)
    }
    one_record!(F);
}
