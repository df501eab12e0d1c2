//! A value that is read before its type is known.

use std::borrow::Cow;
use std::fmt;
use std::iter::Enumerate;
use std::marker::PhantomData;
use std::slice::IterMut;

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use serde::{Deserialize, Deserializer};

use crate::field_names::is_one_of;
use crate::trace::{Step, within};

/// A buffered value.
#[derive(Debug)]
pub(super) enum Buffer<'de> {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(Cow<'de, str>),
    List(Vec<Buffer<'de>>),
    Object(Vec<BufferMember<'de>>),
}

impl<'de> Deserialize<'de> for Buffer<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BufferVisitor)
    }
}

struct BufferVisitor;

impl<'de> Visitor<'de> for BufferVisitor {
    type Value = Buffer<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Buffer<'de>, D::Error> {
        Buffer::deserialize(deserializer)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Signed(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Unsigned(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Float(value))
    }

    fn visit_borrowed_str<E: de::Error>(self, value: &'de str) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Text(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Text(value.to_owned().into()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Buffer<'de>, E> {
        Ok(Buffer::Text(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Buffer<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Buffer::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Buffer<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((BufferKey(key), value)) = map.next_entry()? {
            members.push(BufferMember::new(key, value));
        }
        Ok(Buffer::Object(members))
    }
}

/// A key as it stands in the message.
pub(super) struct BufferKey<'de>(pub(super) Cow<'de, str>);

impl<'de> Deserialize<'de> for BufferKey<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = BufferKey<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E: de::Error>(self, key: &'de str) -> Result<BufferKey<'de>, E> {
                Ok(BufferKey(key.into()))
            }

            fn visit_str<E: de::Error>(self, key: &str) -> Result<BufferKey<'de>, E> {
                Ok(BufferKey(key.to_owned().into()))
            }

            fn visit_string<E: de::Error>(self, key: String) -> Result<BufferKey<'de>, E> {
                Ok(BufferKey(key.into()))
            }
        }
        deserializer.deserialize_identifier(KeyVisitor)
    }
}

/// A member of a buffered object.
#[derive(Debug)]
pub(super) struct BufferMember<'de> {
    pub(super) key: Cow<'de, str>,
    pub(super) value: Buffer<'de>,
    /// Whether a field has read it.
    pub(super) is_taken: bool,
}

impl<'de> BufferMember<'de> {
    pub(super) fn new(key: Cow<'de, str>, value: Buffer<'de>) -> Self {
        Self { key, value, is_taken: false }
    }

    /// Whether it is left, and one of those that are chosen.
    #[inline]
    pub(super) fn is_left(&self, chosen: Chosen<'_>) -> bool {
        !self.is_taken
            && match chosen {
                Chosen::All => true,
                Chosen::Named(names) => is_one_of(names, &self.key),
                Chosen::By(is_chosen) => is_chosen(&self.key),
            }
    }
}

/// The members that are read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Chosen<'a> {
    All,
    Named(&'a [&'a str]),
    By(fn(&str) -> bool),
}

/// Whether a buffer is read again: if it is not, its texts are moved out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Last,
    Again,
}

/// Reads a value from a buffer.
pub(super) struct BufferDeserializer<'a, 'de, E> {
    buffer: &'a mut Buffer<'de>,
    reading: Reading,
    error: PhantomData<E>,
}

/// The name under which `serde_json` asks for the text of a value.
const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// The error of a text that is not known any more.
const DIGITS: &str = "a number with a fraction does not keep its digits here, as it is read before its type is known: in a \
                      flattened field, an untagged enum, or ahead of a tag; write it as text, or put the tag first";

impl<'de> Buffer<'de> {
    pub(super) fn deserializer<E>(&mut self, reading: Reading) -> BufferDeserializer<'_, 'de, E> {
        BufferDeserializer { buffer: self, reading, error: PhantomData }
    }
}

/// The elements of a buffered list.
struct BufferItems<'a, 'de, E> {
    items: Enumerate<IterMut<'a, Buffer<'de>>>,
    reading: Reading,
    error: PhantomData<E>,
}

