//! JSON numbers and values that are the same whatever features of `serde_json` another crate of the graph
//! turns on.
//!
//! With `arbitrary_precision` a number reaches a visitor as a map of one private key, and two numbers are
//! equal if their texts are. With `preserve_order` an object keeps the order in which it was written. What
//! reads numbers or values goes through this module, so neither shows.

pub mod digits;
mod number;
pub mod pointer;
mod raw;
pub mod text;

use std::fmt;
use std::sync::LazyLock;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

pub use self::number::JsonNumber;
pub use self::raw::RawJson;

/// The key of the map that stands for a number, where another crate turns on `arbitrary_precision`.
pub const NUMBER_TOKEN: &str = "$serde_json::private::Number";

/// Whether this program's `serde_json` hands numbers over as maps.
static NUMBERS_ARE_MAPS: LazyLock<bool> = LazyLock::new(|| {
    struct Probe;
    impl<'de> Visitor<'de> for Probe {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a number")
        }
        fn visit_f64<E>(self, _: f64) -> Result<bool, E> {
            Ok(false)
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
            Ok(matches!(FirstMember::read(&mut map)?, FirstMember::Number(_)))
        }
    }
    serde_json::Deserializer::from_str("0.5").deserialize_any(Probe).unwrap_or(false)
});

/// Whether this program's `serde_json` keeps the digits of numbers in a [`Value`], and hands numbers over as maps:
/// another crate turns on `arbitrary_precision`.
pub fn numbers_are_maps() -> bool {
    *NUMBERS_ARE_MAPS
}

/// `visit_map` of a visitor that reads numbers and no objects.
pub fn visit_number<'de, V: Visitor<'de>, A: MapAccess<'de>>(
    visitor: V,
    mut map: A,
) -> Result<V::Value, A::Error> {
    if *NUMBERS_ARE_MAPS && let FirstMember::Number(number) = FirstMember::read(&mut map)? {
        return number.visit(visitor);
    }
    Err(de::Error::invalid_type(de::Unexpected::Map, &visitor))
}

/// The start of a map: a number, or the first key of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum FirstMember {
    /// The map stands for a number.
    Number(JsonNumber),
    /// The first key of an object.
    Key(String),
    /// The first key and its value, which was read to tell it from a number.
    Text(String, String),
    /// The object is empty.
    None,
}

impl FirstMember {
    /// Reads the start of a map.
    pub fn read<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Self, A::Error> {
        match map.next_key::<String>()? {
            None => Ok(Self::None),
            // An error is raised here, outside of the value: it belongs to the path of the number.
            Some(key) if key == NUMBER_TOKEN => match map.next_value_seed(TokenValue)? {
                (text, false) => Ok(Self::Text(key, text)),
                (text, true) => JsonNumber::parse(&text)
                    .map(Self::Number)
                    .ok_or_else(|| de::Error::custom("number out of range")),
            },
            Some(key) => Ok(Self::Key(key)),
        }
    }
}

/// The text behind the key [`NUMBER_TOKEN`], and whether it is a number. Only a number is an owned string: text
/// of a message is borrowed.
struct TokenValue;

impl<'de> DeserializeSeed<'de> for TokenValue {
    type Value = (String, bool);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for TokenValue {
    type Value = (String, bool);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((text.to_owned(), false))
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok((text, true))
    }
}

/// The text behind the key [`NUMBER_TOKEN`], and whether the two stand for a number.
pub fn token_text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(String, bool), A::Error> {
    map.next_value_seed(TokenValue)
}

/// A JSON value with numbers in one notation and the keys of its objects sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonValue(pub Value);

impl Serialize for JsonValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        digits::WithDigits(&self.0).serialize(serializer)
    }
}

/// Reads a value as [`JsonValue`] does. An integer that a [`Value`] does not hold keeps its digits: see [`digits`].
pub fn parse(text: &str) -> serde_json::Result<Value> {
    digits::reading(|| {
        if digits::by_text() {
            return digits::value(serde_json::from_str::<&RawValue>(text)?, 0);
        }
        serde_json::from_str(text).map(|JsonValue(value)| value)
    })
}

/// Reads a value, also `null`, for serde's `deserialize_with`.
pub fn deserialize_some<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Value>, D::Error> {
    JsonValue::deserialize(deserializer).map(|JsonValue(value)| Some(value))
}

/// Reads a value, `None` for `null`, for serde's `deserialize_with`.
pub fn deserialize_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Value>, D::Error> {
    let value: Option<JsonValue> = Deserialize::deserialize(deserializer)?;
    Ok(value.map(|JsonValue(value)| value))
}

/// Whether two values are equal; 0.0 and -0.0 are.
pub fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(_), Value::Number(number)) | (Value::Number(number), Value::Object(_)) => {
            let digits = digits::of(one).or_else(|| digits::of(other));
            digits.is_some_and(|digits| digits::is_number(digits, number))
        }
        (Value::Number(one), Value::Number(other)) => {
            // As text, which `serde_json` may compare, the two zeros differ.
            let is_zero =
                |number: &serde_json::Number| number.is_f64() && number.as_f64() == Some(0.0);
            one == other || (is_zero(one) && is_zero(other))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|other| is_equal(one, other)))
        }
        _ => one == other,
    }
}

impl<'de> Deserialize<'de> for JsonValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        digits::doubt(value)?;
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(JsonValue(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        match FirstMember::read(&mut map)? {
            FirstMember::Number(number) => return number.visit(self),
            FirstMember::Key(key) => {
                let JsonValue(value) = map.next_value()?;
                members.insert(key, value);
            }
            FirstMember::Text(key, text) => {
                members.insert(key, text.into());
            }
            FirstMember::None => {}
        }
        while let Some((key, JsonValue(value))) = map.next_entry()? {
            members.insert(key, value);
        }
        members.sort_keys();
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_notation() {
        for (text, written) in [
            ("1", "1"),
            ("-1", "-1"),
            ("-0", "-0.0"),
            ("1.50", "1.5"),
            ("1E2", "100.0"),
            ("1e100", "1e+100"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "18446744073709551616"),
            ("-9223372036854775809", "-9223372036854775809"),
        ] {
            let value = parse(text).unwrap();
            // The sign of an exponent is of a version of serde_json.
            assert_eq!(
                digits::to_text(&value).replace("e+", "e"),
                written.replace("e+", "e"),
                "{text}"
            );
            assert_eq!(parse(&digits::to_text(&value)).unwrap(), value, "{text}");
        }
        assert!(parse("1e400").unwrap_err().to_string().starts_with("number out of range"));
    }

    #[test]
    fn objects_are_sorted_and_a_private_key_of_serde_json_is_a_key() {
        assert_eq!(
            parse(r#"{"b":{"d":1,"c":[2.50]},"a":null}"#).unwrap().to_string(),
            r#"{"a":null,"b":{"c":[2.5],"d":1}}"#
        );
        for key in [NUMBER_TOKEN, "$serde_json::private::RawValue"] {
            let text = format!(r#"{{"{key}":"1.5","z":0}}"#);
            assert_eq!(parse(&text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn the_zeros_are_equal() {
        let equal = |one: &str, other: &str| is_equal(&parse(one).unwrap(), &parse(other).unwrap());
        assert!(equal(r#"{"a":[0.0]}"#, r#"{"a":[-0.0]}"#));
        assert!(equal("1.5", "1.50"));
        assert!(!equal("0", "-0.0"));
        assert!(!equal("[0.0,1]", "[0.0]"));
    }
}
