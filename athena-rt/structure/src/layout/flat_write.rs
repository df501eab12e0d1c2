//! Values whose members are written into the object around them.

use std::fmt::Display;

use serde::ser::{
    self, Impossible, SerializeMap, SerializeStruct, SerializeStructVariant, SerializeTupleVariant,
};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::part::Part;

/// Writes the members of a value into an object.
pub fn flatten<M: SerializeMap, T: Part>(object: &mut M, value: &T) -> Result<(), M::Error> {
    value.to_json(FlatSerializer(object))
}

/// Writes a value as an object whose first member is a tag.
pub fn internal<S: Serializer, T: Part>(
    serializer: S,
    tag: &'static str,
    name: &'static str,
    value: &T,
) -> Result<S::Ok, S::Error> {
    let mut object = serializer.serialize_map(None)?;
    object.serialize_entry(tag, name)?;
    flatten(&mut object, value)?;
    object.end()
}

struct FlatSerializer<'a, M>(&'a mut M);

fn no_object<E: ser::Error>(kind: impl Display) -> E {
    E::custom(format!("{kind} has no members to write into an object"))
}

macro_rules! refused {
    ($($name:ident: $type:ty,)*) => {$(
        fn $name(self, _: $type) -> Result<(), M::Error> {
            Err(no_object(stringify!($type)))
        }
    )*};
}

impl<M: SerializeMap> Serializer for FlatSerializer<'_, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = VariantElements<Self>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = VariantMembers<Self>;

    refused! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
    }

    fn serialize_none(self) -> Result<(), M::Error> {
        Ok(())
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), M::Error> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), M::Error> {
        Ok(())
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), M::Error> {
        Ok(())
    }
    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), M::Error> {
        self.0.serialize_entry(variant, &())
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.0.serialize_entry(variant, value)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, M::Error> {
        Err(no_object("a list"))
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, M::Error> {
        Err(no_object("a tuple"))
    }
    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, M::Error> {
        Err(no_object("a tuple"))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, M::Error> {
        Ok(VariantElements { outer: self, variant, elements: Vec::new() })
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self, M::Error> {
        Ok(self)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, M::Error> {
        Ok(self)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, M::Error> {
        Ok(VariantMembers { outer: self, variant, members: RawMembers::default() })
    }
}

impl<M: SerializeMap> SerializeMap for FlatSerializer<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), M::Error> {
        self.0.serialize_key(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.0.serialize_value(value)
    }
    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<M: SerializeMap> SerializeStruct for FlatSerializer<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.0.serialize_entry(key, value)
    }
    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

/// The members of a variant's data, until they are written as one member.
struct VariantMembers<S> {
    outer: S,
    variant: &'static str,
    members: RawMembers,
}

#[derive(Default)]
struct RawMembers(Vec<(&'static str, Box<RawValue>)>);

impl Serialize for RawMembers {
    fn serialize<O: Serializer>(&self, serializer: O) -> Result<O::Ok, O::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

impl<M: SerializeMap> SerializeStructVariant for VariantMembers<FlatSerializer<'_, M>> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), M::Error> {
        self.members.0.push((key, raw(value)?));
        Ok(())
    }
    fn end(self) -> Result<(), M::Error> {
        self.outer.0.serialize_entry(self.variant, &self.members)
    }
}

/// The elements of a variant's data, until they are written as one member.
struct VariantElements<S> {
    outer: S,
    variant: &'static str,
    elements: Vec<Box<RawValue>>,
}

impl<M: SerializeMap> SerializeTupleVariant for VariantElements<FlatSerializer<'_, M>> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), M::Error> {
        self.elements.push(raw(value)?);
        Ok(())
    }
    fn end(self) -> Result<(), M::Error> {
        self.outer.0.serialize_entry(self.variant, &self.elements)
    }
}

/// Writes a value as text, so that a number keeps its digits.
fn raw<T: Serialize + ?Sized, E: ser::Error>(value: &T) -> Result<Box<RawValue>, E> {
    serde_json::value::to_raw_value(value).map_err(E::custom)
}
