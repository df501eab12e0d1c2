//! Options, boxes, lists, arrays, maps and tuples as parts of a message.

use std::collections::{BTreeMap, HashMap, btree_map, hash_map};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;

use serde::de::{self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serializer, ser::SerializeMap, ser::SerializeTuple};

use super::part::{Json, Part};
use super::shape::{Shape, Shapes};
use super::strict::duplicate_key;

impl<T: Part> Part for Option<T> {
    const IS_OPTION: bool = true;
    const IS_EMPTY_BY_DEFAULT: bool = true;
    const IS_LIST: bool = T::IS_LIST;
    const HAS_FLOATS: bool = T::HAS_FLOATS;
    const HAS_NESTED_OPTION: bool = T::IS_OPTION || T::HAS_NESTED_OPTION;
    const MEMBERS: Option<fn(&str) -> bool> = T::MEMBERS;
    const SIGNS: Option<fn(&str) -> bool> = T::SIGNS;
    const HAS_AMBIGUOUS_OPTION: bool = T::HAS_NESTED_OPTION;

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::Option(Box::new(T::shape(shapes)))
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Some(value) => value.to_json(serializer),
            None => serializer.serialize_none(),
        }
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(OptionVisitor(PhantomData))
    }

    fn null() -> Option<Self> {
        Some(T::null())
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

struct OptionVisitor<T>(PhantomData<T>);

impl<'de, T: Part> Visitor<'de> for OptionVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("option")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(T::null())
    }

    fn visit_none<E: de::Error>(self) -> Result<Option<T>, E> {
        Ok(T::null())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::from_json(deserializer).map(Some)
    }
}

impl<T: Part> Part for Box<T> {
    const MEMBERS: Option<fn(&str) -> bool> = T::MEMBERS;
    const SIGNS: Option<fn(&str) -> bool> = T::SIGNS;
    const IS_LIST: bool = T::IS_LIST;
    const HAS_FLOATS: bool = T::HAS_FLOATS;
    const HAS_NESTED_OPTION: bool = T::HAS_NESTED_OPTION;

    fn shape(shapes: &mut Shapes) -> Shape {
        T::shape(shapes).boxed()
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::to_json(self, serializer)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::from_json(deserializer).map(Box::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }

    fn is_absent(&self) -> bool {
        T::is_absent(self)
    }
}

impl<T: Part> Part for Vec<T> {
    const IS_EMPTY_BY_DEFAULT: bool = true;
    const IS_LIST: bool = true;
    const HAS_FLOATS: bool = T::HAS_FLOATS;
    const HAS_NESTED_OPTION: bool = T::HAS_NESTED_OPTION;

    fn shape(shapes: &mut Shapes) -> Shape {
        T::list_shape(shapes)
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::list_to_json(self, serializer)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::list_from_json(deserializer)
    }

    fn absent() -> Option<Self> {
        crate::exact::missing()
    }
}

impl<T: Part, const N: usize> Part for [T; N] {
    const IS_LIST: bool = true;
    const HAS_FLOATS: bool = T::HAS_FLOATS;
    const HAS_NESTED_OPTION: bool = T::HAS_NESTED_OPTION;

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::Array(Box::new(T::list_shape(shapes)), N)
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        T::list_to_json(self, serializer)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = T::list_from_json(deserializer)?;
        let length = list.len();
        Self::try_from(list)
            .map_err(|_| de::Error::custom(format!("expected {N} elements, found {length}")))
    }
}

/// A type that can be the key of a map: one that is text in JSON, or can be written as text.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the key of a map in a message",
    note = "keys are String, bool, integers, char, unit-only enums, structs around one of these, and types that \
            are text in messages"
)]
pub trait MapKey<M = ()>: Part {
    /// Reads a key.
    #[doc(hidden)]
    fn read_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(deserializer)
    }
}

/// Reads a key that is one of some names, as text: so it is known where it is wrong.
#[doc(hidden)]
pub fn read_name<'de, T: Part, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct NameVisitor<T>(PhantomData<T>);
    impl<T: Part> Visitor<'_> for NameVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a name")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
            T::from_json(name.into_deserializer())
        }
    }
    deserializer.deserialize_str(NameVisitor(PhantomData))
}

struct KeySeed<K>(PhantomData<K>);

impl<'de, K: MapKey> DeserializeSeed<'de> for KeySeed<K> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        K::read_key(deserializer)
    }
}

macro_rules! key {
    ($($type:ty)*) => {$( impl<M> MapKey<M> for $type {} )*};
}
key!(String bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

fn map_to_json<'a, S: Serializer, K: MapKey, V: Part>(
    entries: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_key(&Json(key))?;
        map.serialize_value(&Json(value))?;
    }
    map.end()
}

struct MapVisitor<M, K, V>(PhantomData<(M, K, V)>);

