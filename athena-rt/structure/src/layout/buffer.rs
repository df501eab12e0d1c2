//! A value that is read before its type is known.

use std::borrow::Cow;
use std::fmt;
use std::iter::Enumerate;
use std::marker::PhantomData;
use std::slice::IterMut;

use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use athena_protocol::json::digits::{self, is_wide};
use athena_protocol::json::{JsonNumber, NUMBER_TOKEN, numbers_are_maps, token_text};
use athena_protocol::text::truncate;

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
    /// A number that is not an integer of 64 bits, as it is written.
    Digits(String),
    Text(Cow<'de, str>),
    List(Vec<Buffer<'de>>),
    Object(Vec<BufferMember<'de>>),
}

impl<'de> Deserialize<'de> for Buffer<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if digits::by_text() {
            return deserializer.deserialize_newtype_struct(RAW_VALUE, BufferVisitor);
        }
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
        digits::doubt(value)?;
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
        while let Some(BufferKey(key)) = map.next_key()? {
            let value = if members.is_empty() && key.starts_with('$') {
                match first_value(&key, &mut map)? {
                    FirstValue::Whole(value) => return Ok(value),
                    FirstValue::OfMember(value) => value,
                }
            } else {
                map.next_value()?
            };
            members.push(BufferMember::new(key, value));
        }
        Ok(Buffer::Object(members))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Buffer<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// The value behind the first key of an object.
enum FirstValue<'de> {
    /// The object stands for this value.
    Whole(Buffer<'de>),
    OfMember(Buffer<'de>),
}

/// Tells the objects by which `serde_json` hands over a number or a text from those of a message.
fn first_value<'de, A: MapAccess<'de>>(
    key: &str,
    map: &mut A,
) -> Result<FirstValue<'de>, A::Error> {
    if key == RAW_VALUE && digits::by_text() {
        let raw = RawValue::from_string(map.next_value()?).map_err(de::Error::custom)?;
        return Buffer::parse(&raw, 0).map(FirstValue::Whole);
    }
    if key == NUMBER_TOKEN && numbers_are_maps() {
        return Ok(match token_text(map)? {
            (text, true) => FirstValue::Whole(Buffer::number(&text)?),
            (text, false) => FirstValue::OfMember(Buffer::Text(text.into())),
        });
    }
    map.next_value().map(FirstValue::OfMember)
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
pub(super) const RAW_VALUE: &str = "$serde_json::private::RawValue";

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
    /// Whether the key is the private one of a number.
    is_token: bool,
    error: PhantomData<E>,
}

impl<'a, 'de, E: de::Error> BufferMembers<'a, 'de, E> {
    pub(super) fn new(
        members: &'a mut [BufferMember<'de>],
        chosen: Chosen<'a>,
        reading: Reading,
    ) -> Self {
        let (members, step) = (members.iter_mut(), Step::default());
        Self { members, chosen, reading, value: None, step, is_token: false, error: PhantomData }
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
        self.is_token = member.key.starts_with('$') && member.key == NUMBER_TOKEN;
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
        // An owned text behind this key would be taken for a number.
        let reading = if self.is_token { Reading::Again } else { self.reading };
        seed.deserialize(value.deserializer(reading)).map_err(|error| self.step.before(error))
    }
}

macro_rules! forward_digits {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            match self.buffer {
                Buffer::Digits(text) => visit_digits(text, visitor),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
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
            Buffer::Digits(text) if numbers_are_maps() => {
                let member = (NUMBER_TOKEN, text.clone());
                visitor.visit_map(MapDeserializer::new(std::iter::once(member)))
            }
            Buffer::Digits(text) => visit_digits(text, visitor),
            Buffer::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Buffer::Text(Cow::Owned(text)) => match self.reading {
                Reading::Last => visitor.visit_string(std::mem::take(text)),
                Reading::Again => visitor.visit_str(text),
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
            return self.buffer.visit_text(visitor);
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

    forward_digits! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16
        deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.buffer {
            Buffer::Digits(text) if is_wide(text) => match text.parse() {
                Ok(value) => visitor.visit_i128(value),
                Err(_) => Err(E::custom(format!("number out of range: {}", truncate(text, 80)))),
            },
            _ => self.deserialize_i64(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.buffer {
            Buffer::Digits(text) if is_wide(text) => match text.parse() {
                Ok(value) => visitor.visit_u128(value),
                Err(_) => Err(E::custom(format!("number out of range: {}", truncate(text, 80)))),
            },
            _ => self.deserialize_u64(visitor),
        }
    }

    serde::forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// Hands over a number whose type is known.
fn visit_digits<'de, V: Visitor<'de>, E: de::Error>(text: &str, visitor: V) -> Result<V::Value, E> {
    match JsonNumber::parse(text) {
        Some(number) => number.visit(visitor),
        None => Err(E::custom("number out of range")),
    }
}
