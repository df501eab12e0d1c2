//! JSON as it was written: members in their order, also those that are there twice, and integers
//! as integers.

use std::collections::BTreeMap;
use std::fmt;

use athena_protocol::json::digits::{self, is_wide};
use athena_protocol::json::{FirstMember, JsonNumber, RawJson};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use serde_json::value::RawValue;

use crate::json::MessageError;
use crate::wire::json_node::JsonNode;

/// A JSON value.
pub(super) enum JsonTree {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    /// A number that is neither an integer of 64 bits nor a float, as it is written.
    Digits(String),
    Text(String),
    List(Vec<JsonTree>),
    Object(Vec<(String, JsonTree)>),
}

impl JsonTree {
    /// The kind of the value, for errors.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) | Self::Digits(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl<'a> JsonTree {
    /// The value as any JSON; `None` if an object has a key twice.
    pub(super) fn to_node(&'a self) -> Option<JsonNode<'a>> {
        Some(match self {
            Self::Null => JsonNode::Null,
            Self::Bool(value) => JsonNode::Bool(*value),
            Self::Int(value) => JsonNode::Number(value.to_string().into()),
            Self::Float(value) => JsonNode::Number(Number::from_f64(*value)?.to_string().into()),
            Self::Digits(text) => JsonNode::Number(text.into()),
            Self::Text(text) => JsonNode::Text(text.into()),
            Self::List(items) => {
                JsonNode::List(items.iter().map(Self::to_node).collect::<Option<_>>()?)
            }
            Self::Object(members) => {
                let mut nodes = BTreeMap::new();
                for (name, value) in members {
                    if nodes.insert(name.into(), value.to_node()?).is_some() {
                        return None;
                    }
                }
                JsonNode::Object(nodes)
            }
        })
    }
}

/// Reads a text with the digits of its integers.
fn from_text(raw: &RawValue, depth: usize) -> serde_json::Result<JsonTree> {
    Ok(match RawJson::parse(raw, depth)? {
        RawJson::Null => JsonTree::Null,
        RawJson::Bool(value) => JsonTree::Bool(value),
        RawJson::Number(text) if is_wide(text) => JsonTree::Digits(text.to_owned()),
        RawJson::Number(text) => match JsonNumber::parse(text) {
            Some(number) => number.visit(TreeVisitor)?,
            None => return Err(de::Error::custom("number out of range")),
        },
        RawJson::Text(text) => JsonTree::Text(text),
        RawJson::List(items) => JsonTree::List(
            items.into_iter().map(|item| from_text(item, depth + 1)).collect::<Result<_, _>>()?,
        ),
        RawJson::Object(members) => {
            let member =
                |(key, value): (String, &RawValue)| Ok((key, from_text(value, depth + 1)?));
            JsonTree::Object(members.into_iter().map(member).collect::<serde_json::Result<_>>()?)
        }
    })
}

pub(super) fn parse(text: &str) -> Result<JsonTree, MessageError> {
    crate::json::parse(text)
}

impl<'de> Deserialize<'de> for JsonTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if digits::by_text() {
            let raw = Box::<RawValue>::deserialize(deserializer)?;
            return from_text(&raw, 0).map_err(de::Error::custom);
        }
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = JsonTree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<JsonTree, E> {
        Ok(JsonTree::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<JsonTree, E> {
        Ok(JsonTree::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<JsonTree, E> {
        Ok(JsonTree::Int(value.into()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<JsonTree, E> {
        Ok(JsonTree::Int(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<JsonTree, E> {
        digits::doubt(value)?;
        Ok(JsonTree::Float(value))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<JsonTree, E> {
        Ok(JsonTree::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<JsonTree, E> {
        Ok(JsonTree::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<JsonTree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(JsonTree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonTree, A::Error> {
        let mut members = Vec::new();
        match FirstMember::read(&mut map)? {
            FirstMember::Number(number) => return number.visit(self),
            FirstMember::Key(key) => members.push((key, map.next_value()?)),
            FirstMember::Text(key, text) => members.push((key, JsonTree::Text(text))),
            FirstMember::None => {}
        }
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(JsonTree::Object(members))
    }
}
