//! JSON as text, so that the members of its objects keep their order.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::json;

/// A JSON value as compact text. A [`Value`] sorts the members of its objects; here they are in the order in
/// which they were written, which is that of the type's declaration for an outcome.
///
/// It can be written to and read from JSON by `serde_json` only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonText(String);

impl JsonText {
    /// The text of a value, without the spaces between its parts. `None` if it is not JSON.
    pub fn new(text: &str) -> Option<Self> {
        let valid: Result<&RawValue, _> = serde_json::from_str(text);
        valid.ok().map(|raw| Self(compact(raw.get())))
    }

    /// The compact text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, with sorted members. `Null` if it is nested too deeply for `serde_json`.
    pub fn to_value(&self) -> Value {
        json::parse(&self.0).unwrap_or_default()
    }

    /// Whether it is an object with members.
    pub fn has_members(&self) -> bool {
        self.0.starts_with('{') && self.0 != "{}"
    }

    /// The member of an object, if the object has no other.
    pub fn only_member(&self, key: &str) -> Option<Self> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&self.0).ok()?;
        let only = members.get(key).filter(|_| members.len() == 1)?;
        Some(Self(only.get().to_owned()))
    }

    /// The value on several lines, indented by two spaces, with a newline at its end.
    pub fn pretty(&self) -> String {
        let mut out = String::with_capacity(2 * self.0.len());
        let mut depth = 0;
        let mut rest = self.0.chars().peekable();
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        };
        while let Some(c) = rest.next() {
            match c {
                '"' => string(&mut rest, &mut out),
                '{' | '[' => {
                    out.push(c);
                    if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                        out.push(end);
                    } else {
                        depth += 1;
                        line(&mut out, depth);
                    }
                }
                '}' | ']' => {
                    depth = depth.saturating_sub(1);
                    line(&mut out, depth);
                    out.push(c);
                }
                ',' => {
                    out.push(c);
                    line(&mut out, depth);
                }
                ':' => out.push_str(": "),
                _ => out.push(c),
            }
        }
        out.push('\n');
        out
    }
}

/// Copies a string of JSON behind its first quotation mark, and both marks.
fn string(rest: &mut impl Iterator<Item = char>, out: &mut String) {
    out.push('"');
    while let Some(c) = rest.next() {
        out.push(c);
        match c {
            '\\' => out.extend(rest.next()),
            '"' => return,
            _ => {}
        }
    }
}

fn compact(text: &str) -> String {
    // What this program writes is compact already, and a report has many of them.
    if !text.contains([' ', '\t', '\n', '\r']) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '"' => string(&mut rest, &mut out),
            ' ' | '\t' | '\n' | '\r' => {}
            _ => out.push(c),
        }
    }
    out
}

impl From<Value> for JsonText {
    fn from(value: Value) -> Self {
        Self(json::digits::to_text(&value))
    }
}

impl fmt::Display for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Box<RawValue> = Deserialize::deserialize(deserializer)?;
        Ok(Self(compact(raw.get())))
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
    fn a_wrapper_is_taken_off_only_where_nothing_else_is_in_it() {
        let only = |text: &str| JsonText::new(text).unwrap().only_member("output");
        assert_eq!(only(r#"{"output":{"b":1,"a":2}}"#).unwrap().as_str(), r#"{"b":1,"a":2}"#);
        assert_eq!(only(r#"{"output":1,"error":2}"#), None);
        assert_eq!(only("[1]"), None);
    }
}
