//! Any JSON between its text and `google.protobuf.Value`, for types whose numbers `serde_json::Value` does
//! not hold: integers beyond 64 bits, decimals with their digits.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Error, Number};

use super::any::{AnyJson, BOOL, DIGITS, LIST, NULL, NUMBER, OBJECT, TEXT, json_number};
use super::field::{Plain, Wire};
use super::key::LENGTH;
use super::text::encode_text;
use super::writer::Writer;

/// Writes a JSON text as one record.
///
/// # Errors
///
/// The text is not JSON. What was written is to be thrown away.
pub(crate) fn encode_json(text: &str, number: u32, writer: &mut Writer) -> Result<(), Error> {
    nested(number, writer, |writer| put(text.trim(), writer))
}

fn put(text: &str, writer: &mut Writer) -> Result<(), Error> {
    match text.as_bytes().first() {
        Some(b'n') => writer.record(NULL << 3, 0),
        Some(b't' | b'f') => Wire::<Plain>::encode(&parse::<bool>(text)?, BOOL, writer),
        Some(b'"') => encode_text(&parse::<String>(text)?, TEXT, writer),
        Some(b'[') => {
            let items: Vec<&RawValue> = parse(text)?;
            return nested(LIST, writer, |writer| {
                items.iter().rev().try_for_each(|item| encode_json(item.get(), 1, writer))
            });
        }
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = parse(text)?;
            return nested(OBJECT, writer, |writer| {
                members.iter().rev().try_for_each(|(name, value)| {
                    nested(1, writer, |writer| {
                        encode_json(value.get(), 2, writer)?;
                        encode_text(name, 1, writer);
                        Ok(())
                    })
                })
            });
        }
        _ => {
            let float: f64 = parse(text)?;
            if json_number(float).is_none_or(|number| number.to_string() != text) {
                encode_text(text, DIGITS, writer);
            }
            Wire::<Plain>::encode(&float, NUMBER, writer);
        }
    }
    Ok(())
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    serde_json::from_str(text)
}

fn nested(
    number: u32,
    writer: &mut Writer,
    body: impl FnOnce(&mut Writer) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut result = Ok(());
    writer.nested(number << 3 | LENGTH, |writer| result = body(writer));
    result
}

/// A value as JSON text, with the digits of its numbers.
pub(crate) struct JsonText(pub(crate) String);

impl AnyJson for JsonText {
    type Members = BTreeMap<String, Self>;

    fn null() -> Self {
        Self("null".to_owned())
    }
    fn bool(value: bool) -> Self {
        Self(value.to_string())
    }
    fn text(text: &str) -> Self {
        Self(serde_json::Value::from(text).to_string())
    }
    fn number(number: Number) -> Self {
        Self(number.to_string())
    }
    fn digits(text: &str) -> Option<Self> {
        parse::<Number>(text).ok().map(|_| Self(text.to_owned()))
    }
    fn list(items: Vec<Self>) -> Self {
        let items: Vec<String> = items.into_iter().map(|item| item.0).collect();
        Self(format!("[{}]", items.join(",")))
    }
    fn insert(members: &mut Self::Members, name: String, value: Self) {
        members.insert(name, value);
    }
    fn object(members: Self::Members) -> Self {
        let member = |(name, value): (String, Self)| format!("{}:{}", Self::text(&name).0, value.0);
        Self(format!("{{{}}}", members.into_iter().map(member).collect::<Vec<_>>().join(",")))
    }
}
