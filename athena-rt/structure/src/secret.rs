//! `#[secret]` fields: the placeholders that are recorded for them, and what errors must not show.

use serde_json::{Map, Value, json};

use super::description::TypeDescription;
use super::located::inner;
use super::pointer::unescaped;
use super::shape::{Definition, EnumShape, Shape, Shapes, StructureShape, Tagging};

/// A message with a placeholder in place of every `#[secret]` field; `None` without any such
/// field, or if the text is not a message.
pub fn redact(text: &str, described: &TypeDescription) -> Option<String> {
    let TypeDescription { shape, shapes } = described;
    if !has_secrets(described) {
        return None;
    }
    let mut value: Value = athena_protocol::json::parse(text).ok()?;
    redact_value(&mut value, shape, shapes, false);
    // Members of flattened fields were put behind the others, which shows where objects keep an order.
    value.sort_all_objects();
    Some(athena_protocol::json::digits::to_text(&value))
}

/// Whether there is a `#[secret]` field in the type.
pub fn has_secrets(described: &TypeDescription) -> bool {
    described.shapes.iter().any(|(_, definition)| match definition {
        Definition::Structure(structure) => structure.fields.iter().any(|field| field.secret),
        Definition::Enumeration(_) => false,
    })
}

/// Whether the value at a JSON pointer is a `#[secret]` field or part of one.
pub(crate) fn is_secret(pointer: &str, described: &TypeDescription) -> bool {
    let steps: Vec<_> = pointer.split('/').skip(1).map(unescaped).collect();
    let steps: Vec<&str> = steps.iter().map(AsRef::as_ref).collect();
    leads_to_secret(&described.shape, &described.shapes, &steps)
}

fn leads_to_secret(shape: &Shape, shapes: &Shapes, steps: &[&str]) -> bool {
    let Some((step, rest)) = steps.split_first() else { return false };
    match inner(shape) {
        Shape::List(item) | Shape::Set(item) | Shape::Array(item, _) | Shape::Map(_, item) => {
            leads_to_secret(item, shapes, rest)
        }
        Shape::Tuple(items) => {
            let item = step.parse().ok().and_then(|at: usize| items.get(at));
            item.is_some_and(|item| leads_to_secret(item, shapes, rest))
        }
        Shape::Named(key) => match shapes.get(key) {
            Some(Definition::Structure(structure)) => structure.fields.iter().any(|field| {
                if field.flatten {
                    field.secret || leads_to_secret(&field.shape, shapes, steps)
                } else {
                    field.is_called(step)
                        && (field.secret || leads_to_secret(&field.shape, shapes, rest))
                }
            }),
            // Where the tag is not in the pointer any variant may be meant.
            Some(Definition::Enumeration(shape)) => shape.variants.iter().any(|variant| {
                let data = variant.data.as_ref();
                let steps = match shape.tagging {
                    Tagging::External if variant.is_called(step) => rest,
                    Tagging::Adjacent { content, .. } if content == *step => rest,
                    Tagging::Internal { .. } | Tagging::Untagged => steps,
                    _ => return false,
                };
                data.is_some_and(|data| leads_to_secret(data, shapes, steps))
            }),
            None => false,
        },
        _ => false,
    }
}

/// Replaces what is secret in a value, or every part of it if `all` is set.
fn redact_value(value: &mut Value, shape: &Shape, shapes: &Shapes, all: bool) {
    match (inner(shape), &mut *value) {
        (_, Value::Null) => {}
        (Shape::Named(key), _) => match shapes.get(key) {
            Some(Definition::Structure(structure)) => {
                let Value::Object(object) = value else { return };
                redact_structure(object, structure, shapes, all);
            }
            Some(Definition::Enumeration(shape)) => redact_variant(value, shape, shapes, all),
            None => {}
        },
        (Shape::Tuple(items), Value::Array(values)) => {
            for (value, item) in values.iter_mut().zip(items) {
                redact_value(value, item, shapes, all);
            }
        }
        (Shape::Array(item, _), Value::Array(values)) => {
            for value in values {
                redact_value(value, item, shapes, all);
            }
        }
        (Shape::List(_) | Shape::Set(_), Value::Array(_)) if all => *value = json!([]),
        (Shape::Map(..), Value::Object(_)) if all => *value = Value::Object(Map::new()),
        (Shape::List(item) | Shape::Set(item), Value::Array(values)) => {
            for value in values {
                redact_value(value, item, shapes, false);
            }
        }
        (Shape::Map(_, item), Value::Object(values)) => {
            for (_, value) in values {
                redact_value(value, item, shapes, false);
            }
        }
        (shape, _) if all => *value = placeholder(shape),
        _ => {}
    }
}

fn redact_structure(
    object: &mut Map<String, Value>,
    structure: &StructureShape,
    shapes: &Shapes,
    all: bool,
) {
    let (parts, rest) =
        if structure.is_flat() { structure.split(shapes, object) } else { Default::default() };
    let find =
        |name: &str| structure.fields.iter().find(|field| !field.flatten && field.is_called(name));
    for (name, value) in object.iter_mut() {
        if let Some(field) = find(name) {
            redact_value(value, &field.shape, shapes, all || field.secret);
        }
    }
    // A field that an open structure does not declare is as secret as the rest.
    let is_kept = |name: &str| find(name).is_some();
    object.retain(|name, _| is_kept(name) || !(all || structure.is_flat()));
    for (field, members) in parts {
        let mut value = Value::Object(members);
        redact_value(&mut value, &field.shape, shapes, all || field.secret);
        if let Value::Object(members) = value {
            object.extend(members);
        }
    }
    if !all {
        object.extend(rest);
    }
}

