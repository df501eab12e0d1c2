//! A schema as JSON Schema, draft 2020-12, of the JSON that we write.

use serde_json::{Map, Value, json};

use super::schema::{Declaration, DeclarationKind, HIDDEN, Member, Schema, Type};

/// Writes the schema of the messages that a model accepts. That of the messages it returns is under `output`, which JSON Schema
/// passes over.
pub fn json_schema(schema: &Schema, model: &str) -> Value {
    let data = |input: bool| schema.data_of(model, input).map(reference).unwrap_or_default();
    let definitions: Map<String, Value> =
        schema.types.iter().map(|one| (one.name.clone(), declared(one))).collect();
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model,
        "output": data(false),
        "$defs": definitions,
    });
    if let (Value::Object(root), Value::Object(input)) = (&mut root, data(true)) {
        root.extend(input);
    }
    // Whatever order serde_json keeps.
    root.sort_all_objects();
    root
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn declared(declared: &Declaration) -> Value {
    let mut value = match declared.form {
        DeclarationKind::Structure { open } => structure(declared, open),
        DeclarationKind::Whole => {
            let value = declared.members.first().and_then(|member| member.value.as_ref());
            return value.map(kind).unwrap_or_default();
        }
        DeclarationKind::Choice => {
            let variants = declared.members.iter().map(|member| {
                described(
                    &member.docs,
                    match &member.value {
                        None => named(member),
                        Some(value) => any_of(member, |key| {
                            json!({
                                "type": "object",
                                "properties": { key: kind(value) },
                                "required": [key],
                                "additionalProperties": false,
                            })
                        }),
                    },
                )
            });
            json!({ "oneOf": variants.collect::<Vec<_>>() })
        }
        DeclarationKind::Enumeration
            if declared.members.iter().all(|member| member.docs.is_empty()) =>
        {
            let names: Vec<&str> = declared.members.iter().flat_map(names).collect();
            json!({ "enum": names })
        }
        DeclarationKind::Enumeration => {
            let values =
                declared.members.iter().map(|member| described(&member.docs, named(member)));
            json!({ "oneOf": values.collect::<Vec<_>>() })
        }
    };
    set(&mut value, "title", declared.name.clone().into());
    described(&declared.docs, value)
}

/// The key that is written and the others that are read.
fn names(member: &Member) -> impl Iterator<Item = &str> {
    std::iter::once(member.key()).chain(member.aliases().iter().map(String::as_str))
}

/// A variant without data.
fn named(member: &Member) -> Value {
    any_of(member, |name| json!({ "const": name }))
}

/// What `describe` returns for a key, or for any of several.
fn any_of(member: &Member, describe: impl Fn(&str) -> Value) -> Value {
    if member.aliases().is_empty() {
        return describe(member.key());
    }
    json!({ "anyOf": names(member).map(describe).collect::<Vec<_>>() })
}

fn structure(declared: &Declaration, open: bool) -> Value {
    let properties: Map<String, Value> = declared
        .members
        .iter()
        .flat_map(|member| names(member).map(|key| (key.to_owned(), field(member))))
        .collect();
    let required = declared.members.iter().filter(|member| member.required);
    let (plain, under_aliases): (Vec<&Member>, Vec<&Member>) =
        required.partition(|member| member.aliases().is_empty());
    let mut value = json!({ "type": "object", "properties": properties });
    if !plain.is_empty() {
        let keys: Vec<&str> = plain.iter().map(|member| member.key()).collect();
        set(&mut value, "required", keys.into());
    }
    if !under_aliases.is_empty() {
        let any =
            under_aliases.iter().map(|member| any_of(member, |key| json!({ "required": [key] })));
        set(&mut value, "allOf", any.collect::<Vec<_>>().into());
    }
    if !open {
        set(&mut value, "additionalProperties", false.into());
    }
    value
}

