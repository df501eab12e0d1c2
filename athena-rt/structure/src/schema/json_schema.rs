//! A schema as JSON Schema, draft 2020-12, of the JSON that we write.

use athena_protocol::collect::insert_all;
use serde_json::{Map, Value, json};

use super::schema::{Declaration, DeclarationKind, HIDDEN, Member, Schema, Type, VariantLayout};
use crate::declared_order;

/// Writes the schema of the messages that a model accepts. That of the messages it returns is under `output`, which JSON Schema
/// passes over. [`DeclaredOrder`](crate::DeclaredOrder) writes it.
pub fn json_schema(schema: &Schema, model: &str) -> Value {
    let data = |input: bool| schema.data_of(model, input).map(reference).unwrap_or_default();
    let definitions: Map<String, Value> =
        insert_all(schema.types.iter().map(|one| (one.name.clone(), declared(schema, one))));
    let mut root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model,
        "output": data(false),
        "$defs": definitions,
    });
    if let (Value::Object(root), Value::Object(input)) = (&mut root, data(true)) {
        root.extend(input);
    }
    root
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn declared(schema: &Schema, declared: &Declaration) -> Value {
    let mut value = match declared.form {
        DeclarationKind::Structure { open } => structure(schema, declared, open),
        DeclarationKind::Whole => {
            return declared.whole().map(|value| kind(&value)).unwrap_or_default();
        }
        DeclarationKind::Choice if declared.layout != VariantLayout::External => {
            let variants = declared
                .members
                .iter()
                .map(|member| described(&member.docs, variant(schema, &declared.layout, member)));
            let word = if declared.layout == VariantLayout::Untagged { "anyOf" } else { "oneOf" };
            json!({ word: variants.collect::<Vec<_>>() })
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
        DeclarationKind::Enumeration if declared.members.iter().any(|member| member.other) => {
            json!({ "type": "string" })
        }
        DeclarationKind::Enumeration
            if declared.members.iter().all(|member| member.docs.is_empty()) =>
        {
            let names: Vec<&str> = declared.members.iter().flat_map(names).collect();
            json!({ "type": "string", "enum": names })
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

/// A variant whose tag is a member, or that has none.
fn variant(schema: &Schema, layout: &VariantLayout, member: &Member) -> Value {
    let tag_value = || if member.other { json!({ "type": "string" }) } else { named(member) };
    match (layout, &member.value) {
        (VariantLayout::Internal(tag), value) => {
            let mut object = match value {
                None => json!({ "type": "object", "additionalProperties": false }),
                Some(value) => members_of(schema, value),
            };
            require(&mut object, tag, tag_value());
            object
        }
        (VariantLayout::Adjacent(tag, content), value) => {
            let mut object = json!({ "type": "object", "additionalProperties": false });
            require(&mut object, tag, tag_value());
            if let Some(value) = value {
                require(&mut object, content, kind(value));
            }
            object
        }
        (_, None) => json!({ "type": "null" }),
        (_, Some(value)) => kind(value),
    }
}

/// The schema of a type whose members stand in another object: its own, not a reference.
fn members_of(schema: &Schema, value: &Type) -> Value {
    match value {
        Type::Option(inner) | Type::Boxed(inner) => members_of(schema, inner),
        Type::Named(name) => match schema.get(name) {
            Some(inner) if inner.is_named_by_key() => variants_by_key(inner),
            Some(inner) if inner.form != DeclarationKind::Choice => declared(schema, inner),
            _ => json!({ "type": "object" }),
        },
        other => kind(other),
    }
}

/// The variants of an enum as members, one of which must be there.
fn variants_by_key(declared: &Declaration) -> Value {
    let mut properties = Map::new();
    for member in &declared.members {
        let value = member.value.as_ref().map_or_else(|| json!({ "type": "null" }), kind);
        for key in names(member) {
            declared_order::insert(&mut properties, key, described(&member.docs, value.clone()));
        }
    }
    let keys = declared.members.iter().flat_map(names);
    let any: Vec<Value> = keys.map(|key| json!({ "required": [key] })).collect();
    json!({
        "type": "object",
        "properties": properties,
        "allOf": [{ "anyOf": any }],
        "additionalProperties": false,
    })
}

/// Adds a property that must be there.
fn require(object: &mut Value, name: &str, value: Value) {
    let Value::Object(object) = object else { return };
    if let Value::Object(properties) =
        object.entry("properties").or_insert_with(|| Value::Object(Map::new()))
    {
        declared_order::insert_first(properties, name, value);
    }
    if let Value::Array(required) = object.entry("required").or_insert_with(|| json!([])) {
        required.insert(0, name.into());
    }
}

fn structure(schema: &Schema, declared: &Declaration, open: bool) -> Value {
    let mut value = own_structure(declared, open);
    for member in declared.members.iter().filter(|member| member.flatten) {
        let Some(kind) = &member.value else { continue };
        let is_optional = matches!(kind, Type::Option(_));
        merge(&mut value, members_of(schema, kind), is_optional);
    }
    value
}

/// Merges the members of a flattened field into those of the object around it.
fn merge(object: &mut Value, mut flat: Value, is_optional: bool) {
    let (Value::Object(object), Value::Object(flat)) = (object, &mut flat) else { return };
    if let (Some(Value::Object(own)), Some(Value::Object(mut more))) =
        (object.get_mut("properties"), flat.remove("properties"))
    {
        // Two flattened fields may know the same key; the message is read by one of them.
        for (key, value) in more.iter_mut().filter(|(_, value)| value.is_object()) {
            if let Some(earlier) = own.get(key).filter(|earlier| *earlier != value) {
                *value = json!({ "anyOf": [earlier, value] });
            }
        }
        declared_order::extend(own, more);
    }
    for word in ["required", "allOf"] {
        if let (Some(Value::Array(more)), false) = (flat.remove(word), is_optional)
            && let Value::Array(all) = object.entry(word).or_insert_with(|| json!([]))
        {
            all.extend(more);
        }
    }
    match flat.remove("additionalProperties") {
        Some(Value::Bool(false)) => {}
        // Whatever other members may be.
        Some(other) => {
            object.insert("additionalProperties".to_owned(), other);
        }
        None => {
            object.remove("additionalProperties");
        }
    }
}

fn own_structure(declared: &Declaration, open: bool) -> Value {
    let members = || declared.members.iter().filter(|member| !member.flatten);
    let mut properties = Map::new();
    for member in members() {
        for key in names(member) {
            declared_order::insert(&mut properties, key, field(member));
        }
    }
    let required = members().filter(|member| member.required);
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
    let examples = member.examples.iter();
    let examples: Vec<Value> =
        examples.filter_map(|text| athena_protocol::json::parse(text).ok()).collect();
    if !examples.is_empty() {
        set(&mut value, "examples", examples.into());
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
        "Date" => set(&mut value, "format", "date".into()),
        "OffsetDateTime" => set(&mut value, "format", "date-time".into()),
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