impl<'de, E: de::Error> SeqAccess<'de> for BufferItems<'_, 'de, E> {
    type Error = E;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, E> {
        let Some((at, item)) = self.items.next() else { return Ok(None) };
        let value = seed.deserialize(item.deserializer(self.reading));
        value.map(Some).map_err(|error| within(at, error))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of a buffered object that are left, perhaps only some of them.
pub(super) struct BufferMembers<'a, 'de, E> {
    members: IterMut<'a, BufferMember<'de>>,
    chosen: Chosen<'a>,
    reading: Reading,
    value: Option<&'a mut Buffer<'de>>,
    step: Step,
    error: PhantomData<E>,
}

impl<'a, 'de, E: de::Error> BufferMembers<'a, 'de, E> {
    pub(super) fn new(
        members: &'a mut [BufferMember<'de>],
        chosen: Chosen<'a>,
        reading: Reading,
    ) -> Self {
        let (members, step) = (members.iter_mut(), Step::default());
        Self { members, chosen, reading, value: None, step, error: PhantomData }
    }

    /// Lets a visitor read all members.
    pub(super) fn visit<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, E> {
        let value = visitor.visit_map(&mut self)?;
        let chosen = self.chosen;
        match self.members.filter(|member| member.is_left(chosen)).count() {
            0 => Ok(value),
            left => Err(E::custom(format!("{left} members more than expected"))),
        }
    }
}

impl<'de, E: de::Error> MapAccess<'de> for BufferMembers<'_, 'de, E> {
    type Error = E;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, E> {
        let chosen = self.chosen;
        let Some(member) = self.members.find(|member| member.is_left(chosen)) else {
            return Ok(None);
        };
        self.step.set(&member.key);
        let key = match self.reading {
            Reading::Last => {
                member.is_taken = true;
                std::mem::take(&mut member.key)
            }
            Reading::Again => Cow::Borrowed(&*member.key),
        };
        match seed.deserialize(key.into_deserializer()) {
            Ok(key) => {
                self.value = Some(&mut member.value);
                Ok(Some(key))
            }
            Err(error) => Err(self.step.before(error)),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, E> {
        let Some(value) = self.value.take() else {
            return Err(E::custom("a value without a key"));
        };
        seed.deserialize(value.deserializer(self.reading)).map_err(|error| self.step.before(error))
    }
}

impl<'de, E: de::Error> Deserializer<'de> for BufferDeserializer<'_, 'de, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.buffer {
            Buffer::Null => visitor.visit_unit(),
            Buffer::Bool(value) => visitor.visit_bool(*value),
            Buffer::Signed(value) => visitor.visit_i64(*value),
            Buffer::Unsigned(value) => visitor.visit_u64(*value),
            Buffer::Float(value) => visitor.visit_f64(*value),
            Buffer::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Buffer::Text(Cow::Owned(text)) => match self.reading {
                Reading::Last => visitor.visit_string(std::mem::take(text)),
                // Owned, as it came: by that a number is told from a text under `arbitrary_precision`.
                Reading::Again => visitor.visit_string(text.clone()),
            },
            Buffer::List(items) => {
                let items = items.iter_mut().enumerate();
                let mut seq = BufferItems { items, reading: self.reading, error: PhantomData };
                let value = visitor.visit_seq(&mut seq)?;
                match seq.items.len() {
                    0 => Ok(value),
                    left => Err(E::custom(format!("{left} elements more than expected"))),
                }
            }
            Buffer::Object(members) => {
                BufferMembers::new(members, Chosen::All, self.reading).visit(visitor)
            }
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
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        if name == RAW_VALUE {
            let mut text = String::new();
            self.buffer.write_text(&mut text).map_err(|()| E::custom(DIGITS))?;
            return visitor.visit_map(MapDeserializer::new(std::iter::once((RAW_VALUE, text))));
        }
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
                (&**text).into_deserializer().deserialize_enum(name, variants, visitor)
            }
            Buffer::Object(members) if members.len() == 1 => {
                let members = BufferMembers::new(members, Chosen::All, self.reading);
                let map = MapAccessDeserializer::new(members);
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
