//! Lists, sets, maps and single values as whole messages: in Protocol Buffers a message with the value as
//! its field 1, as the well-known wrappers are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};

use serde_json::{Map, Value};

use super::container::MapKey;
use super::part::Part;
use super::structure::Structure;
use super::wire::error::WireError;
use super::wire::field::{Plain, Wire};
use super::wire::key::Key;
use super::wire::message::Message;
use super::wire::position::ErrorPosition;
use super::wire::reader::Reader;
use super::wire::writer::Writer;

/// Writes a value as a message.
#[doc(hidden)]
pub fn encode_fields<T: Wire>(value: &T, writer: &mut Writer) {
    Wire::<Plain>::encode(value, 1, writer);
}

/// Takes in one record of a message that is a value.
#[doc(hidden)]
pub fn merge_field<T: Wire>(
    slots: &mut T::Slot,
    key: Key,
    reader: &mut Reader<'_>,
) -> Result<(), WireError> {
    if key.number() == 1 { T::merge(slots, key, reader) } else { reader.skip(key) }
}

/// The value once all records are in.
#[doc(hidden)]
pub fn finish_fields<T: Wire>(slots: T::Slot, place: ErrorPosition<'_>) -> Result<T, WireError> {
    match T::finish(slots, place)? {
        Some(value) => Ok(value),
        None => T::zero(),
    }
}

macro_rules! whole {
    ($([$($generic:tt)*] $type:ty, $name:literal, $field:literal;)*) => {$(
        impl<$($generic)*> Message for $type
        where
            Self: Wire + Part,
        {
            const NAME: &'static str = $name;
            const FIELDS: &'static [(u32, &'static str)] = &[(1, $field)];
            type Slots = <Self as Wire>::Slot;

            fn encode_fields(&self, writer: &mut Writer) {
                encode_fields(self, writer);
            }
            fn merge_field(
                slots: &mut Self::Slots,
                key: Key,
                reader: &mut Reader<'_>,
            ) -> Result<(), WireError> {
                merge_field::<Self>(slots, key, reader)
            }
            fn finish_fields(
                slots: Self::Slots,
                place: ErrorPosition<'_>,
            ) -> Result<Self, WireError> {
                finish_fields(slots, place)
            }
            fn resume_fields(self) -> Self::Slots {
                <Self as Wire>::resume(self)
            }
        }

        impl<$($generic)*> Structure for $type where
            Self: Wire + Part + Clone + Debug + PartialEq + Send + Sync
        {
        }
    )*};
}

whole! {
    [T: Part] Vec<T>, "Vec", "items";
    [T: Part, const N: usize] [T; N], "list", "items";
    [T: Part + Ord] BTreeSet<T>, "BTreeSet", "items";
    [T: Part + Ord + Hash, H: BuildHasher + Default + 'static] HashSet<T, H>, "HashSet", "items";
    [K: MapKey + Ord, V: Part] BTreeMap<K, V>, "BTreeMap", "entries";
    [K: MapKey + Ord + Hash, V: Part, H: BuildHasher + Default + 'static] HashMap<K, V, H>, "HashMap", "entries";
    [T: Part] Option<T>, "Option", "value";
    [] Value, "Value", "value";
    [] Map<String, Value>, "Map", "value";
    [] String, "String", "value";
    [] bool, "bool", "value";
    [] i8, "i8", "value";
    [] i16, "i16", "value";
    [] i32, "i32", "value";
    [] i64, "i64", "value";
    [] i128, "i128", "value";
    [] isize, "isize", "value";
    [] u8, "u8", "value";
    [] u16, "u16", "value";
    [] u32, "u32", "value";
    [] u64, "u64", "value";
    [] u128, "u128", "value";
    [] usize, "usize", "value";
    [] f32, "f32", "value";
    [] f64, "f64", "value";
    [] char, "char", "value";
}
