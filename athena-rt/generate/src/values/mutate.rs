//! Values that differ from another in one or a few places.

use athena_structure::description::{Definition, EnumShape, Field, Shape, StructureShape};
use serde_json::{Map, Value};

use super::fresh::distinct;
use super::layout::{array_item, flatten, take_flat, wrap};
use super::leaves::is_leaf;
use super::number::key_text;
use super::{Room, ValueGenerator};

/// Of this number of changes of a leaf, one makes it equal to another.
const SHARED: usize = 8;

impl<'a> ValueGenerator<'a> {
    pub(super) fn mutate_of(&mut self, shape: &'a Shape, value: &mut Value) {
        if is_leaf(shape)
            && self.random.one_in(SHARED)
            && let Some(other) = self.shared_leaf(shape, value)
        {
            *value = other;
            return;
        }
        match (shape, &mut *value) {
            (Shape::Bool, Value::Bool(is)) => *is = !*is,
            (Shape::Int { bits, signed }, _) => *value = self.mutate_integer(*bits, *signed, value),
            (Shape::Float { bits }, Value::Number(_)) => *value = self.mutate_float(*bits, value),
            (Shape::Text, Value::String(text)) => *text = self.mutate_text(text),
            (Shape::Duration, _) => *value = self.mutate_duration(value),
            (Shape::Timestamp, _) => *value = self.mutate_timestamp(value),
            (Shape::TextOf(name), _) => *value = self.mutate_form(name, value),
            (Shape::Json, _) => self.mutate_json(value),
            (Shape::Option(inner), Value::Null) => *value = self.fresh_of(inner, Room::new()),
            (Shape::Option(_), _) if self.random.one_in(5) => *value = Value::Null,
            (Shape::Boxed(inner) | Shape::Option(inner), _) => self.mutate_of(inner, value),
            (Shape::List(item), Value::Array(items)) => self.mutate_list(item, items),
            (Shape::Set(item), Value::Array(items)) => {
                self.mutate_list(item, items);
                *value = distinct(std::mem::take(items));
            }
            (Shape::Array(item, _), Value::Array(items)) if !items.is_empty() => {
                let at = self.random.below(items.len());
                if self.random.one_in(4) {
                    let other = self.random.below(items.len());
                    items.swap(at, other);
                } else {
                    self.mutate_of(array_item(item), &mut items[at]);
                }
            }
            (Shape::Tuple(shapes), Value::Array(items)) if items.len() == shapes.len() => {
                let at = self.random.below(items.len());
                let other = self.random.below(items.len());
                if at != other && shapes[at] == shapes[other] && self.random.one_in(4) {
                    items[other] = items[at].clone();
                } else if let Some(item) = items.get_mut(at) {
                    self.mutate_of(&shapes[at], item);
                }
            }
            (Shape::Map(key, item), Value::Object(map)) => self.mutate_map(key, item, map),
            (Shape::Named(key), _) => match self.shapes().get(key) {
                Some(Definition::Structure(owner)) => match value {
                    Value::Object(object) => self.mutate_structure(owner, object),
                    _ => *value = self.fresh_of(shape, Room::new()),
                },
                Some(Definition::Enumeration(owner)) => self.mutate_variant(owner, shape, value),
                None => {}
            },
            _ => *value = self.fresh_of(shape, Room::new()),
        }
    }

    fn mutate_list(&mut self, item: &'a Shape, items: &mut Vec<Value>) {
        let count = items.len();
        match self.random.below(6) {
            0 => {
                let at = self.random.below(count + 1);
                let again = self.random.pick(items).cloned();
                let is_new = self.random.one_in(2);
                let new = again.filter(|_| !is_new);
                let new = new.unwrap_or_else(|| self.fresh_of(item, Room::new()));
                items.insert(at, new);
            }
            1 if count > 0 => drop(items.remove(self.random.below(count))),
            2 if count > 1 => {
                let (one, other) = (self.random.below(count), self.random.below(count));
                items.swap(one, other);
            }
            _ if count > 0 => {
                let at = self.random.below(count);
                self.mutate_of(item, &mut items[at]);
            }
            _ => items.push(self.fresh_of(item, Room::new())),
        }
    }

