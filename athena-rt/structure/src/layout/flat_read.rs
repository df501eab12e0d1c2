//! Fields whose members are read from the object around them.

use serde::Deserializer;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};

use super::buffer::{Buffer, BufferMembers};
use super::tagged::unknown_field;
use crate::part::Part;
use crate::trace::within;

/// The members of an object that are not its own fields.
#[derive(Debug, Default)]
pub struct Rest {
    members: Vec<(String, Buffer)>,
}

impl Rest {
    /// Keeps the value of a member.
    pub fn keep<'de, A: MapAccess<'de>>(
        &mut self,
        key: String,
        map: &mut A,
    ) -> Result<(), A::Error> {
        if self.members.iter().any(|(known, _)| *known == key) {
            return Err(within(&key, de::Error::custom(format!("duplicate field `{key}`"))));
        }
        self.members.push((key, map.next_value()?));
        Ok(())
    }

    /// Reads a field from the members: a structure takes its own, a map what is left.
    pub fn take<T: Part, E: de::Error>(&mut self) -> Result<T, E> {
        T::from_json(FlatDeserializer { rest: self, error: std::marker::PhantomData })
    }

    /// Refuses what no field has taken.
    pub fn finish<E: de::Error>(&self, names: &[&str], open: bool) -> Result<(), E> {
        match self.members.first() {
            Some((key, _)) if !open => Err(unknown_field(key, names)),
            _ => Ok(()),
        }
    }

    fn take_named(&mut self, is_taken: impl Fn(&str) -> bool) -> Vec<(String, Buffer)> {
        let (taken, left) =
            std::mem::take(&mut self.members).into_iter().partition(|(key, _)| is_taken(key));
        self.members = left;
        taken
    }
}

struct FlatDeserializer<'a, E> {
    rest: &'a mut Rest,
    error: std::marker::PhantomData<E>,
}

impl<'de, E: de::Error> Deserializer<'de> for FlatDeserializer<'_, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        BufferMembers::new(&self.rest.take_named(|_| true)).visit(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        BufferMembers::new(&self.rest.take_named(|key| fields.contains(&key))).visit(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        let taken = self.rest.take_named(|key| variants.contains(&key));
        let map = MapAccessDeserializer::new(BufferMembers::new(&taken[..taken.len().min(1)]));
        map.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        // As serde has it: what can't be read is absent.
        if self.rest.members.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}
