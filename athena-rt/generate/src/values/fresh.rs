//! Random values.

use athena_structure::description::{Definition, EnumShape, Shape, StructureShape};
use serde_json::{Map, Value, json};

use super::layout::{array_item, flatten, wrap};
use super::number::key_text;
use super::{Room, ValueGenerator};

/// Of this number of new leaves, one is equal to another.
const SHARED: usize = 4;

/// How deep a simplest value may be.
const DEEPEST: usize = 24;

impl<'a> ValueGenerator<'a> {
    pub(super) fn fresh_of(&mut self, shape: &'a Shape, mut room: Room) -> Value {
        match shape {
            Shape::Bool => Value::Bool(self.random.one_in(2)),
            Shape::Option(_) if self.random.one_in(3) => Value::Null,
            Shape::Boxed(inner) | Shape::Option(inner) => self.fresh_of(inner, room),
            Shape::Array(item, length) if **item == Shape::Bytes => self.bytes_of(*length),
            Shape::Array(item, length) => (0..*length)
                .map(|_| self.fresh_of(array_item(item), room))
                .collect::<Vec<_>>()
                .into(),
            Shape::Tuple(items) => {
                items.iter().map(|item| self.fresh_of(item, room)).collect::<Vec<_>>().into()
            }
            Shape::List(item) => self.fresh_list(item, &mut room).into(),
            Shape::Set(item) => distinct(self.fresh_list(item, &mut room)),
            Shape::Map(key, item) => {
                let count = if room.enter() { self.random.below(4) } else { 0 };
                let mut map = Map::new();
                for _ in 0..count {
                    let key = key_text(&self.fresh_of(key, room));
                    map.insert(key, self.fresh_of(item, room));
                }
                Value::Object(map)
            }
            Shape::Named(key) => match self.shapes().get(key) {
                None => Value::Null,
                // Past the room, what contains itself ends here.
                Some(_) if !room.enter() => self.simplest_of(shape, DEEPEST).unwrap_or_default(),
                Some(Definition::Structure(owner)) => self.fresh_structure(owner, room),
                Some(Definition::Enumeration(owner)) => self.fresh_variant(owner, room),
            },
            // What is left has no parts, see `is_leaf`.
            _ => self.fresh_leaf(shape, room),
        }
    }

    /// A value without parts, one in a few times equal to another of its message.
    fn fresh_leaf(&mut self, shape: &'a Shape, room: Room) -> Value {
        if self.random.one_in(SHARED)
            && let Some(value) = self.shared_leaf(shape, &Value::Null)
        {
            return value;
        }
        let value = match shape {
            Shape::Int { bits, signed } => self.fresh_integer(*bits, *signed),
            Shape::Float { bits } => self.fresh_float(*bits),
            Shape::Text => self.fresh_text().into(),
            Shape::Bytes => self.fresh_bytes(),
            Shape::Duration => self.fresh_duration(),
            Shape::Timestamp => self.fresh_timestamp(),
            Shape::Uuid => self.fresh_uuid(),
            Shape::TextOf(name) => self.fresh_form(name),
            _ => self.fresh_json(room),
        };
        self.share(shape, &value);
        value
    }

    fn fresh_list(&mut self, item: &'a Shape, room: &mut Room) -> Vec<Value> {
        let count = if room.enter() { [0, 1, 1, 2, 2, 3, 5][self.random.below(7)] } else { 0 };
        let mut items: Vec<Value> = Vec::with_capacity(count);
        for _ in 0..count {
            let again = self.random.pick(&items).cloned();
            let is_equal = self.random.one_in(4);
            let next = again.filter(|_| is_equal);
            items.push(next.unwrap_or_else(|| self.fresh_of(item, *room)));
        }
        items
    }

    fn fresh_structure(&mut self, owner: &'a StructureShape, room: Room) -> Value {
        let mut object = Map::new();
        for field in &owner.fields {
            if field.secret {
                if field.required {
                    let value = self.simplest_of(&field.shape, DEEPEST).unwrap_or_default();
                    object.insert(field.name.to_owned(), value);
                }
                continue;
            }
            if field.flatten {
                let value = self.fresh_of(&field.shape, room);
                flatten(&mut object, owner, value);
                continue;
            }
            if !field.required && self.random.one_in(3) {
                continue;
            }
            let value = self.fresh_of(&field.shape, room);
            if !(value.is_null() && field.shape.is_optional()) {
                object.insert(field.name.to_owned(), value);
            }
        }
        Value::Object(object)
    }

    fn fresh_variant(&mut self, owner: &'a EnumShape, room: Room) -> Value {
        for _ in 0..4 {
            let Some(variant) = self.random.pick(&owner.variants) else { break };
            let data = variant.data.as_ref().map(|data| self.fresh_of(data, room));
            if let Some(value) = wrap(owner, variant, data) {
                return value;
            }
        }
        json!(null)
    }
}

/// The items of a set: each once.
pub(super) fn distinct(items: Vec<Value>) -> Value {
    let mut set: Vec<Value> = Vec::new();
    for item in items {
        if !set.contains(&item) {
            set.push(item);
        }
    }
    set.into()
}
