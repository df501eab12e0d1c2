//! Sets as parts of a message: lists without order, written sorted.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use serde::{Deserializer, Serializer, de};

use super::part::{Json, Part};
use super::shape::{Shape, Shapes};
use super::wire::error::WireError;
use super::wire::field::{Form, Wire};
use super::wire::key::Key;
use super::wire::position::ErrorPosition;
use super::wire::reader::Reader;
use super::wire::writer::Writer;

/// A set by its elements.
trait Elements<T>: Default {
    /// Adds an element; `false` if it is there already.
    fn add(&mut self, element: T) -> bool;
    /// The elements in their order.
    fn sorted(&self) -> Vec<&T>;
}

impl<T: Ord> Elements<T> for BTreeSet<T> {
    fn add(&mut self, element: T) -> bool {
        self.insert(element)
    }
    fn sorted(&self) -> Vec<&T> {
        self.iter().collect()
    }
}

impl<T: Ord + Hash, H: BuildHasher + Default> Elements<T> for HashSet<T, H> {
    fn add(&mut self, element: T) -> bool {
        self.insert(element)
    }
    fn sorted(&self) -> Vec<&T> {
        let mut elements: Vec<&T> = self.iter().collect();
        elements.sort_unstable();
        elements
    }
}

fn set<C: Elements<T>, T>(list: Vec<T>) -> Result<C, usize> {
    let mut set = C::default();
    for (at, element) in list.into_iter().enumerate() {
        if !set.add(element) {
            return Err(at);
        }
    }
    Ok(set)
}

macro_rules! set {
    ([$($generic:tt)*] $type:ty) => {
        impl<$($generic)*> Part for $type {
            const IS_EMPTY_BY_DEFAULT: bool = true;
            const HAS_FLOATS: bool = T::HAS_FLOATS;
            const HAS_NESTED_OPTION: bool = T::HAS_NESTED_OPTION;

            fn shape(shapes: &mut Shapes) -> Shape {
                Shape::Set(Box::new(T::shape(shapes)))
            }

            fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.sorted().into_iter().map(Json))
            }

            fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                set(crate::part::read_list(deserializer)?).map_err(|at| {
                    de::Error::custom(format!("element {at} is in the set already"))
                })
            }

            fn absent() -> Option<Self> {
                crate::exact::missing()
            }
        }

        /// `repeated`, in the order of the elements.
        impl<F: Form, $($generic)*> Wire<F> for $type
        where
            T: Wire<F> + Clone,
        {
            type Slot = Vec<T>;

            fn encode(&self, number: u32, writer: &mut Writer) {
                let elements: Vec<T> = self.sorted().into_iter().cloned().collect();
                T::encode_numbers(&elements, number, writer);
            }
            fn encode_one(&self, number: u32, writer: &mut Writer) {
                crate::wire::message::wrap(self, number, writer);
            }
            fn merge(slot: &mut Vec<T>, key: Key, reader: &mut Reader<'_>) -> Result<(), WireError> {
                T::merge_numbers(slot, key, reader)
            }
            fn merge_one(
                slot: &mut Option<Self>,
                key: Key,
                reader: &mut Reader<'_>,
            ) -> Result<(), WireError> {
                crate::wire::message::resume_wrapper(slot, key, reader)
            }
            fn read(key: Key, reader: &mut Reader<'_>) -> Result<Self, WireError> {
                crate::wire::message::read_wrapper(key, reader)
            }
            fn finish(slot: Vec<T>, _: ErrorPosition<'_>) -> Result<Option<Self>, WireError> {
                Ok(Some(slot.into_iter().collect()))
            }
            fn resume(self) -> Vec<T> {
                self.into_iter().collect()
            }
            fn zero() -> Result<Self, WireError> {
                Ok(Self::default())
            }
        }
    };
}

set!([T: Part + Ord] BTreeSet<T>);
set!([T: Part + Ord + Hash, H: BuildHasher + Default + 'static] HashSet<T, H>);