    fn mutate_map(&mut self, key: &'a Shape, item: &'a Shape, map: &mut Map<String, Value>) {
        let chosen = {
            let at = self.random.below(map.len());
            map.keys().nth(at).cloned()
        };
        match (self.random.below(5), chosen) {
            (0, Some(chosen)) => drop(map.remove(&chosen)),
            // The same value under another key.
            (1, Some(chosen)) => {
                let value = map.get(&chosen).cloned().unwrap_or_default();
                let new = self.fresh_of(key, Room::new());
                map.insert(key_text(&new), value);
            }
            (2 | 3, Some(chosen)) => {
                if let Some(value) = map.get_mut(&chosen) {
                    self.mutate_of(item, value);
                }
            }
            _ => {
                let new = self.fresh_of(key, Room::new());
                map.insert(key_text(&new), self.fresh_of(item, Room::new()));
            }
        }
    }

    fn mutate_structure(&mut self, owner: &'a StructureShape, object: &mut Map<String, Value>) {
        let fields: Vec<&'a Field> = owner.fields.iter().filter(|field| !field.secret).collect();
        let Some(field) = self.random.pick(&fields).copied() else { return };
        if field.flatten {
            let (mut value, mut rest) = take_flat(self.shapes(), owner, field, object);
            self.mutate_of(&field.shape, &mut value);
            flatten(&mut rest, owner, value);
            *object = rest;
            return;
        }
        if self.random.one_in(6) && self.relate(&fields, field, object) {
            return;
        }
        let mut value = match object.remove(field.name) {
            Some(_) if !field.required && self.random.one_in(8) => return,
            Some(value) => value,
            None => self.fresh_of(&field.shape, Room::new()),
        };
        self.mutate_of(&field.shape, &mut value);
        if !(value.is_null() && field.shape.is_optional()) {
            object.insert(field.name.to_owned(), value);
        }
    }

    /// Copies or swaps two fields of one type, or makes one of a text of parts of the other: without it a
    /// comparison of two is almost never equal. Returns whether that is all that is changed.
    fn relate(
        &mut self,
        fields: &[&'a Field],
        field: &'a Field,
        object: &mut Map<String, Value>,
    ) -> bool {
        let alike: Vec<&'a Field> = fields
            .iter()
            .copied()
            .filter(|other| {
                other.name != field.name && !other.flatten && other.shape == field.shape
            })
            .collect();
        let Some(other) = self.random.pick(&alike).copied() else { return false };
        let (mine, theirs) = (object.get(field.name).cloned(), object.get(other.name).cloned());
        if let (Shape::Text, Some(Value::String(theirs))) = (&field.shape, &theirs)
            && self.random.one_in(2)
        {
            object.insert(field.name.to_owned(), self.rearranged(theirs).into());
            return true;
        }
        if let Some(theirs) = theirs {
            object.insert(field.name.to_owned(), theirs);
        }
        if let (Some(mine), true) = (mine, self.random.one_in(2)) {
            object.insert(other.name.to_owned(), mine);
        }
        self.random.one_in(3)
    }

    fn mutate_variant(&mut self, owner: &'a EnumShape, shape: &'a Shape, value: &mut Value) {
        let located = owner.locate(self.shapes(), value);
        let found = located.map(|it| (it.variant, it.data.map(std::borrow::Cow::into_owned)));
        let Some((variant, data)) = found else {
            *value = self.fresh_of(shape, Room::new());
            return;
        };
        let new = match (&variant.data, data) {
            (Some(inner), Some(mut data)) if !self.random.one_in(4) => {
                self.mutate_of(inner, &mut data);
                wrap(owner, variant, Some(data))
            }
            (inner, data) => {
                let Some(other) = self.random.pick(&owner.variants) else { return };
                let data = match (&other.data, data) {
                    (None, _) => None,
                    // Data of the same type stays.
                    (Some(new), Some(data)) if inner.as_ref() == Some(new) => Some(data),
                    (Some(new), _) => Some(self.fresh_of(new, Room::new())),
                };
                wrap(owner, other, data)
            }
        };
        if let Some(new) = new {
            *value = new;
        }
    }

    /// Learns the texts of a message that was kept.
    pub(crate) fn learn(&mut self, value: &Value) {
        let mut leaves = Vec::new();
        let shape = &self.described.shape;
        self.leaves_of(shape, value, &mut leaves);
        for (shape, value) in leaves {
            match (shape, &value) {
                (Shape::Text, Value::String(text)) => self.pools.keep(text),
                (Shape::TextOf(name), Value::String(_)) => self.remember_form(name, &value),
                _ => {}
            }
        }
    }
}
