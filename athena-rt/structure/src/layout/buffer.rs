//! A value that is read before its type is known.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use serde::{Deserialize, Deserializer};

use crate::trace::within;

/// A buffered value.
#[derive(Debug)]
pub(super) enum Buffer {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    List(Vec<Buffer>),
    Object(Vec<(String, Buffer)>),
}

impl<'de> Deserialize<'de> for Buffer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BufferVisitor)
    }
}

struct BufferVisitor;

impl<'de> Visitor<'de> for BufferVisitor {
    type Value = Buffer;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Buffer, E> {
        Ok(Buffer::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Buffer, E> {
        Ok(Buffer::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Buffer, D::Error> {
        Buffer::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Buffer, E> {
        Ok(Buffer::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Buffer, E> {
        Ok(Buffer::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Buffer, E> {
        Ok(Buffer::Unsigned(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Buffer, E> {
        Ok(Buffer::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Buffer, E> {
        Ok(Buffer::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Buffer, E> {
        Ok(Buffer::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Buffer, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Buffer::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Buffer, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Buffer::Object(members))
    }
}

/// Reads a value from a buffer.
pub(super) struct BufferDeserializer<'a, E> {
    buffer: &'a Buffer,
    error: std::marker::PhantomData<E>,
}

impl Buffer {
    pub(super) fn deserializer<E>(&self) -> BufferDeserializer<'_, E> {
        BufferDeserializer { buffer: self, error: std::marker::PhantomData }
    }
}

/// The elements of a buffered list.
struct BufferItems<'a, E> {
    items: std::iter::Enumerate<std::slice::Iter<'a, Buffer>>,
    error: std::marker::PhantomData<E>,
}

impl<'de, E: de::Error> SeqAccess<'de> for BufferItems<'_, E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, E> {
        let Some((at, item)) = self.items.next() else { return Ok(None) };
        seed.deserialize(item.deserializer()).map(Some).map_err(|error| within(at, error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of a buffered object.
pub(super) struct BufferMembers<'a, E> {
    members: std::slice::Iter<'a, (String, Buffer)>,
    value: Option<&'a (String, Buffer)>,
    error: std::marker::PhantomData<E>,
}

impl<'a, E: de::Error> BufferMembers<'a, E> {
    pub(super) fn new(members: &'a [(String, Buffer)]) -> Self {
        Self { members: members.iter(), value: None, error: std::marker::PhantomData }
    }

    /// Lets a visitor read all members.
    pub(super) fn visit<'de, V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, E> {
        let value = visitor.visit_map(&mut self)?;
        match self.members.len() {
            0 => Ok(value),
            left => Err(E::custom(format!("{left} members more than expected"))),
        }
    }
}

impl<'de, E: de::Error> MapAccess<'de> for BufferMembers<'_, E> {
    type Error = E;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, E> {
        self.value = self.members.next();
        let Some((key, _)) = self.value else { return Ok(None) };
        let key_text = key.as_str().into_deserializer();
        seed.deserialize(key_text).map(Some).map_err(|error| within(key, error))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, E> {
        let Some((key, value)) = self.value.take() else {
            return Err(E::custom("a value without a key"));
        };
        seed.deserialize(value.deserializer()).map_err(|error| within(key, error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.len())
    }
}

impl<'de, E: de::Error> Deserializer<'de> for BufferDeserializer<'_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.buffer {
            Buffer::Null => visitor.visit_unit(),
            Buffer::Bool(value) => visitor.visit_bool(*value),
            Buffer::Signed(value) => visitor.visit_i64(*value),
            Buffer::Unsigned(value) => visitor.visit_u64(*value),
            Buffer::Float(value) => visitor.visit_f64(*value),
            Buffer::Text(text) => visitor.visit_str(text),
            Buffer::List(items) => {
                let error = std::marker::PhantomData;
                let mut seq = BufferItems { items: items.iter().enumerate(), error };
                let value = visitor.visit_seq(&mut seq)?;
                match seq.items.len() {
                    0 => Ok(value),
                    left => Err(E::custom(format!("{left} elements more than expected"))),
                }
            }
            Buffer::Object(members) => BufferMembers::new(members).visit(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.buffer {
            Buffer::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        match self.buffer {
            Buffer::Text(text) => {
                text.as_str().into_deserializer().deserialize_enum(name, variants, visitor)
            }
            Buffer::Object(members) if members.len() == 1 => {
                let map = MapAccessDeserializer::new(BufferMembers::new(members));
                map.deserialize_enum(name, variants, visitor)
            }
            _ => Err(E::custom("expected a variant's name, or an object with one")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
