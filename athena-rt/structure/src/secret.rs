//! `#[secret]` fields: the placeholders that are recorded for them, and what errors must not show.

use serde_json::{Map, Value, json};

use super::description::TypeDescription;
use super::pointer::unescaped;
use super::shape::{Definition, Shape, Shapes};

/// A message with a placeholder in place of every `#[secret]` field; `None` without any such
/// field, or if the text is not a message.
pub fn redact(text: &str, described: &TypeDescription) -> Option<String> {
    let TypeDescription { shape, shapes } = described;
    if !has_secrets(described) {
        return None;
    }
    let mut value: Value = athena_protocol::json::parse(text).ok()?;
    redact_value(&mut value, shape, shapes, false);
    serde_json::to_string(&value).ok()
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
    let shapes = &described.shapes;
    let mut here = described.shape.clone();
    for step in pointer.split('/').skip(1) {
        let step = unescaped(step);
        here = match inner(&here) {
            Shape::List(item) | Shape::Set(item) | Shape::Array(item, _) | Shape::Map(_, item) => {
                (**item).clone()
            }
            Shape::Tuple(items) => match step.parse().ok().and_then(|at: usize| items.get(at)) {
                Some(item) => item.clone(),
                None => return false,
            },
            Shape::Named(key) => match shapes.get(key) {
                Some(Definition::Structure(structure)) => {
                    match structure.fields.iter().find(|field| field.is_called(&step)) {
                        Some(field) if field.secret => return true,
                        Some(field) => field.shape.clone(),
                        None => return false,
                    }
                }
                Some(Definition::Enumeration(shape)) => {
                    let variant = shape.variants.iter().find(|variant| variant.is_called(&step));
                    match variant.and_then(|variant| variant.data.clone()) {
                        Some(data) => data,
                        None => return false,
                    }
                }
                None => return false,
            },
            _ => return false,
        };
    }
    false
}

fn inner(shape: &Shape) -> &Shape {
    match shape {
        Shape::Option(item) | Shape::Boxed(item) => inner(item),
        other => other,
    }
}

/// Replaces what is secret in a value, or every part of it if `all` is set.
fn redact_value(value: &mut Value, shape: &Shape, shapes: &Shapes, all: bool) {
    match (inner(shape), &mut *value) {
        (_, Value::Null) => {}
        (Shape::Named(key), _) => match shapes.get(key) {
            Some(Definition::Structure(structure)) => {
                let Value::Object(object) = value else { return };
                let is_known =
                    |name: &str| structure.fields.iter().any(|field| field.is_called(name));
                // A field that an open structure does not declare is as secret as the rest.
                object.retain(|name, _| !all || is_known(name));
                for (name, value) in object {
                    if let Some(field) = structure.fields.iter().find(|field| field.is_called(name))
                    {
                        redact_value(value, &field.shape, shapes, all || field.secret);
                    }
                }
            }
            Some(Definition::Enumeration(shape)) => {
                if all
                    && let Some(first) =
                        shape.variants.iter().find(|variant| variant.data.is_none())
                {
                    *value = Value::from(first.name);
                } else if let Value::Object(object) = value {
                    for (name, value) in object {
                        let variant = shape.variants.iter().find(|variant| variant.is_called(name));
                        if let Some(data) = variant.and_then(|variant| variant.data.as_ref()) {
                            redact_value(value, data, shapes, all);
                        }
                    }
                }
            }
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
