//! The methods that all types of exactly one record share.

/// The part of [`Wire`](super::Wire) that is the same whatever the record holds.
macro_rules! one_record {
    ($form:ty) => {
        #[inline(always)]
        fn merge(
            slot: &mut Self::Slot,
            key: Key,
            reader: &mut Reader<'_>,
        ) -> Result<(), WireError> {
            <Self as Wire<$form>>::merge_one(slot, key, reader)
        }
        #[inline(always)]
        fn finish(slot: Self::Slot, _: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
            Ok(slot)
        }
        #[inline(always)]
        fn resume(self) -> Self::Slot {
            Some(self)
        }
    };
}
pub(crate) use one_record;