fn field(member: &Member) -> Value {
    let mut value = member.value.as_ref().map(kind).unwrap_or_default();
    let default = member.default.as_ref().filter(|default| *default != HIDDEN);
    if let Some(default) = default.and_then(|text| athena_protocol::json::parse(text).ok()) {
        set(&mut value, "default", default);
    }
    described(&member.docs, value)
}

fn kind(value: &Type) -> Value {
    match value {
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int { bits: 128, signed: true, .. } => json!({ "type": "integer" }),
        Type::Int { bits: 128, .. } => json!({ "type": "integer", "minimum": 0 }),
        Type::Int { bits, signed, .. } => {
            let (least, most) = range(*bits, *signed);
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Type::Float { .. } => json!({ "type": "number" }),
        Type::Text => json!({ "type": "string" }),
        Type::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
        Type::Option(inner) => json!({ "anyOf": [kind(inner), { "type": "null" }] }),
        Type::List(item) => json!({ "type": "array", "items": kind(item) }),
        Type::Array(inner, length) => {
            let mut value = kind(inner);
            if **inner == Type::Bytes {
                let letters = length.div_ceil(3) * 4;
                set(&mut value, "minLength", letters.into());
                set(&mut value, "maxLength", letters.into());
            } else {
                set(&mut value, "minItems", (*length).into());
                set(&mut value, "maxItems", (*length).into());
            }
            value
        }
        Type::Map(key, item) => {
            let mut map = json!({ "type": "object", "additionalProperties": kind(item) });
            if let Some(names) = key_names(key) {
                set(&mut map, "propertyNames", names);
            }
            map
        }
        Type::Tuple(items) => json!({
            "type": "array",
            "prefixItems": items.iter().map(kind).collect::<Vec<_>>(),
            "items": false,
            "minItems": items.len(),
        }),
        Type::Boxed(inner) => kind(inner),
        Type::Duration => json!({ "type": "string", "pattern": r"^[0-9]+(\.[0-9]{1,9})?s$" }),
        Type::Timestamp => json!({ "type": "string", "format": "date-time" }),
        Type::Uuid => json!({ "type": "string", "format": "uuid" }),
        Type::TextOf(name) => text_of(name),
        Type::Set(item) => json!({ "type": "array", "items": kind(item), "uniqueItems": true }),
        Type::Json => json!({}),
        Type::Named(name) => reference(name),
        Type::Oneof(name) => json!({ "anyOf": [reference(name), { "type": "null" }] }),
    }
}

/// A type that is text, as far as JSON Schema can tell.
fn text_of(name: &str) -> Value {
    let mut value = json!({ "type": "string" });
    match name {
        "char" => {
            set(&mut value, "minLength", 1.into());
            set(&mut value, "maxLength", 1.into());
        }
        "Ipv4Addr" => set(&mut value, "format", "ipv4".into()),
        "Ipv6Addr" => set(&mut value, "format", "ipv6".into()),
        "Url" => set(&mut value, "format", "uri".into()),
        _ => {}
    }
    value
}

/// The pattern of keys that are not text.
fn key_names(key: &Type) -> Option<Value> {
    match key {
        Type::Bool => Some(json!({ "enum": ["true", "false"] })),
        Type::Int { signed: true, .. } => Some(json!({ "pattern": "^-?[0-9]+$" })),
        Type::Int { .. } => Some(json!({ "pattern": "^[0-9]+$" })),
        Type::TextOf(_) | Type::Named(_) | Type::Uuid => Some(kind(key)),
        _ => None,
    }
}

fn range(bits: u8, signed: bool) -> (i64, u64) {
    match (bits, signed) {
        (64, true) => (i64::MIN, i64::MAX.cast_unsigned()),
        (64, false) => (0, u64::MAX),
        (bits, true) => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        (bits, false) => (0, (1 << bits) - 1),
    }
}

fn described(docs: &str, mut value: Value) -> Value {
    if !docs.is_empty() {
        set(&mut value, "description", docs.into());
    }
    value
}

fn set(value: &mut Value, key: &str, to: Value) {
    if let Value::Object(object) = value {
        object.insert(key.to_owned(), to);
    }
}