trait FillMap<K, V>: Default {
    /// Enters a value; returns the key if it was there already.
    fn fill(&mut self, key: K, value: V) -> Option<K>;
}

impl<K: Ord, V> FillMap<K, V> for BTreeMap<K, V> {
    fn fill(&mut self, key: K, value: V) -> Option<K> {
        match self.entry(key) {
            btree_map::Entry::Vacant(entry) => {
                entry.insert(value);
                None
            }
            btree_map::Entry::Occupied(entry) => Some(entry.remove_entry().0),
        }
    }
}

impl<K: Eq + Hash, V, H: BuildHasher + Default> FillMap<K, V> for HashMap<K, V, H> {
    fn fill(&mut self, key: K, value: V) -> Option<K> {
        match self.entry(key) {
            hash_map::Entry::Vacant(entry) => {
                entry.insert(value);
                None
            }
            hash_map::Entry::Occupied(entry) => Some(entry.remove_entry().0),
        }
    }
}

impl<'de, M: FillMap<K, V>, K: MapKey, V: Part> Visitor<'de> for MapVisitor<M, K, V> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<M, A::Error> {
        let mut map = M::default();
        while let Some(key) = access.next_key_seed(KeySeed(PhantomData))? {
            let Json(value) = access.next_value()?;
            if let Some(key) = map.fill(key, value) {
                let shown = serde_json::to_string(&Json(&key)).unwrap_or_default();
                return Err(duplicate_key(shown.trim_matches('"')));
            }
        }
        Ok(map)
    }
}

impl<K: MapKey + Ord, V: Part> Part for BTreeMap<K, V> {
    const IS_EMPTY_BY_DEFAULT: bool = true;
    const HAS_FLOATS: bool = V::HAS_FLOATS;
    const HAS_NESTED_OPTION: bool = V::HAS_NESTED_OPTION;

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::Map(Box::new(K::shape(shapes)), Box::new(V::shape(shapes)))
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        map_to_json(self.iter(), serializer)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }

    fn absent() -> Option<Self> {
        crate::exact::missing()
    }
}

impl<K: MapKey + Ord + Hash, V: Part, H: BuildHasher + Default + 'static> Part
    for HashMap<K, V, H>
{
    const IS_EMPTY_BY_DEFAULT: bool = true;
    const HAS_FLOATS: bool = V::HAS_FLOATS;
    const HAS_NESTED_OPTION: bool = V::HAS_NESTED_OPTION;

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::Map(Box::new(K::shape(shapes)), Box::new(V::shape(shapes)))
    }

    /// In the order of the keys: the same value is always the same text.
    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries: Vec<(&K, &V)> = self.iter().collect();
        entries.sort_unstable_by_key(|(key, _)| *key);
        map_to_json(entries.into_iter(), serializer)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData))
    }

    fn absent() -> Option<Self> {
        crate::exact::missing()
    }
}

macro_rules! tuple {
    ($length:literal: $($name:ident $index:tt)*) => {
        impl<$($name: Part),*> Part for ($($name,)*) {
            const HAS_FLOATS: bool = false $(|| $name::HAS_FLOATS)*;
            const HAS_NESTED_OPTION: bool = false $(|| $name::HAS_NESTED_OPTION)*;

            fn shape(shapes: &mut Shapes) -> Shape {
                Shape::Tuple(vec![$($name::shape(shapes)),*])
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut tuple = serializer.serialize_tuple($length)?;
                $(tuple.serialize_element(&Json(&self.$index))?;)*
                tuple.end()
            }

            fn from_json<'de, De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
                struct TupleVisitor<$($name),*>(PhantomData<($($name,)*)>);
                impl<'de, $($name: Part),*> Visitor<'de> for TupleVisitor<$($name),*> {
                    type Value = ($($name,)*);
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!("a list of ", $length))
                    }
                    fn visit_seq<Access: SeqAccess<'de>>(
                        self,
                        mut seq: Access,
                    ) -> Result<Self::Value, Access::Error> {
                        Ok(($(
                            seq.next_element::<Json<$name>>()?
                                .ok_or_else(|| de::Error::invalid_length($index, &self))?
                                .0,
                        )*))
                    }
                }
                deserializer.deserialize_tuple($length, TupleVisitor(PhantomData))
            }
        }
    };
}

tuple!(1: A 0);
tuple!(2: A 0 B 1);
tuple!(3: A 0 B 1 C 2);
tuple!(4: A 0 B 1 C 2 D 3);
tuple!(5: A 0 B 1 C 2 D 3 E 4);
tuple!(6: A 0 B 1 C 2 D 3 E 4 F 5);
tuple!(7: A 0 B 1 C 2 D 3 E 4 F 5 G 6);
tuple!(8: A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
