//! Writes a value with its fields in the order in which their type declares them, whatever order it was
//! recorded in.

use athena_protocol::JsonText;
use athena_protocol::json::pointer::unescaped;
use athena_protocol::json::{self, RawJson, digits};
use athena_structure::description::{
    Definition, EnumShape, Shape, Shapes, StructureShape, Tagging,
};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The compact JSON of a value of a type.
pub(crate) fn to_text(shapes: &Shapes, shape: &Shape, value: &Value) -> String {
    let mut out = Vec::with_capacity(256);
    append(shapes, shape, value, &mut out);
    // Written by `serde_json`.
    String::from_utf8(out).unwrap_or_default()
}

fn append(shapes: &Shapes, shape: &Shape, value: &Value, out: &mut Vec<u8>) {
    match (shape, value) {
        (Shape::Option(inner) | Shape::Boxed(inner), _) => append(shapes, inner, value, out),
        (Shape::List(item) | Shape::Set(item) | Shape::Array(item, _), Value::Array(items)) => {
            append_list(shapes, |_| Some(&**item), items, out);
        }
        (Shape::Tuple(of_items), Value::Array(items)) => {
            append_list(shapes, |at| of_items.get(at), items, out);
        }
        (Shape::Named(key), Value::Object(members)) => match shapes.get(key) {
            Some(Definition::Structure(structure)) if !structure.is_flat() => {
                append_structure(shapes, structure, members, out);
            }
            _ => append_members(&members_of(shapes, shape, members), out),
        },
        (Shape::Map(..), Value::Object(members)) => {
            append_members(&members_of(shapes, shape, members), out);
        }
        _ => digits::append(value, out),
    }
}

fn append_list<'s>(
    shapes: &Shapes,
    shape_of: impl Fn(usize) -> Option<&'s Shape>,
    items: &[Value],
    out: &mut Vec<u8>,
) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        separate(at > 0, out);
        match shape_of(at) {
            Some(shape) => append(shapes, shape, item, out),
            None => digits::append(item, out),
        }
    }
    out.push(b']');
}

/// Appends a structure whose members are its own: most are, and there may be a hundred thousand.
fn append_structure(
    shapes: &Shapes,
    structure: &StructureShape,
    members: &Map<String, Value>,
    out: &mut Vec<u8>,
) {
    let mut written = 0;
    out.push(b'{');
    for field in &structure.fields {
        let called = || members.iter().find(|(key, _)| field.is_called(key));
        if let Some((key, value)) = members.get_key_value(field.name).or_else(called) {
            append_key(key, written > 0, out);
            append(shapes, &field.shape, value, out);
            written += 1;
        }
    }
    if written < members.len() {
        for (key, value) in &structure.split(shapes, members).1 {
            append_key(key, written > 0, out);
            digits::append(value, out);
            written += 1;
        }
    }
    out.push(b'}');
}

type Members = Vec<(String, String)>;

fn append_members(members: &[(String, String)], out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (key, text)) in members.iter().enumerate() {
        append_key(key, at > 0, out);
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'}');
}

fn append_key(key: &str, is_next: bool, out: &mut Vec<u8>) {
    separate(is_next, out);
    // A text never fails.
    let _ = serde_json::to_writer(&mut *out, key);
    out.push(b':');
}

fn separate(is_next: bool, out: &mut Vec<u8>) {
    if is_next {
        out.push(b',');
    }
}

/// The members of an object with their texts, in order.
fn members_of(shapes: &Shapes, shape: &Shape, members: &Map<String, Value>) -> Members {
    let definition = match shape {
        Shape::Option(inner) | Shape::Boxed(inner) => return members_of(shapes, inner, members),
        Shape::Map(_, item) => {
            let text =
                |(key, value): (&String, &Value)| (key.clone(), to_text(shapes, item, value));
            return members.iter().map(text).collect();
        }
        Shape::Named(key) => shapes.get(key),
        _ => None,
    };
    match definition {
        Some(Definition::Structure(structure)) => of_structure(shapes, structure, members),
        Some(Definition::Enumeration(shape)) => of_variant(shapes, shape, members),
        None => unordered(members),
    }
}

fn unordered(members: &Map<String, Value>) -> Members {
    members.iter().map(|(key, value)| (key.clone(), digits::to_text(value))).collect()
}

fn of_structure(
    shapes: &Shapes,
    structure: &StructureShape,
    members: &Map<String, Value>,
) -> Members {
    let (parts, left) = structure.split(shapes, members);
    let mut parts = parts.into_iter();
    let mut out = Members::new();
    for field in &structure.fields {
        if field.flatten {
            if let Some((_, part)) = parts.next() {
                out.extend(members_of(shapes, &field.shape, &part));
            }
        } else if let Some((key, value)) = members.iter().find(|(key, _)| field.is_called(key)) {
            out.push((key.clone(), to_text(shapes, &field.shape, value)));
        }
    }
    out.extend(unordered(&left));
    out
}

