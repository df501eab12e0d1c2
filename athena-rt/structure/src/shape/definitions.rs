//! The named types that a type contains.

use std::collections::BTreeMap;

use super::enumeration::EnumShape;
use super::structure::StructureShape;
use super::value::Shape;

/// The definitions of the named types that a type contains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    definitions: BTreeMap<&'static str, Option<Definition>>,
    order: Vec<&'static str>,
}

/// A named type.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// A struct under `#[structure]`.
    Structure(StructureShape),
    /// An enum under `#[structure]`.
    Enumeration(EnumShape),
}

impl Shapes {
    /// Enters a structure, once; a type that contains itself meets its own key.
    pub fn structure(
        &mut self,
        key: &'static str,
        describe: impl FnOnce(&mut Self) -> StructureShape,
    ) -> Shape {
        self.enter(key, |shapes| Definition::Structure(describe(shapes)))
    }

    /// Enters an enum, once.
    pub fn enumeration(
        &mut self,
        key: &'static str,
        describe: impl FnOnce(&mut Self) -> EnumShape,
    ) -> Shape {
        self.enter(key, |shapes| Definition::Enumeration(describe(shapes)))
    }

    fn enter(
        &mut self,
        key: &'static str,
        describe: impl FnOnce(&mut Self) -> Definition,
    ) -> Shape {
        if self.reserve(key) {
            let definition = describe(self);
            self.define(key, definition);
        }
        Shape::Named(key)
    }

    // Not generic: a user's crate would have the code of the map.

    /// Enters a key without its definition; whether it is new.
    fn reserve(&mut self, key: &'static str) -> bool {
        let is_new = !self.definitions.contains_key(key);
        if is_new {
            self.definitions.insert(key, None);
            self.order.push(key);
        }
        is_new
    }

    fn define(&mut self, key: &'static str, definition: Definition) {
        self.definitions.insert(key, Some(definition));
    }

    /// The definition behind a [`Shape::Named`].
    pub fn get(&self, key: &str) -> Option<&Definition> {
        self.definitions.get(key)?.as_ref()
    }

    /// Every definition, in the order met: an outer type before those it uses.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Definition)> {
        self.order.iter().filter_map(|key| Some((*key, self.get(key)?)))
    }
}
