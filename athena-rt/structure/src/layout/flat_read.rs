//! Fields whose members are read from the object around them.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};

use super::buffer::{Buffer, BufferMember, BufferMembers, Chosen, RAW_VALUE, Reading};
use super::tagged::unknown_field;
use crate::part::Part;
use athena_protocol::text::nearest;

/// The flattened fields whose names an error shows.
const MOST: usize = 4;

/// The members of an object that are not its own fields.
#[derive(Debug, Default)]
pub struct Rest<'de> {
    members: Vec<BufferMember<'de>>,
    /// The names that flattened structures read.
    names: [&'static [&'static str]; MOST],
    taken: usize,
}

impl<'de> Rest<'de> {
    /// Keeps the value of a member. Which field reads it is not known yet: that field refuses it if it comes twice.
    #[inline]
    pub fn keep<A: MapAccess<'de>>(
        &mut self,
        key: Cow<'de, str>,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if self.members.is_empty() {
            self.members.reserve(8);
        }
        self.members.push(BufferMember::new(key, map.next_value()?));
        Ok(())
    }

    /// Reads a field from the members: a structure takes its own, a map what is left.
    pub fn take<T: Part, E: de::Error>(&mut self) -> Result<T, E> {
        let mut spare: &[&str] = &[];
        let names = self.names.get_mut(self.taken).unwrap_or(&mut spare);
        self.taken += 1;
        let choose = |by: Option<fn(&str) -> bool>| by.map_or(Chosen::All, Chosen::By);
        T::from_json(FlatDeserializer {
            members: &mut self.members,
            names,
            chosen: choose(T::MEMBERS),
            signs: choose(T::SIGNS),
            error: PhantomData,
        })
    }

    /// Refuses what no field has taken.
    pub fn finish<E: de::Error>(&self, names: &[&str], open: bool) -> Result<(), E> {
        match self.members.iter().find(|member| member.is_left(Chosen::All)) {
            Some(member) if !open => {
                Err(unknown_field(&member.key, &[names, &self.names.concat()].concat()))
            }
            _ => Ok(()),
        }
    }
}

struct FlatDeserializer<'a, 'de, E> {
    members: &'a mut [BufferMember<'de>],
    names: &'a mut &'static [&'static str],
    chosen: Chosen<'a>,
    /// Of these one must be there for an `Option` to be a value.
    signs: Chosen<'a>,
    error: PhantomData<E>,
}

impl<'de, E: de::Error> Deserializer<'de> for FlatDeserializer<'_, 'de, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        BufferMembers::new(self.members, self.chosen, Reading::Last).visit(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        *self.names = fields;
        BufferMembers::new(self.members, Chosen::Named(fields), Reading::Last).visit(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        *self.names = variants;
        // A second name of a variant is left to the other fields.
        let is_variant = |member: &BufferMember<'_>| member.is_left(Chosen::Named(variants));
        let Some(at) = self.members.iter().position(is_variant) else {
            return Err(no_variant(self.members, variants));
        };
        let variant = self.members.get_mut(at..=at).unwrap_or_default();
        let map = BufferMembers::new(variant, Chosen::Named(variants), Reading::Last);
        let map = MapAccessDeserializer::new(map);
        map.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        if self.members.iter().any(|member| member.is_left(self.signs)) {
            visitor.visit_some(self)
        } else {
            visitor.visit_none()
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        if name != RAW_VALUE {
            return self.deserialize_any(visitor);
        }
        let chosen = self.chosen;
        let members = self.members.iter_mut().filter(|member| member.is_left(chosen));
        let taken = members.map(|member| {
            member.is_taken = true;
            let value = std::mem::replace(&mut member.value, Buffer::Null);
            BufferMember::new(std::mem::take(&mut member.key), value)
        });
        Buffer::Object(taken.collect()).visit_text(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The error of a flattened enum of which no variant is there.
#[cold]
fn no_variant<E: de::Error>(members: &[BufferMember<'_>], variants: &[&str]) -> E {
    let is_near = |key: &str| !nearest(key, variants.iter().copied()).is_empty();
    let mut left = members.iter().filter(|member| member.is_left(Chosen::All));
    match left.find(|member| is_near(&member.key)) {
        Some(member) => unknown_field(&member.key, variants),
        None => E::custom(format!("one of the fields `{}` is missing", variants.join("`, `"))),
    }
}
