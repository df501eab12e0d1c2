//! JSON as text, so that the members of its objects keep their order.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::json::{self, JsonValue, text};

/// The longest label, in characters.
const LABEL: usize = 60;

/// A JSON value as compact text. A [`Value`] sorts the members of its objects; here they are in the order in
/// which they were written, which is that of the type's declaration for an outcome.
///
/// It can be written to and read from JSON by `serde_json` only.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// The text of a value, without the spaces between its parts. `None` if it is not JSON.
    pub fn new(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The compact text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The value, with sorted members. `Null` if it is nested too deeply for `serde_json`.
    pub fn to_value(&self) -> Value {
        json::parse(self.as_str()).unwrap_or_default()
    }

    /// Whether it is an object with members.
    pub fn has_members(&self) -> bool {
        self.as_str().starts_with('{') && self.as_str() != "{}"
    }

    /// The member of an object, if the object has no other.
    pub fn only_member(&self, key: &str) -> Option<Self> {
        let mut members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_str(self.as_str()).ok()?;
        if members.len() == 1 { members.remove(key).map(Self) } else { None }
    }

    /// The value of a member as a label on one line, of at most 60 characters. `None` if the object
    /// has no such member, or if that is a list or an object.
    pub fn label(&self, key: &str) -> Option<String> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(self.as_str()).ok()?;
        let raw = members.get(key)?.get();
        let text = match serde_json::from_str::<String>(raw) {
            Ok(text) => text,
            Err(_) if raw == "null" || raw.starts_with(['[', '{']) => return None,
            Err(_) => raw.to_owned(),
        };
        let shown = |letter: char| if letter.is_control() { ' ' } else { letter };
        let mut letters = text.chars().map(shown);
        let label: String = letters.by_ref().take(LABEL).collect();
        let more = if letters.next().is_some() { ".." } else { "" };
        (!label.trim().is_empty()).then(|| label + more)
    }

    /// The value on several lines, indented by two spaces, with a newline at its end.
    pub fn pretty(&self) -> String {
        let mut out = String::with_capacity(2 * self.as_str().len());
        text::pretty(self.as_str(), 0, &mut out);
        out.push('\n');
        out
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for JsonText {}

impl From<Value> for JsonText {
    fn from(value: Value) -> Self {
        // Neither keys nor numbers of a value fail.
        Self(to_raw_value(&JsonValue(value)).unwrap_or_default())
    }
}

impl From<&RawValue> for JsonText {
    /// Not parsed again.
    fn from(raw: &RawValue) -> Self {
        if text::is_compact(raw.get()) {
            return Self(raw.to_owned());
        }
        Self(RawValue::from_string(text::compact(raw.get())).unwrap_or_default())
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        // What this program writes is compact already, and a report has many of them.
        if text::is_compact(raw.get()) {
            return Ok(Self(raw));
        }
        RawValue::from_string(text::compact(raw.get())).map(Self).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_strings_their_spaces() {
        let text = JsonText::new("{\n \"b\" : [ 1.50, {} ],\n \"a\": \"x: \\\" {y}\" , \"c\":[]}")
            .unwrap();
        assert_eq!(text.as_str(), r#"{"b":[1.50,{}],"a":"x: \" {y}","c":[]}"#);
        assert_eq!(
            text.pretty(),
            "{\n  \"b\": [\n    1.50,\n    {}\n  ],\n  \"a\": \"x: \\\" {y}\",\n  \"c\": []\n}\n"
        );
        let written = serde_json::to_string(&vec![&text]).unwrap();
        assert_eq!(written, format!("[{text}]"));
        let read: Vec<JsonText> = serde_json::from_str(&written).unwrap();
        assert_eq!(read, [text]);
        assert_eq!(JsonText::new("{"), None);
        let wide = json::parse("[123456789012345678901234567890]").unwrap();
        assert_eq!(JsonText::from(wide).as_str(), "[123456789012345678901234567890]");
    }

    #[test]
    fn a_label_is_one_line_of_a_plain_value() {
        let text = r#"{"id":"a\n\u001b[1m","n":1.50,"list":[1],"none":null,"empty":" "}"#;
        let text = JsonText::new(text).unwrap();
        assert_eq!(text.label("id").as_deref(), Some("a  [1m"));
        assert_eq!(text.label("n").as_deref(), Some("1.50"));
        for key in ["list", "none", "empty", "absent"] {
            assert_eq!(text.label(key), None, "{key}");
        }
        let long = JsonText::from(serde_json::json!({ "id": "x".repeat(61) }));
        assert_eq!(long.label("id"), Some("x".repeat(60) + ".."));
        assert_eq!(JsonText::new("[1]").unwrap().label("id"), None);
    }

    #[test]
    fn a_wrapper_is_taken_off_only_where_nothing_else_is_in_it() {
        let only = |text: &str| JsonText::new(text).unwrap().only_member("output");
        assert_eq!(only(r#"{"output":{"b":1,"a":2}}"#).unwrap().as_str(), r#"{"b":1,"a":2}"#);
        assert_eq!(only(r#"{"output":1,"error":2}"#), None);
        assert_eq!(only("[1]"), None);
    }
}
