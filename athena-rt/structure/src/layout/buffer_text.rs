//! Buffered values from JSON text and as JSON text, as far as their digits are known.

use std::fmt;

use athena_protocol::json::digits::missed;
use athena_protocol::json::{JsonNumber, RawJson};
use serde::Deserializer;
use serde::de::value::MapDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::buffer::{Buffer, BufferKey, BufferMember, RAW_VALUE};

impl<'de> Buffer<'de> {
    /// Hands over the text of the value.
    pub(super) fn visit_text<V: Visitor<'de>, E: de::Error>(
        &self,
        visitor: V,
    ) -> Result<V::Value, E> {
        let member = (RAW_VALUE, self.to_text()?);
        visitor.visit_map(MapDeserializer::new(std::iter::once(member)))
    }

    /// The value as JSON.
    ///
    /// # Errors
    ///
    /// The digits of a number are not known, and the message is read again.
    pub(super) fn to_text<E: de::Error>(&self) -> Result<String, E> {
        let mut text = String::new();
        self.write_text(&mut text).map_err(|()| missed())?;
        Ok(text)
    }

    fn write_text(&self, text: &mut String) -> Result<(), ()> {
        let quoted = |value: &str| serde_json::to_string(value).unwrap_or_default();
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Signed(value) => text.push_str(&value.to_string()),
            Self::Unsigned(value) => text.push_str(&value.to_string()),
            Self::Float(_) => return Err(()),
            Self::Digits(digits) => text.push_str(digits),
            Self::Text(value) => text.push_str(&quoted(value)),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    text.push(if at == 0 { '[' } else { ',' });
                    item.write_text(text)?;
                }
                text.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(members) => {
                for (at, member) in members.iter().enumerate() {
                    text.push(if at == 0 { '{' } else { ',' });
                    text.push_str(&quoted(&member.key));
                    text.push(':');
                    member.value.write_text(text)?;
                }
                text.push_str(if members.is_empty() { "{}" } else { "}" });
            }
        }
        Ok(())
    }
}

impl Buffer<'_> {
    /// Reads a text with the digits of its numbers.
    pub(super) fn parse<E: de::Error>(raw: &RawValue, depth: usize) -> Result<Self, E> {
        Ok(match RawJson::parse(raw, depth).map_err(E::custom)? {
            RawJson::Null => Self::Null,
            RawJson::Bool(value) => Self::Bool(value),
            RawJson::Number(text) => Self::number(text)?,
            RawJson::Text(text) => Self::Text(text.into()),
            RawJson::List(items) => Self::List(
                items
                    .into_iter()
                    .map(|item| Self::parse(item, depth + 1))
                    .collect::<Result<_, E>>()?,
            ),
            RawJson::Object(members) => {
                let member = |(key, value): (String, &RawValue)| {
                    Ok(BufferMember::new(key.into(), Self::parse(value, depth + 1)?))
                };
                Self::Object(members.into_iter().map(member).collect::<Result<_, E>>()?)
            }
        })
    }

    pub(super) fn number<E: de::Error>(text: &str) -> Result<Self, E> {
        match JsonNumber::parse(text) {
            Some(JsonNumber::Unsigned(value)) => Ok(Self::Unsigned(value)),
            Some(JsonNumber::Signed(value)) => Ok(Self::Signed(value)),
            Some(JsonNumber::Float(_)) => Ok(Self::Digits(text.to_owned())),
            None => Err(E::custom("number out of range")),
        }
    }
}

/// The text of a value, also of one that stands in several members.
pub(crate) fn raw_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Box<RawValue>, D::Error> {
    struct RawTextVisitor;
    impl<'de> Visitor<'de> for RawTextVisitor {
        type Value = String;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<String, D::Error> {
            deserializer.deserialize_any(self)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
            let first = map.next_key::<BufferKey<'de>>()?;
            if first.as_ref().is_some_and(|BufferKey(key)| key == RAW_VALUE) {
                return map.next_value();
            }
            let mut members = Vec::new();
            if let Some(BufferKey(key)) = first {
                members.push(BufferMember::new(key, map.next_value()?));
            }
            while let Some((BufferKey(key), value)) = map.next_entry()? {
                members.push(BufferMember::new(key, value));
            }
            Buffer::Object(members).to_text()
        }
    }
    let text = deserializer.deserialize_newtype_struct(RAW_VALUE, RawTextVisitor)?;
    RawValue::from_string(text).map_err(de::Error::custom)
}