fn of_variant(shapes: &Shapes, shape: &EnumShape, members: &Map<String, Value>) -> Members {
    let value = Value::Object(members.clone());
    let Some(located) = shape.locate(shapes, &value) else { return unordered(members) };
    let data = located.variant.data.as_ref().zip(located.data.as_deref());
    let tag = match shape.tagging {
        Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } => Some(tag),
        Tagging::External | Tagging::Untagged => None,
    };
    let tag = tag.and_then(|tag| Some((tag.to_owned(), digits::to_text(members.get(tag)?))));
    let mut out: Members = tag.into_iter().collect();
    match (data, located.key, members.keys().next()) {
        (Some((shape, data)), Some(key), first) => {
            // An external variant may be written under an alias.
            let key = if members.contains_key(key) { Some(key) } else { first.map(String::as_str) };
            out.extend(key.map(|key| (key.to_owned(), to_text(shapes, shape, data))));
        }
        (Some((shape, Value::Object(data))), None, _) => {
            out.extend(members_of(shapes, shape, data));
        }
        _ => {}
    }
    // Nothing is lost, whatever else stands there.
    let others = unordered(members);
    let is_new = |(key, _): &(String, String)| out.iter().all(|(known, _)| known != key);
    let others: Members = others.into_iter().filter(is_new).collect();
    out.extend(others);
    out
}

/// The text of a part of a JSON text. `None` if it has no such part.
fn part<'t>(text: &'t str, pointer: &str) -> Option<&'t str> {
    let mut raw: &RawValue = serde_json::from_str(text).ok()?;
    for step in pointer.split('/').skip(1) {
        let step = unescaped(step);
        raw = match RawJson::parse(raw, 0).ok()? {
            RawJson::List(items) => items.get(step.parse::<usize>().ok()?).copied()?,
            RawJson::Object(members) => members.into_iter().find(|(key, _)| *key == step)?.1,
            _ => return None,
        };
    }
    Some(raw.get())
}

/// A value with its fields in declared order, from the text of the outcome that it is a part of. `None` if
/// they are sorted so, or if the part is another value: items of unordered lists change places.
pub(crate) fn in_order(outcome: &str, pointer: &str, value: &Value) -> Option<JsonText> {
    let found = part(outcome, pointer)?;
    let is_same =
        found != digits::to_text(value) && json::parse(found).ok().as_ref() == Some(value);
    if is_same { JsonText::new(found) } else { None }
}

#[cfg(test)]
mod tests {
    use athena_structure::description::{Field, TypeDescription, Variant};

    use super::*;

    fn described() -> TypeDescription {
        let structure = |name, fields| StructureShape {
            name,
            docs: "",
            open: true,
            reserved: &[],
            reserved_names: &[],
            fields,
        };
        TypeDescription::new(|shapes| {
            let inner = shapes.structure("m::Inner", |_| {
                structure(
                    "Inner",
                    vec![Field::new("y", 1, Shape::Text), Field::new("x", 2, Shape::Text)],
                )
            });
            let choice = shapes.enumeration("m::Choice", |_| EnumShape {
                name: "Choice",
                docs: "",
                tagging: Tagging::Internal { tag: "type" },
                reserved: &[],
                reserved_names: &[],
                variants: vec![Variant::with("A", 1, inner.clone())],
            });
            let list = Shape::List(Box::new(inner.clone()));
            shapes.structure("m::Outer", |_| {
                structure(
                    "Outer",
                    vec![
                        Field::new("last", 1, list),
                        Field::new("flat", 2, inner).flatten(),
                        Field::new("choice", 3, choice),
                        Field::new("first", 4, Shape::Text),
                    ],
                )
            })
        })
    }

    #[test]
    fn fields_are_in_the_order_of_the_type_and_nothing_is_lost() {
        let described = described();
        // As it is read: any JSON is sorted, whatever another crate turns on.
        let value = r#"{
            "first": "1",
            "choice": { "x": "2", "y": "3", "type": "A", "a": 0 },
            "last": [{ "x": "4", "y": "5" }, null],
            "x": "6",
            "y": "7",
            "unknown": { "b": 1, "a": 2 }
        }"#;
        let value = athena_protocol::json::parse(value).unwrap();
        let text = to_text(&described.shapes, &described.shape, &value);
        assert_eq!(
            text,
            r#"{"last":[{"y":"5","x":"4"},null],"y":"7","x":"6","choice":{"type":"A","y":"3","x":"2","a":0},"first":"1","unknown":{"a":2,"b":1}}"#
        );
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back, value);
    }

    #[test]
    fn a_part_keeps_the_order_of_its_outcome() {
        let outcome = r#"[{"b":1,"a/":[{"y":1,"x":2}]}]"#;
        let shown = |pointer: &str, value: Value| {
            in_order(outcome, pointer, &value).map(|text| text.as_str().to_owned())
        };
        let item = serde_json::json!({ "x": 2, "y": 1 });
        assert_eq!(shown("/0/a~1/0", item.clone()).as_deref(), Some(r#"{"y":1,"x":2}"#));
        assert_eq!(shown("/0/b", 1.into()), None, "nothing to sort");
        assert_eq!(shown("/0/a~1/1", item.clone()), None);
        assert_eq!(shown("/0", item), None, "another value");
    }
}
