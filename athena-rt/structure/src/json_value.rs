//! Reads any JSON as `serde_json` does, but refuses an object with a key twice.

use std::fmt;

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::map::Entry;
use serde_json::{Map, Number, Value};

use super::by_text;
use super::layout::raw_text;
use super::strict::duplicate_key;
use athena_protocol::json::{NUMBER_TOKEN, digits, numbers_are_maps};

// Inlined into each other these functions take a tenth longer: nothing here is `#[inline]`.
struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        if digits::by_text() {
            read_text(deserializer)
        } else {
            deserializer.deserialize_any(ValueVisitor)
        }
    }
}

#[cold]
fn read_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    let raw = raw_text(deserializer)?;
    let ReadValue(value) = by_text::read(&raw)?;
    // With `arbitrary_precision` a value has the digits.
    if !numbers_are_maps() {
        by_text::refuse_lost(&raw)?;
    }
    Ok(value)
}

struct ReadValue(Value);

impl<'de> Deserialize<'de> for ReadValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any valid JSON value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        digits::doubt(value)?;
        Ok(value.into())
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(ValueSeed)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == NUMBER_TOKEN {
                let digits: String = map.next_value()?;
                return digits.parse().map(Value::Number).map_err(de::Error::custom);
            }
            // A key that was just written is slow to compare: the value is read first.
            let value = map.next_value_seed(ValueSeed)?;
            match members.entry(key) {
                Entry::Vacant(entry) => entry.insert(value),
                Entry::Occupied(entry) => return Err(duplicate_key(entry.key())),
            };
        }
        Ok(Value::Object(members))
    }
}

/// Reads any JSON.
pub(crate) fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    ValueSeed.deserialize(deserializer)
}

/// Reads a number.
pub(crate) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Number, D::Error> {
    let found = match value(deserializer)? {
        Value::Number(number) => return Ok(number),
        Value::Null => de::Unexpected::Unit,
        Value::Bool(value) => de::Unexpected::Bool(value),
        Value::String(text) => {
            return Err(de::Error::invalid_type(de::Unexpected::Str(&text), &"a JSON number"));
        }
        Value::Array(_) => de::Unexpected::Seq,
        Value::Object(_) => de::Unexpected::Map,
    };
    Err(de::Error::invalid_type(found, &"a JSON number"))
}

/// Reads an object.
pub(crate) fn object<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Map<String, Value>, D::Error> {
    struct ObjectVisitor;
    impl<'de> Visitor<'de> for ObjectVisitor {
        type Value = Map<String, Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(Map::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            match ValueVisitor.visit_map(map)? {
                Value::Object(members) => Ok(members),
                _ => Err(de::Error::custom("expected an object")),
            }
        }
    }
    deserializer.deserialize_map(ObjectVisitor)
}
