//! Any JSON between its text and `google.protobuf.Value`, for types whose numbers `serde_json::Value` does
//! not hold: integers beyond 64 bits, decimals with their digits.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Error, Number};

use super::any::{BOOL, DIGITS, LIST, NULL, NUMBER, OBJECT, TEXT, json_number};
use super::error::WireError;
use super::field::{Plain, Wire};
use super::key::{Key, LENGTH};
use super::reader::Reader;
use super::text::{encode_text, read_text};
use super::writer::Writer;

/// Writes a JSON text as one record.
///
/// # Errors
///
/// The text is not JSON. What was written is to be thrown away.
pub(crate) fn encode_json(text: &str, number: u32, writer: &mut Writer) -> Result<(), Error> {
    let mut result = Ok(());
    writer.nested(number << 3 | LENGTH, |writer| result = put(text.trim(), writer));
    result
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

/// Reads a value from one record, as JSON.
pub(crate) fn read_json(key: Key, reader: &mut Reader<'_>) -> Result<String, WireError> {
    take_json(reader.message(key)?)
}

/// Reads the records of a value up to the end, as JSON.
pub(crate) fn take_json(inner: Reader<'_>) -> Result<String, WireError> {
    let mut out = String::new();
    append(inner, &mut out)?;
    Ok(out)
}

fn append(mut inner: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let start = out.len();
    let (mut digits, mut is_number) = (None, false);
    while let Some(key) = inner.key()? {
        let place = inner.place();
        // The last kind that is given counts.
        if (NULL..=LIST).contains(&key.number()) {
            out.truncate(start);
            is_number = key.number() == NUMBER;
        }
        match key.number() {
            NULL => {
                inner.skip(key)?;
                out.push_str("null");
            }
            NUMBER => {
                let float = <f64 as Wire>::read(key, &mut inner)?;
                let number = json_number(float)
                    .ok_or_else(|| place.error(format!("JSON has no number for {float}")))?;
                out.push_str(&number.to_string());
            }
            TEXT => push_text(read_text(key, &mut inner)?, out),
            BOOL => {
                out.push_str(if <bool as Wire>::read(key, &mut inner)? { "true" } else { "false" });
            }
            OBJECT => object(inner.message(key)?, out)?,
            LIST => list(inner.message(key)?, out)?,
            DIGITS => digits = Some((read_text(key, &mut inner)?, place)),
            _ => inner.skip(key)?,
        }
    }
    if let (Some((text, place)), true) = (digits, is_number) {
        serde_json::from_str::<Number>(text)
            .map_err(|_| place.error("digits that are no number"))?;
        out.truncate(start);
        out.push_str(text);
    }
    if out.len() == start {
        out.push_str("null");
    }
    Ok(())
}

fn push_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

fn object(mut inner: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    let mut members: BTreeMap<String, String> = BTreeMap::new();
    while let Some(key) = inner.key()? {
        if key.number() != 1 {
            inner.skip(key)?;
            continue;
        }
        let mut entry = inner.message(key)?;
        let (mut name, mut value) = (String::new(), "null".to_owned());
        while let Some(key) = entry.key()? {
            match key.number() {
                1 => read_text(key, &mut entry)?.clone_into(&mut name),
                2 => value = read_json(key, &mut entry).map_err(|error| error.field(&name))?,
                _ => entry.skip(key)?,
            }
        }
        members.insert(name, value);
    }
    out.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        out.push_str(if at > 0 { "," } else { "" });
        push_text(name, out);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
    Ok(())
}

fn list(mut inner: Reader<'_>, out: &mut String) -> Result<(), WireError> {
    out.push('[');
    let mut length = 0;
    while let Some(key) = inner.key()? {
        if key.number() != 1 {
            inner.skip(key)?;
            continue;
        }
        out.push_str(if length > 0 { "," } else { "" });
        append(inner.message(key)?, out).map_err(|error| error.index(length))?;
        length += 1;
    }
    out.push(']');
    Ok(())
}
