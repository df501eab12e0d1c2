//! Fields whose type is that of another crate: what carries them in messages.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::any_json::{AsJson, JsonFunctions, WithJson};
use super::number_text::NumberText;
use super::text_form::AsText;

/// A type that another carries in messages, `C`: itself in [`AsText`] or [`AsJson`], or a container of such.
///
/// The value is copied, so that no reference is cast.
pub trait Carried<C>: Sized {
    /// Wraps a copy of the value.
    fn to_carrier(&self) -> C;
    /// Unwraps the value.
    fn from_carrier(carrier: C) -> Self;
}

impl<T: Clone> Carried<AsText<T>> for T {
    fn to_carrier(&self) -> AsText<T> {
        AsText(self.clone())
    }
    fn from_carrier(carrier: AsText<T>) -> Self {
        carrier.0
    }
}

impl<T: Clone> Carried<AsJson<T>> for T {
    fn to_carrier(&self) -> AsJson<T> {
        AsJson(self.clone())
    }
    fn from_carrier(carrier: AsJson<T>) -> Self {
        carrier.0
    }
}

impl<T: Clone> Carried<AsJson<NumberText<T>>> for T {
    fn to_carrier(&self) -> AsJson<NumberText<T>> {
        AsJson(NumberText(self.clone()))
    }
    fn from_carrier(carrier: AsJson<NumberText<T>>) -> Self {
        carrier.0.0
    }
}

impl<T: Clone, W: JsonFunctions<Value = T>> Carried<WithJson<W>> for T {
    fn to_carrier(&self) -> WithJson<W> {
        WithJson(self.clone())
    }
    fn from_carrier(carrier: WithJson<W>) -> Self {
        carrier.0
    }
}

impl<T: Carried<C>, C> Carried<Option<C>> for Option<T> {
    fn to_carrier(&self) -> Option<C> {
        self.as_ref().map(T::to_carrier)
    }
    fn from_carrier(carrier: Option<C>) -> Self {
        carrier.map(T::from_carrier)
    }
}

impl<T: Carried<C>, C> Carried<Box<C>> for Box<T> {
    fn to_carrier(&self) -> Box<C> {
        Box::new((**self).to_carrier())
    }
    fn from_carrier(carrier: Box<C>) -> Self {
        Self::new(T::from_carrier(*carrier))
    }
}

impl<T: Carried<C>, C> Carried<Vec<C>> for Vec<T> {
    fn to_carrier(&self) -> Vec<C> {
        self.iter().map(T::to_carrier).collect()
    }
    fn from_carrier(carrier: Vec<C>) -> Self {
        carrier.into_iter().map(T::from_carrier).collect()
    }
}

impl<T: Carried<C>, C, const N: usize> Carried<[C; N]> for [T; N] {
    fn to_carrier(&self) -> [C; N] {
        self.each_ref().map(T::to_carrier)
    }
    fn from_carrier(carrier: [C; N]) -> Self {
        carrier.map(T::from_carrier)
    }
}

impl<K: Ord + Clone, V: Carried<C>, C> Carried<BTreeMap<K, C>> for BTreeMap<K, V> {
    fn to_carrier(&self) -> BTreeMap<K, C> {
        self.iter().map(|(key, value)| (key.clone(), value.to_carrier())).collect()
    }
    fn from_carrier(carrier: BTreeMap<K, C>) -> Self {
        carrier.into_iter().map(|(key, value)| (key, V::from_carrier(value))).collect()
    }
}

impl<K: Eq + Hash + Clone, V: Carried<C>, C, H: BuildHasher + Default> Carried<HashMap<K, C, H>>
    for HashMap<K, V, H>
{
    fn to_carrier(&self) -> HashMap<K, C, H> {
        self.iter().map(|(key, value)| (key.clone(), value.to_carrier())).collect()
    }
    fn from_carrier(carrier: HashMap<K, C, H>) -> Self {
        carrier.into_iter().map(|(key, value)| (key, V::from_carrier(value))).collect()
    }
}
