//! Where the parts of a value are in JSON: the variant that it is, and the members of flattened fields.

use std::borrow::Cow;

use athena_protocol::collect::insert_all;
use serde_json::{Map, Value};

use super::shape::{Definition, EnumShape, Field, Shape, Shapes, StructureShape, Tagging, Variant};

/// The variant that a value is.
#[derive(Debug)]
pub struct Located<'s, 'v> {
    /// The variant.
    pub variant: &'s Variant,
    /// The key under which its data is; `None` if the data is the value itself, perhaps with a tag.
    pub key: Option<&'s str>,
    /// Its data, without the tag; `None` if it has none.
    pub data: Option<Cow<'v, Value>>,
}

/// A flattened field and its members.
pub type FlatPart<'s> = (&'s Field, Map<String, Value>);

impl EnumShape {
    /// Finds the variant that a value is, and its data.
    pub fn locate<'s, 'v>(&'s self, shapes: &Shapes, value: &'v Value) -> Option<Located<'s, 'v>> {
        let called = |name: &str| self.called(name).map(|at| &self.variants[at]);
        match (self.tagging, value) {
            (Tagging::External, Value::String(name)) => {
                let variant = called(name).filter(|variant| variant.data.is_none())?;
                Some(Located { variant, key: None, data: None })
            }
            (Tagging::External, Value::Object(object)) if object.len() == 1 => {
                let (name, data) = object.iter().next()?;
                let variant = called(name)?;
                Some(Located { variant, key: Some(variant.name), data: Some(Cow::Borrowed(data)) })
            }
            (Tagging::Internal { tag }, Value::Object(object)) => {
                let variant = called(object.get(tag)?.as_str()?)?;
                let members = object.iter().filter(|(key, _)| key.as_str() != tag);
                let members: Map<String, Value> =
                    insert_all(members.map(|(key, value)| (key.clone(), value.clone())));
                let data = variant.data.as_ref().map(|_| Cow::Owned(Value::Object(members)));
                Some(Located { variant, key: None, data })
            }
            (Tagging::Adjacent { tag, content }, Value::Object(object)) => {
                let variant = called(object.get(tag)?.as_str()?)?;
                let data = object.get(content).map(Cow::Borrowed);
                Some(Located { variant, key: Some(content), data })
            }
            (Tagging::Untagged, value) => {
                let variant = self.variants.iter().find(|variant| match &variant.data {
                    Some(data) => fits(data, shapes, value),
                    None => value.is_null(),
                })?;
                let data = variant.data.as_ref().map(|_| Cow::Borrowed(value));
                Some(Located { variant, key: None, data })
            }
            _ => None,
        }
    }
}

impl StructureShape {
    /// Whether the members of a field are those of the structure.
    pub fn is_flat(&self) -> bool {
        self.fields.iter().any(|field| field.flatten)
    }

    /// The members of each flattened field, and those that belong to no field.
    pub fn split<'s>(
        &'s self,
        shapes: &Shapes,
        object: &Map<String, Value>,
    ) -> (Vec<FlatPart<'s>>, Map<String, Value>) {
        let own =
            |key: &str| self.fields.iter().any(|field| !field.flatten && field.is_called(key));
        let mut left: Map<String, Value> = insert_all(
            object
                .iter()
                .filter(|(key, _)| !own(key))
                .map(|(key, value)| (key.clone(), value.clone())),
        );
        let mut parts = Vec::new();
        for field in self.fields.iter().filter(|field| field.flatten) {
            let (taken, rest) = left.into_iter().partition(|(key, _)| takes(field, shapes, key));
            left = rest;
            parts.push((field, taken));
        }
        (parts, left)
    }
}

/// Whether a flattened field takes a member: a structure takes its own, an enum those of its variants, a map all.
fn takes(field: &Field, shapes: &Shapes, key: &str) -> bool {
    match inner(&field.shape) {
        Shape::Named(named) => match shapes.get(named) {
            Some(Definition::Structure(structure)) => structure.fields.iter().any(|field| {
                if field.flatten { takes(field, shapes, key) } else { field.is_called(key) }
            }),
            Some(Definition::Enumeration(shape)) => match shape.tagging {
                Tagging::External => shape.variants.iter().any(|variant| variant.is_called(key)),
                Tagging::Adjacent { tag, content } => [tag, content].contains(&key),
                _ => true,
            },
            _ => true,
        },
        _ => true,
    }
}

/// The shape without `Option` and `Box`.
pub(crate) fn inner(shape: &Shape) -> &Shape {
    match shape {
        Shape::Option(item) | Shape::Boxed(item) => inner(item),
        other => other,
    }
}

/// Whether a value can be of a type.
fn fits(shape: &Shape, shapes: &Shapes, value: &Value) -> bool {
    match (shape, value) {
        (Shape::Json, _)
        | (Shape::Bool, Value::Bool(_))
        | (Shape::Float { .. }, Value::Number(_))
        | (Shape::Option(_), Value::Null)
        | (
            Shape::Text
            | Shape::TextOf(_)
            | Shape::Bytes
            | Shape::Duration
            | Shape::Timestamp
            | Shape::Uuid,
            Value::String(_),
        ) => true,
        (Shape::Int { signed, .. }, Value::Number(number)) => {
            number.is_u64()
                || (*signed && number.is_i64())
                || number.as_f64().is_some_and(|float| float.fract() == 0.0)
        }
        (Shape::Option(item) | Shape::Boxed(item), value) => fits(item, shapes, value),
        (Shape::List(item) | Shape::Set(item), Value::Array(items)) => {
            items.iter().all(|value| fits(item, shapes, value))
        }
        (Shape::Array(list, length), Value::Array(items)) => {
            items.len() == *length && fits(list, shapes, value)
        }
        (Shape::Array(list, _), value) => fits(list, shapes, value),
        (Shape::Tuple(shapes_of), Value::Array(items)) => {
            items.len() == shapes_of.len()
                && shapes_of.iter().zip(items).all(|(shape, value)| fits(shape, shapes, value))
        }
        (Shape::Map(_, item), Value::Object(members)) => {
            members.values().all(|value| fits(item, shapes, value))
        }
        (Shape::Named(key), value) => match (shapes.get(key), value) {
            (Some(Definition::Structure(structure)), Value::Object(object)) => {
                fits_structure(structure, shapes, object)
            }
            (Some(Definition::Enumeration(shape)), value) => shape
                .locate(shapes, value)
                .is_some_and(|found| match (&found.variant.data, &found.data) {
                    (Some(shape), Some(data)) => fits(shape, shapes, data),
                    (shape, data) => shape.is_none() && data.is_none(),
                }),
            _ => false,
        },
        _ => false,
    }
}

fn fits_structure(
    structure: &StructureShape,
    shapes: &Shapes,
    object: &Map<String, Value>,
) -> bool {
    let own = structure.fields.iter().filter(|field| !field.flatten);
    let has_all = own.clone().all(|field| {
        let given = object.iter().find(|(key, _)| field.is_called(key));
        given.map_or(!field.required, |(_, value)| fits(&field.shape, shapes, value))
    });
    let (parts, rest) = structure.split(shapes, object);
    has_all
        && (structure.open || rest.is_empty())
        && parts.into_iter().all(|(field, members)| {
            let is_absent = members.is_empty() && matches!(field.shape, Shape::Option(_));
            is_absent || fits(inner(&field.shape), shapes, &Value::Object(members))
        })
}
