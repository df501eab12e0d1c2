//! Booleans, numbers and text as parts of a message.

use std::fmt;
use std::marker::PhantomData;

use athena_protocol::json::visit_number;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserializer, Serializer, ser};

use super::part::Part;
use super::shape::{Shape, Shapes};
use crate::exact::is_exact;

impl Part for bool {
    fn shape(_: &mut Shapes) -> Shape {
        Shape::Bool
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*self)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

impl Part for String {
    fn shape(_: &mut Shapes) -> Shape {
        Shape::Text
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }
}

macro_rules! integer {
    ($($type:ident $bits:literal $signed:literal $write:ident,)*) => {$(
        impl Part for $type {
            fn shape(_: &mut Shapes) -> Shape {
                Shape::Int { bits: $bits, signed: $signed }
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                #[allow(clippy::useless_conversion, trivial_numeric_casts)]
                serializer.$write(*self as _)
            }

            fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(IntegerVisitor::<$type>(PhantomData, stringify!($type)))
            }
        }
    )*};
}

integer! {
    i16 16 true serialize_i16,
    i32 32 true serialize_i32,
    i64 64 true serialize_i64,
    i8 8 true serialize_i8,
    isize 64 true serialize_i64,
    u16 16 false serialize_u16,
    u32 32 false serialize_u32,
    u64 64 false serialize_u64,
    usize 64 false serialize_u64,
}

impl Part for u8 {
    fn shape(_: &mut Shapes) -> Shape {
        Shape::Int { bits: 8, signed: false }
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(*self)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IntegerVisitor::<u8>(PhantomData, "u8"))
    }

    fn list_shape(_: &mut Shapes) -> Shape {
        Shape::Bytes
    }

    fn list_to_json<S: Serializer>(list: &[Self], serializer: S) -> Result<S::Ok, S::Error> {
        super::bytes::to_json(list, serializer)
    }

    fn list_from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        super::bytes::from_json(deserializer)
    }
}

macro_rules! float {
    ($($type:ident $bits:literal $write:ident,)*) => {$(
        impl Part for $type {
            const HAS_FLOATS: bool = true;

            fn shape(_: &mut Shapes) -> Shape {
                Shape::Float { bits: $bits }
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if !self.is_finite() {
                    return Err(no_number(self));
                }
                serializer.$write(*self)
            }

            fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let wide = deserializer.deserialize_any(FloatVisitor(stringify!($type)))?;
                #[allow(clippy::cast_possible_truncation, trivial_numeric_casts)]
                let value = wide as $type;
                if value.is_infinite() && wide.is_finite() {
                    return Err(de::Error::custom(out_of_range(&wide, stringify!($type))));
                }
                Ok(value)
            }
        }
    )*};
}

float! {
    f32 32 serialize_f32,
    f64 64 serialize_f64,
}

/// The error of NaN and infinity, for which `serde_json` would write null.
#[cold]
fn no_number<E: ser::Error>(value: &dyn fmt::Display) -> E {
    E::custom(format!("JSON has no number for {value}"))
}

#[cold]
fn out_of_range(value: &impl fmt::Display, kind: &str) -> String {
    format!("{value} is out of range for {kind}")
}

/// Integers as JSON numbers; `"12"` and `12.0`, as ProtoJSON has them, are read too.
struct IntegerVisitor<T>(PhantomData<T>, &'static str);

impl<'de, T: TryFrom<i64> + TryFrom<u64> + std::str::FromStr> Visitor<'de> for IntegerVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        T::try_from(value).map_err(|_| E::custom(out_of_range(&value, self.1)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        T::try_from(value).map_err(|_| E::custom(out_of_range(&value, self.1)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        // Beyond 2^53 a float may stand for several integers.
        if value.fract() != 0.0 || is_exact() {
            return Err(E::invalid_type(de::Unexpected::Float(value), &self));
        }
        if value.abs() > 9_007_199_254_740_992.0 {
            return Err(E::custom(out_of_range(&value, self.1)));
        }
        #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        self.visit_i64(value as i64)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        let number = value.parse().ok().filter(|_| !is_exact());
        number.ok_or_else(|| E::invalid_type(de::Unexpected::Str(value), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        visit_number(self, map)
    }
}

/// Floats as JSON numbers; a quoted number, as ProtoJSON may have it, is read too.
struct FloatVisitor(&'static str);

impl<'de> Visitor<'de> for FloatVisitor {
    type Value = f64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<f64, E> {
        Ok(value)
    }

    #[allow(clippy::cast_precision_loss, reason = "a float field holds the nearest float")]
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<f64, E> {
        Ok(value as f64)
    }

    #[allow(clippy::cast_precision_loss, reason = "a float field holds the nearest float")]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<f64, E> {
        Ok(value as f64)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<f64, E> {
        // Rust's own parser also takes "inf", "infinity" and "nan" in any case.
        value
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite() && !is_exact())
            .ok_or_else(|| E::invalid_type(de::Unexpected::Str(value), &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<f64, A::Error> {
        visit_number(self, map)
    }
}
