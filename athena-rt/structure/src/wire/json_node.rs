//! Any JSON between its text and `google.protobuf.Value`, for types whose numbers `serde_json::Value` does
//! not hold: integers beyond 64 bits, decimals with their digits.

use std::borrow::Cow;
use std::collections::BTreeMap;

use athena_protocol::collect::insert_all;
use serde::de::Error as _;
use serde_json::{Error, Number};

use super::any::{AnyJson, BOOL, DIGITS, LIST, NO_NUMBER, NULL, NUMBER, OBJECT, TEXT, json_number};
use super::field::{Plain, Wire};
use super::key::LENGTH;
use super::limits::DEPTH_LIMIT;
use super::text::encode_text;
use super::writer::Writer;

/// Any JSON, with the digits of its numbers.
pub(crate) enum JsonNode<'a> {
    Null,
    Bool(bool),
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    List(Vec<Self>),
    Object(BTreeMap<Cow<'a, str>, Self>),
}

impl<'a> JsonNode<'a> {
    /// Reads a text once, from its beginning to its end.
    ///
    /// # Errors
    ///
    /// The text is not JSON, or nested more deeply than a message can be.
    pub(crate) fn parse(text: &'a str) -> Result<Self, Error> {
        let mut parser = Parser { text, at: 0, depth: 0 };
        let node = parser.value()?;
        parser.skip_space();
        if parser.at == text.len() { Ok(node) } else { Err(parser.unexpected()) }
    }

    /// Writes it as one record.
    pub(crate) fn encode(&self, number: u32, writer: &mut Writer) {
        writer.nested(number << 3 | LENGTH, |writer| self.put(writer));
    }

    fn put(&self, writer: &mut Writer) {
        match self {
            Self::Null => writer.record(NULL << 3, 0),
            Self::Bool(value) => Wire::<Plain>::encode(value, BOOL, writer),
            Self::Text(text) => encode_text(text, TEXT, writer),
            Self::Number(digits) => {
                let float = digits.parse().unwrap_or_default();
                if json_number(float).is_none_or(|number| number.to_string() != **digits) {
                    encode_text(digits, DIGITS, writer);
                }
                Wire::<Plain>::encode(&float, NUMBER, writer);
            }
            Self::List(items) => writer.nested(LIST << 3 | LENGTH, |writer| {
                items.iter().rev().for_each(|item| item.encode(1, writer));
            }),
            Self::Object(members) => writer.nested(OBJECT << 3 | LENGTH, |writer| {
                for (name, value) in members.iter().rev() {
                    writer.nested(1 << 3 | LENGTH, |writer| {
                        value.encode(2, writer);
                        encode_text(name, 1, writer);
                    });
                }
            }),
        }
    }

