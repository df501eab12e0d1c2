//! Numbers that keep their digits in JSON: what `#[field(number)]` makes of a type whose `Display` is a number.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use serde_json::value::RawValue;

use super::text_form::TextForm;

/// A value as a JSON number with the digits of its text, in both directions: what would come back with other digits is
/// an error.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberText<T>(pub T);

impl<T: TextForm> Serialize for NumberText<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_text();
        match RawValue::from_string(text) {
            Ok(raw) if is_number(&raw) => raw.serialize(serializer),
            _ => Err(ser::Error::custom(format!("`{}` is not a number in JSON", self.0.to_text()))),
        }
    }
}

impl<'de, T: TextForm> Deserialize<'de> for NumberText<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if !is_number(&raw) {
            return Err(de::Error::custom(format!("{}, expected a number", shown(raw.get()))));
        }
        let value = T::from_text(raw.get())
            .map_err(|reason| de::Error::custom(format!("the number {}: {reason}", raw.get())))?;
        let kept = value.to_text();
        if kept == raw.get() {
            return Ok(Self(value));
        }
        let reason = format!("the type does not keep the digits of {}, it has {kept}", raw.get());
        Err(de::Error::custom(reason))
    }
}

fn is_number(raw: &RawValue) -> bool {
    raw.get().starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

fn shown(text: &str) -> String {
    match text.chars().next() {
        Some('"') => "a string".to_owned(),
        Some('[') => "a list".to_owned(),
        Some('{') => "an object".to_owned(),
        _ => text.to_owned(),
    }
}
