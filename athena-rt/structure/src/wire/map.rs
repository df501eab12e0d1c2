//! Maps: a repeated message of a key and a value, as `map<K, V>` is. Written sorted by key.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::error::WireError;
use super::field::{Form, Wire};
use super::key::{Key, LENGTH};
use super::message::{read_wrapper, resume_wrapper, wrap};
use super::position::ErrorPosition;
use super::reader::Reader;
use super::writer::Writer;
use crate::part::Part;

// The methods that both kinds of map share.
macro_rules! shared {
    () => {
        fn encode_one(&self, number: u32, writer: &mut Writer) {
            wrap::<_, F>(self, number, writer);
        }
        #[inline(always)]
        fn merge(slot: &mut Self, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
            let (key, value) = read_entry::<_, _, F>(reader.message(key)?)?;
            slot.insert(key, value);
            Ok(())
        }
        #[inline(always)]
        fn merge_one(
            slot: &mut Option<Self>,
            key: Key,
            reader: &mut Reader<'_>,
        ) -> Result<(), WireError> {
            resume_wrapper::<_, F>(slot, key, reader)
        }
        #[inline(always)]
        fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
            read_wrapper::<_, F>(key, reader)
        }
        fn finish(slot: Self, _: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
            Ok(Some(slot))
        }
        fn resume(self) -> Self {
            self
        }
        fn zero() -> Result<Self, WireError> {
            Ok(Self::default())
        }
    };
}

/// `map<K, V>`, or a repeated message of the same fields where `K` or `V` is not allowed there.
impl<K: Wire<F::Key> + Ord, V: Wire<F::Value>, F: Form> Wire<F> for BTreeMap<K, V>
where
    Self: Part,
{
    type Slot = Self;

    fn encode(&self, number: u32, writer: &mut Writer) {
        for (key, value) in self.iter().rev() {
            encode_entry::<_, _, F>(key, value, number, writer);
        }
    }
    shared!();
}

/// As a `BTreeMap`: written sorted, so that the same map is always the same bytes.
impl<K: Wire<F::Key> + Ord + Hash, V: Wire<F::Value>, F: Form, S: BuildHasher + Default> Wire<F>
    for HashMap<K, V, S>
where
    Self: Part,
{
    type Slot = Self;

    fn encode(&self, number: u32, writer: &mut Writer) {
        let mut entries: Vec<_> = self.iter().collect();
        entries.sort_unstable_by(|one, other| other.0.cmp(one.0));
        for (key, value) in entries {
            encode_entry::<_, _, F>(key, value, number, writer);
        }
    }
    shared!();
}

fn encode_entry<K: Wire<F::Key>, V: Wire<F::Value>, F: Form>(
    key: &K,
    value: &V,
    number: u32,
    writer: &mut Writer,
) {
    writer.nested(number << 3 | LENGTH, |writer| {
        value.encode_one(2, writer);
        key.encode_one(1, writer);
    });
}

fn read_entry<K: Wire<F::Key>, V: Wire<F::Value>, F: Form>(
    mut inner: Reader<'_>,
) -> Result<(K, V), WireError> {
    let (mut entry_key, mut value) = (None, None);
    while let Some(key) = inner.key()? {
        match key.number() {
            1 => {
                K::merge_one(&mut entry_key, key, &mut inner)
                    .map_err(|error| error.field("key"))?;
            }
            2 => {
                V::merge_one(&mut value, key, &mut inner).map_err(|error| error.field("value"))?;
            }
            _ => inner.skip(key)?,
        }
    }
    // An absent key or value means the zero of its type.
    Ok((entry_key.map_or_else(K::zero, Ok)?, value.map_or_else(V::zero, Ok)?))
}