    /// The text without spaces.
    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// Appends the text without spaces.
    pub(crate) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(digits) => out.push_str(digits),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    item.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (at, (name, value)) in members.iter().enumerate() {
                    out.push_str(if at == 0 { "" } else { "," });
                    write_text(name, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

impl AnyJson for JsonNode<'_> {
    type Members = BTreeMap<String, Self>;

    fn null() -> Self {
        Self::Null
    }
    fn bool(value: bool) -> Self {
        Self::Bool(value)
    }
    fn text(text: &str) -> Self {
        Self::Text(text.to_owned().into())
    }
    fn number(number: Number) -> Self {
        Self::Number(number.to_string().into())
    }
    fn digits(text: &str) -> Result<Self, String> {
        match serde_json::from_str::<Number>(text) {
            Ok(_) => Ok(Self::Number(text.to_owned().into())),
            Err(_) => Err(NO_NUMBER.to_owned()),
        }
    }
    fn list(items: Vec<Self>) -> Self {
        Self::List(items)
    }
    fn insert(members: &mut Self::Members, name: String, value: Self) {
        members.insert(name, value);
    }
    fn object(members: Self::Members) -> Self {
        Self::Object(insert_all(members.into_iter().map(|(name, value)| (name.into(), value))))
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

impl<'a> Parser<'a> {
    fn value(&mut self) -> Result<JsonNode<'a>, Error> {
        self.skip_space();
        match self.peek() {
            Some(b'"') => self.string().map(JsonNode::Text),
            Some(b'[') => self.deeper(|parser| {
                let mut items = Vec::new();
                while !parser.is_end(b']', items.is_empty())? {
                    items.push(parser.value()?);
                }
                Ok(JsonNode::List(items))
            }),
            Some(b'{') => self.deeper(|parser| {
                let (mut members, mut is_first) = (BTreeMap::new(), true);
                while !parser.is_end(b'}', is_first)? {
                    parser.skip_space();
                    let name = parser.string()?;
                    parser.skip_space();
                    parser.take(":")?;
                    members.insert(name, parser.value()?);
                    is_first = false;
                }
                Ok(JsonNode::Object(members))
            }),
            Some(b'n') => self.take("null").map(|()| JsonNode::Null),
            Some(b't') => self.take("true").map(|()| JsonNode::Bool(true)),
            Some(b'f') => self.take("false").map(|()| JsonNode::Bool(false)),
            _ => self.number(),
        }
    }

    /// Reads what is between brackets.
    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<JsonNode<'a>, Error>,
    ) -> Result<JsonNode<'a>, Error> {
        if self.depth == DEPTH_LIMIT {
            return Err(Error::custom(format!("JSON is nested deeper than {DEPTH_LIMIT}")));
        }
        self.at += 1;
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    /// Whether a list or an object ends here; if not, a comma is taken before all but the first element.
    fn is_end(&mut self, bracket: u8, is_first: bool) -> Result<bool, Error> {
        self.skip_space();
        if self.peek() == Some(bracket) {
            self.at += 1;
            return Ok(true);
        }
        if !is_first {
            self.take(",")?;
        }
        Ok(false)
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        let start = self.at;
        self.take("\"")?;
        let (mut is_escaped, mut has_escapes) = (false, false);
        for byte in self.rest().bytes() {
            self.at += 1;
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => (is_escaped, has_escapes) = (true, true),
                b'"' if has_escapes => {
                    return serde_json::from_str(&self.text[start..self.at]).map(Cow::Owned);
                }
                b'"' => return Ok(self.text[start + 1..self.at - 1].into()),
                _ => {}
            }
        }
        Err(self.unexpected())
    }

    fn number(&mut self) -> Result<JsonNode<'a>, Error> {
        let rest = self.rest();
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        let digits = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        serde_json::from_str::<f64>(digits)?;
        self.at += digits.len();
        Ok(JsonNode::Number(digits.into()))
    }

    fn take(&mut self, word: &str) -> Result<(), Error> {
        if !self.rest().starts_with(word) {
            return Err(self.unexpected());
        }
        self.at += word.len();
        Ok(())
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn unexpected(&self) -> Error {
        Error::custom(format!("it is not JSON at byte {}", self.at))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_text_comes_back_with_its_digits_and_its_members_by_name() {
        for (text, wanted) in [
            (" null ", "null"),
            ("[true, false ,[] , {}]", "[true,false,[],{}]"),
            (
                r#"{"b" : 6.30, "a":[1e2,-0.0,340282366920938463463374607431768211456]}"#,
                r#"{"a":[1e2,-0.0,340282366920938463463374607431768211456],"b":6.30}"#,
            ),
            (r#""\u00e9\"\\\n\ud83d\ude00""#, r#""é\"\\\n😀""#),
            (r#"{"":"","a":1,"a":2}"#, r#"{"":"","a":2}"#),
        ] {
            let node = JsonNode::parse(text).unwrap();
            assert_eq!(node.to_text(), wanted);
            let mut writer = Writer::new();
            node.encode(1, &mut writer);
            let value: Value = wanted.parse().unwrap();
            let mut other = Writer::new();
            crate::wire::any::encode_value(&value, 1, &mut other);
            if wanted.contains("e2") || wanted.contains("6.30") {
                assert_ne!(writer.as_slice(), other.as_slice());
            } else {
                assert_eq!(writer.as_slice(), other.as_slice(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_not_json_is_refused_and_so_is_what_no_message_can_hold() {
        for text in [
            "", "nul", "[1", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{a:1}", "\"", "\"\\",
            "\"\\x\"", "1 2", "é", "01", "1e999", "--1",
        ] {
            assert!(JsonNode::parse(text).is_err(), "{text}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(JsonNode::parse(&nested(100)).is_ok());
        let error = JsonNode::parse(&nested(100_000)).err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), Some("JSON is nested deeper than 100"));
    }
}
