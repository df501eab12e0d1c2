//! The trait of every type that a message can contain.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::shape::{Shape, Shapes};

/// A type that a message can contain: implemented for the types in [this table](crate::wire#types), and by
/// `#[structure]` for yours.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a structure",
    label = "not a part of a message",
    note = "if it is yours, declare it with `#[structure]`",
    note = "a type of another crate: turn on the feature of athena-rt for that crate (bytes, chrono, jiff, rust_decimal, semver, time, url, uuid), or write `#[field(text)]` (by Display and FromStr) or `#[field(json)]` (by serde) above the field"
)]
pub trait Part: Sized + 'static {
    /// Whether it is an `Option`: one that is absent is `None`, whatever its default.
    #[doc(hidden)]
    const IS_OPTION: bool = false;

    /// Whether its default is empty and takes no record on the wire: an `Option`, a list, a set or a map.
    #[doc(hidden)]
    const IS_EMPTY_BY_DEFAULT: bool = false;

    /// Whether it is a list, or an `Option` or `Box` of one.
    #[doc(hidden)]
    const IS_LIST: bool = false;

    /// Whether it is a float, or a container of floats.
    #[doc(hidden)]
    const HAS_FLOATS: bool = false;

    /// Whether there is an `Option` directly in an `Option`, so that two values would be the same.
    #[doc(hidden)]
    const HAS_NESTED_OPTION: bool = false;

    /// The same as the type of a field, which may be absent, null or a value.
    #[doc(hidden)]
    const HAS_AMBIGUOUS_OPTION: bool = Self::HAS_NESTED_OPTION;

    /// The members that a flattened field of this type takes from the object around it, by their keys; `None` for all
    /// that are left.
    #[doc(hidden)]
    const MEMBERS: Option<fn(&str) -> bool> = None;

    /// The members of which one must be there for an `Option` of this type, flattened, to be a value.
    #[doc(hidden)]
    const SIGNS: Option<fn(&str) -> bool> = Self::MEMBERS;

    /// Describes the type; named types are entered into `shapes` once.
    fn shape(shapes: &mut Shapes) -> Shape;

    /// Writes the value as JSON.
    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads the value from JSON.
    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;

    /// The value of a field that is not in the message; `None` if the field is required.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether the field is left out when written.
    fn is_absent(&self) -> bool {
        false
    }

    /// The value as serde writes it. Generated code asks the type itself, so that a type that can't
    /// be part of a message is one error, where the field is declared.
    #[doc(hidden)]
    fn json(&self) -> impl Serialize + '_ {
        Json(self)
    }

    /// The seed with which serde reads the value.
    #[doc(hidden)]
    fn seed<'de>() -> impl DeserializeSeed<'de, Value = Self> {
        Seed(PhantomData)
    }

    /// Describes a list of this type. `u8` makes it bytes.
    #[doc(hidden)]
    fn list_shape(shapes: &mut Shapes) -> Shape {
        Shape::List(Box::new(Self::shape(shapes)))
    }

    /// Writes a list of this type.
    #[doc(hidden)]
    fn list_to_json<S: Serializer>(list: &[Self], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(list.iter().map(Json))
    }

    /// Reads a list of this type.
    #[doc(hidden)]
    fn list_from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Self>, D::Error> {
        read_list(deserializer)
    }

    /// The value of `null` in an `Option` of this type, if that is not `None`.
    #[doc(hidden)]
    fn null() -> Option<Self> {
        None
    }
}

/// A type by another name, which depends on a constant: generated code checks its types in it. If the check
/// fails, so that the constant has no value, the compiler says nothing about the types once more.
#[doc(hidden)]
pub trait CheckedType<const CHECKED: usize> {
    /// The type itself.
    type Type;
}

impl<T> CheckedType<0> for T {
    type Type = T;
}

/// Reads a list of values, whatever a list of their type is.
pub(crate) fn read_list<'de, T: Part, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    deserializer.deserialize_seq(ListVisitor(PhantomData))
}

/// Carries a [`Part`] through serde.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: Part> Serialize for Json<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_json(serializer)
    }
}

impl<'de, T: Part> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::from_json(deserializer).map(Json)
    }
}

struct Seed<T>(PhantomData<T>);

impl<'de, T: Part> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::from_json(deserializer)
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Part> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<T>, A::Error> {
        // A sender's size hint is a claim: never reserve more than a page for it.
        let room = 4096 / size_of::<T>().max(1);
        let mut list = Vec::with_capacity(seq.size_hint().unwrap_or(0).min(room));
        while let Some(Json(item)) = seq.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}
