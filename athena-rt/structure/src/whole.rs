//! Lists, sets, maps and single values as whole messages: in Protocol Buffers a message with the value as
//! its field 1, as the well-known wrappers are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{BuildHasher, Hash};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroUsize,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Number, Value};

use super::container::MapKey;
use super::part::Part;
use super::structure::Structure;
use super::time::Timestamp;
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
    ($($(#[$on:meta])* [$($generic:tt)*] $type:ty, $name:literal, $field:literal;)*) => {$(
        $(#[$on])*
        impl<$($generic)*> Message for $type
        where
            Self: Wire + Part,
        {
            const NAME: &'static str = $name;
            const FIELDS: &'static [(u32, &'static str)] = &[(1, $field)];
            type Slots = <Self as Wire>::Slot;

            // `inline`: compiled where it is called, which for most of these types is nowhere.
            #[inline]
            fn encode_fields(&self, writer: &mut Writer) {
                encode_fields(self, writer);
            }
            #[inline]
            fn merge_field(
                slots: &mut Self::Slots,
                key: Key,
                reader: &mut Reader<'_>,
            ) -> Result<(), WireError> {
                merge_field::<Self>(slots, key, reader)
            }
            #[inline]
            fn finish_fields(
                slots: Self::Slots,
                place: ErrorPosition<'_>,
            ) -> Result<Self, WireError> {
                finish_fields(slots, place)
            }
            #[inline]
            fn resume_fields(self) -> Self::Slots {
                <Self as Wire>::resume(self)
            }
        }

        $(#[$on])*
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
    [] Number, "Number", "value";
    [] Duration, "Duration", "value";
    [] Timestamp, "Timestamp", "value";
    [] PathBuf, "PathBuf", "value";
    [] Box<str>, "str", "value";
    [] Arc<str>, "str", "value";
    [] Cow<'static, str>, "str", "value";
    [] IpAddr, "IpAddr", "value";
    [] Ipv4Addr, "Ipv4Addr", "value";
    [] Ipv6Addr, "Ipv6Addr", "value";
    [] SocketAddr, "SocketAddr", "value";
    [] SocketAddrV4, "SocketAddrV4", "value";
    [] SocketAddrV6, "SocketAddrV6", "value";
    [] NonZeroI8, "NonZeroI8", "value";
    [] NonZeroI16, "NonZeroI16", "value";
    [] NonZeroI32, "NonZeroI32", "value";
    [] NonZeroI64, "NonZeroI64", "value";
    [] NonZeroIsize, "NonZeroIsize", "value";
    [] NonZeroU8, "NonZeroU8", "value";
    [] NonZeroU16, "NonZeroU16", "value";
    [] NonZeroU32, "NonZeroU32", "value";
    [] NonZeroU64, "NonZeroU64", "value";
    [] NonZeroUsize, "NonZeroUsize", "value";
    #[cfg(feature = "bytes")] [] ::bytes::Bytes, "Bytes", "value";
    #[cfg(feature = "chrono")] [] chrono::DateTime<chrono::Utc>, "DateTime", "value";
    #[cfg(feature = "chrono")] [] chrono::DateTime<chrono::FixedOffset>, "DateTime", "value";
    #[cfg(feature = "chrono")] [] chrono::NaiveDate, "NaiveDate", "value";
    #[cfg(feature = "chrono")] [] chrono::NaiveTime, "NaiveTime", "value";
    #[cfg(feature = "chrono")] [] chrono::NaiveDateTime, "NaiveDateTime", "value";
    #[cfg(feature = "jiff")] [] jiff::Timestamp, "Timestamp", "value";
    #[cfg(feature = "jiff")] [] jiff::Zoned, "Zoned", "value";
    #[cfg(feature = "jiff")] [] jiff::SignedDuration, "SignedDuration", "value";
    #[cfg(feature = "jiff")] [] jiff::SpanFieldwise, "Span", "value";
    #[cfg(feature = "jiff")] [] jiff::civil::Date, "Date", "value";
    #[cfg(feature = "jiff")] [] jiff::civil::Time, "Time", "value";
    #[cfg(feature = "jiff")] [] jiff::civil::DateTime, "DateTime", "value";
    #[cfg(feature = "rust_decimal")] [] rust_decimal::Decimal, "Decimal", "value";
    #[cfg(feature = "semver")] [] semver::Version, "Version", "value";
    #[cfg(feature = "time")] [] ::time::UtcDateTime, "UtcDateTime", "value";
    #[cfg(feature = "time")] [] ::time::OffsetDateTime, "OffsetDateTime", "value";
    #[cfg(feature = "time")] [] ::time::PrimitiveDateTime, "PrimitiveDateTime", "value";
    #[cfg(feature = "time")] [] ::time::Date, "Date", "value";
    #[cfg(feature = "time")] [] ::time::Time, "Time", "value";
    #[cfg(feature = "time")] [] ::time::Duration, "Duration", "value";
    #[cfg(feature = "url")] [] url::Url, "Url", "value";
    #[cfg(feature = "uuid")] [] uuid::Uuid, "Uuid", "value";
}

/// A value on the heap is the message that it is elsewhere.
impl<T: Message> Message for Box<T> {
    const NAME: &'static str = T::NAME;
    const FIELDS: &'static [(u32, &'static str)] = T::FIELDS;
    type Slots = T::Slots;

    fn encode_fields(&self, writer: &mut Writer) {
        T::encode_fields(self, writer);
    }
    fn merge_field(
        slots: &mut T::Slots,
        key: Key,
        reader: &mut Reader<'_>,
    ) -> Result<(), WireError> {
        T::merge_field(slots, key, reader)
    }
    fn finish_fields(slots: T::Slots, place: ErrorPosition<'_>) -> Result<Self, WireError> {
        T::finish_fields(slots, place).map(Self::new)
    }
    fn resume_fields(self) -> T::Slots {
        T::resume_fields(*self)
    }
}

impl<T: Structure> Structure for Box<T> {}
