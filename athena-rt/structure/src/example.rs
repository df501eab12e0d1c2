//! A message that a type accepts, made from its description.

use serde_json::{Map, Value};

use super::declared_order;
use super::shape::{Definition, EnumShape, Field, Shape, Shapes, StructureShape, Tagging};
use crate::description::TypeDescription;

/// Below this depth lists and maps are empty, and enums choose a variant without data.
const DEPTH: usize = 4;

/// A message that the type accepts: every required field, and the others with their defaults. A field with
/// `#[example(..)]` has the first of these values. Options are left out otherwise. The text of a type of another crate is
/// known for the types of the features only. [`DeclaredOrder`](crate::DeclaredOrder) writes it.
pub fn example(described: &TypeDescription) -> Value {
    Examples { shapes: &described.shapes }.value(&described.shape, 0)
}

struct Examples<'a> {
    shapes: &'a Shapes,
}

impl Examples<'_> {
    fn value(&self, shape: &Shape, depth: usize) -> Value {
        match shape {
            Shape::Bool => true.into(),
            Shape::Int { .. } => 1.into(),
            Shape::Float { .. } => 1.5.into(),
            Shape::Text => "text".into(),
            Shape::Bytes => "".into(),
            Shape::Option(_) => Value::Null,
            Shape::List(item) | Shape::Set(item) if depth < DEPTH => {
                vec![self.value(item, depth + 1)].into()
            }
            Shape::List(_) | Shape::Set(_) => Value::Array(Vec::new()),
            Shape::Array(item, length) if **item == Shape::Bytes => {
                crate::base64(&vec![0; *length]).into()
            }
            Shape::Array(item, length) => {
                (0..*length).map(|_| self.value(item, depth + 1)).collect::<Vec<_>>().into()
            }
            Shape::Map(key, item) if depth < DEPTH => {
                let key = match self.value(key, depth + 1) {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                Value::Object(Map::from_iter([(key, self.value(item, depth + 1))]))
            }
            Shape::Map(..) | Shape::Json => Value::Object(Map::new()),
            Shape::Tuple(items) => {
                items.iter().map(|item| self.value(item, depth + 1)).collect::<Vec<_>>().into()
            }
            Shape::Duration => "1s".into(),
            Shape::Timestamp => "2026-01-01T00:00:00Z".into(),
            Shape::Uuid => "00000000-0000-4000-8000-000000000000".into(),
            Shape::TextOf(name) => text_of(name).into(),
            Shape::Boxed(inner) => self.value(inner, depth),
            Shape::Named(key) => match self.shapes.get(key) {
                Some(Definition::Structure(structure)) => {
                    Value::Object(self.structure(structure, depth + 1))
                }
                Some(Definition::Enumeration(choice)) => self.variant(choice, depth + 1),
                None => Value::Null,
            },
        }
    }

    fn structure(&self, structure: &StructureShape, depth: usize) -> Map<String, Value> {
        let mut members = Map::new();
        for field in &structure.fields {
            match self.field(field, depth) {
                None | Some(Value::Null) => {}
                Some(Value::Object(inner)) if field.flatten => {
                    declared_order::extend(&mut members, inner);
                }
                Some(value) => declared_order::insert(&mut members, field.name, value),
            }
        }
        members
    }

    /// The value of a field; `None` for one that is better left out.
    fn field(&self, field: &Field, depth: usize) -> Option<Value> {
        let written = field.examples.first().copied().or(field.default.as_deref());
        if let Some(text) = written {
            return athena_protocol::json::parse(text).ok();
        }
        if !field.required && (field.shape.is_optional() || depth > DEPTH) {
            return None;
        }
        Some(self.value(&field.shape, depth))
    }

    fn variant(&self, choice: &EnumShape, depth: usize) -> Value {
        let is_plain = |at: &usize| choice.variants[*at].data.is_none();
        let plain = (0..choice.variants.len()).find(is_plain).filter(|_| depth > DEPTH);
        let Some(variant) = choice.variants.get(plain.unwrap_or(0)) else { return Value::Null };
        let name = || Value::from(variant.name);
        let data = variant.data.as_ref().map(|data| self.value(data, depth));
        match (choice.tagging, data) {
            (Tagging::External, None) => name(),
            (Tagging::External, Some(data)) => object([(variant.name, data)]),
            (Tagging::Internal { tag }, Some(Value::Object(mut members))) => {
                declared_order::insert_first(&mut members, tag, name());
                Value::Object(members)
            }
            (Tagging::Internal { tag } | Tagging::Adjacent { tag, .. }, None) => {
                object([(tag, name())])
            }
            (Tagging::Adjacent { tag, content }, Some(data)) => {
                object([(tag, name()), (content, data)])
            }
            (_, data) => data.unwrap_or_default(),
        }
    }
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    for (name, value) in members {
        declared_order::insert(&mut object, name, value);
    }
    Value::Object(object)
}

/// The text of a value whose type is known by name only.
fn text_of(name: &str) -> &'static str {
    match name {
        "char" => "a",
        "Decimal" => "1.5",
        "Url" => "https://example.com/",
        "Version" => "1.0.0",
        "IpAddr" | "Ipv4Addr" => "192.0.2.1",
        "Ipv6Addr" => "2001:db8::1",
        "SocketAddr" | "SocketAddrV4" => "192.0.2.1:80",
        "SocketAddrV6" => "[2001:db8::1]:80",
        "NaiveDate" | "Date" => "2026-01-01",
        "NaiveTime" | "Time" => "12:00:00",
        "NaiveDateTime" | "DateTime" => "2026-01-01T12:00:00",
        "OffsetDateTime" => "2026-01-01T12:00:00Z",
        "SignedDuration" | "Span" => "PT1H",
        "Zoned" => "2026-01-01T12:00:00+00:00[UTC]",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeclaredOrder;
    use crate::shape::Variant;

    fn structure(shapes: &mut Shapes) -> Shape {
        let level = shapes.enumeration("m::Level", |shapes| EnumShape {
            name: "Level",
            docs: "",
            tagging: Tagging::Internal { tag: "kind" },
            reserved: &[],
            reserved_names: &[],
            variants: vec![Variant::with(
                "High",
                1,
                shapes.structure("m::Data", |_| StructureShape {
                    name: "Data",
                    docs: "",
                    open: false,
                    reserved: &[],
                    reserved_names: &[],
                    fields: vec![Field::new("by", 1, Shape::Float { bits: 64 }).required(true)],
                }),
            )],
        });
        shapes.structure("m::Any", |_| StructureShape {
            name: "Any",
            docs: "",
            open: false,
            reserved: &[],
            reserved_names: &[],
            fields: vec![
                Field::new("id", 1, Shape::Text).required(true),
                Field::new("count", 2, Shape::Int { bits: 32, signed: false }).default(7),
                Field::new("note", 3, Shape::Option(Box::new(Shape::Text))),
                Field::new("level", 4, level).required(true),
                Field::new("key", 5, Shape::Array(Box::new(Shape::Bytes), 4)).required(true),
                Field::new("range", 6, Shape::Text).required(true).examples(&[r#""^1.2""#, "2"]),
            ],
        })
    }

    #[test]
    fn an_example_has_what_is_required_and_the_defaults() {
        let example = example(&TypeDescription::new(structure));
        let text = serde_json::to_string(&DeclaredOrder(&example)).unwrap();
        assert_eq!(
            text,
            r#"{"id":"text","count":7,"level":{"kind":"High","by":1.5},"key":"AAAAAA==","range":"^1.2"}"#
        );
    }
}
