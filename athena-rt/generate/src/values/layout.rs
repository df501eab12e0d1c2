//! Structures and enums as JSON has them.

use athena_structure::description::{
    Definition, EnumShape, Field, Shape, Shapes, StructureShape, Tagging, Variant,
};
use serde_json::{Map, Value};

/// A value of a variant with its data, as its enum is written. `None` if its data can't stand there.
pub(super) fn wrap(owner: &EnumShape, variant: &Variant, data: Option<Value>) -> Option<Value> {
    let name = || Value::from(variant.name);
    let object = |members: Vec<(&str, Value)>| {
        Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    };
    match (owner.tagging, data) {
        (Tagging::External, None) => Some(name()),
        (Tagging::External, Some(data)) => Some(object(vec![(variant.name, data)])),
        (Tagging::Internal { tag } | Tagging::Adjacent { tag, .. }, None) => {
            Some(object(vec![(tag, name())]))
        }
        (Tagging::Internal { tag }, Some(Value::Object(mut members))) => {
            members.insert(tag.to_owned(), name());
            Some(Value::Object(members))
        }
        (Tagging::Internal { .. }, Some(_)) => None,
        (Tagging::Adjacent { tag, content }, Some(data)) => {
            Some(object(vec![(tag, name()), (content, data)]))
        }
        (Tagging::Untagged, data) => Some(data.unwrap_or_default()),
    }
}

/// Adds the members of a flattened value to an object, except those that it has or that are its fields.
pub(super) fn flatten(object: &mut Map<String, Value>, owner: &StructureShape, value: Value) {
    let Value::Object(members) = value else { return };
    for (key, value) in members {
        let is_own = owner.fields.iter().any(|field| !field.flatten && field.is_called(&key));
        if !is_own && !object.contains_key(&key) {
            object.insert(key, value);
        }
    }
}

/// The members of a flattened field, and the object without them.
pub(super) fn take_flat(
    shapes: &Shapes,
    owner: &StructureShape,
    field: &Field,
    object: &Map<String, Value>,
) -> (Value, Map<String, Value>) {
    let (parts, _) = owner.split(shapes, object);
    let part = parts.into_iter().find(|(known, _)| known.name == field.name);
    let members = part.map(|(_, members)| members).unwrap_or_default();
    let rest = object.iter().filter(|(key, _)| !members.contains_key(*key));
    let rest = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    (Value::Object(members), rest)
}

/// The type of an array's items.
pub(super) fn array_item(shape: &Shape) -> &Shape {
    match shape {
        Shape::List(item) => item,
        other => other,
    }
}

/// The definition of a type, without its boxes.
pub(super) fn definition<'a>(shapes: &'a Shapes, shape: &Shape) -> Option<&'a Definition> {
    match shape {
        Shape::Boxed(inner) => definition(shapes, inner),
        Shape::Named(key) => shapes.get(key),
        _ => None,
    }
}
