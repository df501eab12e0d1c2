//! Integers of 128 bits and integers that are not 0, as parts of a message.

use std::fmt;
use std::num::{
    NonZeroI8, NonZeroI16, NonZeroI32, NonZeroI64, NonZeroIsize, NonZeroU8, NonZeroU16, NonZeroU32,
    NonZeroU64, NonZeroUsize,
};

use serde::de::{self, Visitor};
use serde::{Deserializer, Serializer};

use super::container::MapKey;
use super::part::Part;
use super::shape::{Shape, Shapes};
use super::wire::error::WireError;
use super::wire::field::{Form, Plain, Wire};
use super::wire::key::Key;
use super::wire::one_record::one_record;
use super::wire::position::ErrorPosition;
use super::wire::reader::Reader;
use super::wire::text::{encode_text, read_text};
use super::wire::writer::Writer;

macro_rules! wide {
    ($type:ident, $signed:literal, $write:ident, $read:ident, $visitor:ident) => {
        struct $visitor;

        impl Visitor<'_> for $visitor {
            type Value = $type;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($type))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<$type, E> {
                value.try_into().map_err(|_| out_of_range(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<$type, E> {
                Ok(value.into())
            }

            fn visit_i128<E: de::Error>(self, value: i128) -> Result<$type, E> {
                value.try_into().map_err(|_| out_of_range(value))
            }

            fn visit_u128<E: de::Error>(self, value: u128) -> Result<$type, E> {
                value.try_into().map_err(|_| out_of_range(value))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                let number = text.parse().ok().filter(|_| !crate::exact::is_exact());
                number.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        /// A number in JSON; text in Protocol Buffers, which have none as wide.
        impl Part for $type {
            fn shape(_: &mut Shapes) -> Shape {
                Shape::Int { bits: 128, signed: $signed }
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$write(*self)
            }

            fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.$read($visitor)
            }
        }

        impl Wire for $type {
            type Slot = Option<Self>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                encode_text(&self.to_string(), number, writer);
            }
            one_record!(Plain);
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let place = reader.place();
                let text = read_text(key, reader)?;
                text.parse().map_err(|_| place.error(concat!("not of type ", stringify!($type))))
            }
            fn zero() -> Result<Self, WireError> {
                Ok(0)
            }
        }

        impl<M> MapKey<M> for $type {}
    };
}

wide!(u128, false, serialize_u128, deserialize_u128, U128Visitor);
wide!(i128, true, serialize_i128, deserialize_i128, I128Visitor);

fn out_of_range<E: de::Error>(value: impl fmt::Display) -> E {
    E::custom(format!("{value} is out of range"))
}

macro_rules! non_zero {
    ($($type:ident $inner:ident,)*) => {$(
        impl Part for $type {
            fn shape(shapes: &mut Shapes) -> Shape {
                <$inner as Part>::shape(shapes)
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.get().to_json(serializer)
            }

            fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <$inner as Part>::from_json(deserializer)?;
                $type::new(value).ok_or_else(|| de::Error::custom(ZERO))
            }
        }

        impl<F: Form> Wire<F> for $type
        where
            $inner: Wire<F>,
        {
            type Slot = Option<Self>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                self.get().encode(number, writer);
            }
            one_record!(F);
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                let place = reader.place();
                let value = <$inner as Wire<F>>::read(key, reader)?;
                $type::new(value).ok_or_else(|| place.error(ZERO))
            }
            fn zero() -> Result<Self, WireError> {
                Err(ErrorPosition::NONE.error(ZERO))
            }
        }

        impl<M> MapKey<M> for $type {}
    )*};
}

const ZERO: &str = "0 is not allowed";

non_zero! {
    NonZeroI8 i8, NonZeroI16 i16, NonZeroI32 i32, NonZeroI64 i64, NonZeroIsize isize,
    NonZeroU8 u8, NonZeroU16 u16, NonZeroU32 u32, NonZeroU64 u64, NonZeroUsize usize,
}
