//! Whether a type of serde may be absent: serde asks the type, by a value that is an `Option` or nothing.

use std::{fmt, io};

use serde::de::{self, DeserializeOwned, Visitor};
use serde::{Deserializer, Serialize, forward_to_deserialize_any};

/// The value of an absent field: `None` for an `Option`, and nothing for other types.
pub(crate) fn absent_json<T: DeserializeOwned>() -> Option<T> {
    T::deserialize(AbsentField).ok()
}

/// Whether a value is what an absent field is read as.
pub(crate) fn is_absent_json<T: Serialize + DeserializeOwned>(value: &T) -> bool {
    absent_json::<T>().is_some() && serde_json::to_writer(NullOnly, value).is_ok()
}

/// Takes nothing but null, so that any other value ends with its first bytes.
struct NullOnly;

impl io::Write for NullOnly {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes == b"null" { Ok(bytes.len()) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct AbsentField;

/// The error of a type that needs a value.
#[derive(Debug)]
struct NeedsValue;

impl fmt::Display for NeedsValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value is missing")
    }
}

impl std::error::Error for NeedsValue {}

impl de::Error for NeedsValue {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Deserializer<'de> for AbsentField {
    type Error = NeedsValue;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NeedsValue> {
        Err(NeedsValue)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NeedsValue> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
