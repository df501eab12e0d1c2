//! JSON as it was written: members in their order, also those that are there twice, and integers
//! as integers.

use std::fmt;

use athena_protocol::json::FirstMember;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};

use crate::json::MessageError;

/// A JSON value.
pub(super) enum JsonTree {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
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
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
        }
    }
}

impl JsonTree {
    /// The value; `None` if an object has a key twice.
    pub(super) fn to_value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::Number(Number::from_i128(*value)?),
            Self::Float(value) => Value::Number(Number::from_f64(*value)?),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => {
                Value::Array(items.iter().map(Self::to_value).collect::<Option<_>>()?)
            }
            Self::Object(members) => {
                let mut map = Map::new();
                for (name, value) in members {
                    if map.insert(name.clone(), value.to_value()?).is_some() {
                        return None;
                    }
                }
                Value::Object(map)
            }
        })
    }
}

pub(super) fn parse(text: &str) -> Result<JsonTree, MessageError> {
    crate::json::parse(text)
}

impl<'de> Deserialize<'de> for JsonTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
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