fn redact_variant(value: &mut Value, shape: &EnumShape, shapes: &Shapes, all: bool) {
    let unit = shape.variants.iter().find(|variant| variant.data.is_none());
    if all
        && shape.tagging == Tagging::External
        && let Some(first) = unit
    {
        *value = Value::from(first.name);
        return;
    }
    let redacted = shape.locate(shapes, value).and_then(|found| {
        let mut data = found.data?.into_owned();
        redact_value(&mut data, found.variant.data.as_ref()?, shapes, all);
        Some(data)
    });
    let Some(data) = redacted else {
        if all && shape.tagging == Tagging::Untagged {
            *value = Value::Null;
        }
        return;
    };
    match (shape.tagging, value) {
        (Tagging::External, Value::Object(object)) => {
            object.values_mut().for_each(|value| value.clone_from(&data));
        }
        (Tagging::Internal { tag }, Value::Object(object)) => {
            object.retain(|key, _| key == tag);
            if let Value::Object(members) = data {
                object.extend(members);
            }
        }
        (Tagging::Adjacent { content, .. }, Value::Object(object)) => {
            object.insert(content.to_owned(), data);
        }
        (_, value) => *value = data,
    }
}

fn placeholder(shape: &Shape) -> Value {
    match shape {
        Shape::Bool => json!(false),
        Shape::Int { .. } => json!(0),
        Shape::Float { .. } => json!(0.0),
        Shape::Bytes => json!(""),
        Shape::Duration => json!("0s"),
        Shape::Timestamp => json!("1970-01-01T00:00:00Z"),
        Shape::Json => Value::Null,
        Shape::TextOf(name) => json!(text_placeholder(name)),
        Shape::Uuid => json!("00000000-0000-0000-0000-000000000000"),
        _ => json!("secret"),
    }
}

/// A value of a type that is text in messages; those of other crates are not known here.
fn text_placeholder(name: &str) -> &'static str {
    match name {
        "char" => "*",
        "IpAddr" | "Ipv4Addr" => "0.0.0.0",
        "Ipv6Addr" => "::",
        "SocketAddr" | "SocketAddrV4" => "0.0.0.0:0",
        "SocketAddrV6" => "[::]:0",
        "Decimal" => "0",
        "Date" => "1970-01-01",
        "Time" => "00:00:00",
        "DateTime" => "1970-01-01T00:00:00",
        "OffsetDateTime" => "1970-01-01T00:00:00+00:00",
        "SignedDuration" | "Span" => "PT0S",
        "Zoned" => "1970-01-01T00:00:00+00:00[UTC]",
        "Version" => "0.0.0",
        "Url" => "secret:",
        _ => "secret",
    }
}

#[cfg(test)]
mod tests {
    use super::super::shape::{Field, StructureShape};
    use super::*;

    fn order() -> TypeDescription {
        let mut shapes = Shapes::default();
        let inner = shapes.structure("m::Card", |_| StructureShape {
            name: "Card",
            docs: "",
            open: false,
            reserved: &[],
            reserved_names: &[],
            fields: vec![
                Field::new("number", 1, Shape::Text).secret(),
                Field::new("name", 2, Shape::Text),
            ],
        });
        let shape = shapes.structure("m::Order", |_| StructureShape {
            name: "Order",
            docs: "",
            open: false,
            reserved: &[],
            reserved_names: &[],
            fields: vec![
                Field::new("cards", 1, Shape::List(Box::new(inner.clone()))),
                Field::new(
                    "pin_code",
                    2,
                    Shape::Option(Box::new(Shape::Int { bits: 32, signed: false })),
                )
                .secret(),
                Field::new("spare", 3, inner).secret(),
            ],
        });
        TypeDescription { shape, shapes }
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let described = order();
        let given = r#"{"cards":[{"number":"4111","name":"Zoë"}],"pinCode":1234,"spare":{"number":"1","name":"2"}}"#;
        let hidden = redact(given, &described).expect("there are secrets");
        let wanted = json!({"cards": [{"number": "secret", "name": "Zoë"}], "pinCode": 0, "spare": {"number": "secret", "name": "secret"}});
        assert_eq!(serde_json::from_str::<Value>(&hidden).expect("JSON"), wanted);
    }

    #[test]
    fn what_an_open_structure_does_not_know_is_hidden_with_it() {
        let mut shapes = Shapes::default();
        let card = shapes.structure("m::Card", |_| StructureShape {
            name: "Card",
            docs: "",
            open: true,
            reserved: &[],
            reserved_names: &[],
            fields: vec![Field::new("number", 1, Shape::Text)],
        });
        let shape = shapes.structure("m::Order", |_| StructureShape {
            name: "Order",
            docs: "",
            open: true,
            reserved: &[],
            reserved_names: &[],
            fields: vec![Field::new("card", 1, card).secret()],
        });
        let given = r#"{"card":{"number":"4111","holder":"Zoë"},"other":1}"#;
        let hidden = redact(given, &TypeDescription { shape, shapes }).expect("there are secrets");
        let wanted = json!({"card": {"number": "secret"}, "other": 1});
        assert_eq!(serde_json::from_str::<Value>(&hidden).expect("JSON"), wanted);
    }

    #[test]
    fn an_error_in_a_secret_is_known_by_its_pointer() {
        let described = order();
        for (pointer, secret) in [
            ("/cards/0/number", true),
            ("/cards/0/name", false),
            ("/pinCode", true),
            ("/spare/name", true),
            ("", false),
            ("/nothing/0", false),
        ] {
            assert_eq!(is_secret(pointer, &described), secret, "{pointer}");
        }
    }
}
