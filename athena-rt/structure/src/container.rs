//! Options, boxes, lists, arrays, maps and tuples as parts of a message.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Display};
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer, ser::SerializeMap, ser::SerializeTuple};

use super::part::{Json, Part};
use super::shape::{Shape, Shapes};

impl<T: Part> Part for Option<T> {
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
        let value: Option<Json<T>> = Deserialize::deserialize(deserializer)?;
        Ok(value.map(|Json(value)| value))
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Part> Part for Box<T> {
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
        Some(Self::new())
    }
}

impl<T: Part, const N: usize> Part for [T; N] {
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
            .map_err(|_| de::Error::custom(format!("a list of {length}, expected {N} elements")))
    }
}

/// A type that can be the key of a map: text, a whole number or a boolean.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the key of a map in a message",
    note = "keys are String, bool and the integers"
)]
pub trait MapKey: Part + Ord + Display + FromStr {}

macro_rules! key {
    ($($type:ty)*) => {$( impl MapKey for $type {} )*};
}
key!(String bool i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

fn map_to_json<'a, S: Serializer, K: MapKey, V: Part>(
    entries: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_key(&DisplayKey(key))?;
        map.serialize_value(&Json(value))?;
    }
    map.end()
}

struct DisplayKey<'a, K>(&'a K);

impl<K: Display> serde::Serialize for DisplayKey<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self.0)
    }
}

struct ParsedKey<K>(K);

impl<'de, K: MapKey> Deserialize<'de> for ParsedKey<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor<K>(PhantomData<K>);
        impl<K: MapKey> Visitor<'_> for KeyVisitor<K> {
            type Value = K;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<K, E> {
                text.parse().map_err(|_| {
                    let kind = std::any::type_name::<K>();
                    E::custom(format!("the key {text:?} is not of type {kind}"))
                })
            }
        }
        deserializer.deserialize_str(KeyVisitor(PhantomData)).map(ParsedKey)
    }
}

struct MapVisitor<M, K, V>(PhantomData<(M, K, V)>);

trait FillMap<K, V>: Default {
    /// Whether the key was there already.
    fn fill(&mut self, key: K, value: V) -> bool;
}

impl<K: Ord, V> FillMap<K, V> for BTreeMap<K, V> {
    fn fill(&mut self, key: K, value: V) -> bool {
        self.insert(key, value).is_some()
    }
}

impl<K: Eq + Hash, V, H: BuildHasher + Default> FillMap<K, V> for HashMap<K, V, H> {
    fn fill(&mut self, key: K, value: V) -> bool {
        self.insert(key, value).is_some()
    }
}

impl<'de, M: FillMap<K, V>, K: MapKey, V: Part> Visitor<'de> for MapVisitor<M, K, V> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<M, A::Error> {
        let mut map = M::default();
        while let Some(ParsedKey(key)) = access.next_key::<ParsedKey<K>>()? {
            let shown = key.to_string();
            let Json(value) = access.next_value()?;
            if map.fill(key, value) {
                return Err(de::Error::custom(format!("duplicate key `{shown}`")));
            }
        }
        Ok(map)
    }
}

impl<K: MapKey, V: Part> Part for BTreeMap<K, V> {
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
        Some(Self::new())
    }
}

impl<K: MapKey + Hash, V: Part, H: BuildHasher + Default + 'static> Part for HashMap<K, V, H> {
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
        Some(Self::default())
    }
}

macro_rules! tuple {
    ($length:literal: $($name:ident $index:tt)*) => {
        impl<$($name: Part),*> Part for ($($name,)*) {
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
