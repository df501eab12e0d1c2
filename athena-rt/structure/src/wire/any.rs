//! Any JSON: the well-known type `google.protobuf.Value`.
//!
//! Its numbers are floats of 64 bits. A number that such a float is not, an integer beyond 2^53 above all, is
//! written a second time as text, in a field that other readers skip.

use serde_json::{Map, Number, Value};

use super::error::WireError;
use super::field::{Plain, Wire};
use super::key::{Key, LENGTH};
use super::reader::Reader;
use super::text::{encode_text, read_text};
use super::writer::Writer;

pub(super) const NULL: u32 = 1;
pub(super) const NUMBER: u32 = 2;
pub(super) const TEXT: u32 = 3;
pub(super) const BOOL: u32 = 4;
pub(super) const OBJECT: u32 = 5;
pub(super) const LIST: u32 = 6;
/// The digits of a number that a float does not keep.
pub(super) const DIGITS: u32 = 15;

/// Writes a value as one record.
pub(crate) fn encode_value(value: &Value, number: u32, writer: &mut Writer) {
    writer.nested(number << 3 | LENGTH, |writer| put(value, writer));
}

fn put(value: &Value, writer: &mut Writer) {
    match value {
        Value::Null => writer.record(NULL << 3, 0),
        Value::Bool(value) => Wire::<Plain>::encode(value, BOOL, writer),
        Value::String(text) => encode_text(text, TEXT, writer),
        Value::Number(number) => {
            let float = number.as_f64().unwrap_or_default();
            if json_number(float).as_ref() != Some(number) {
                encode_text(&number.to_string(), DIGITS, writer);
            }
            Wire::<Plain>::encode(&float, NUMBER, writer);
        }
        Value::Array(items) => writer.nested(LIST << 3 | LENGTH, |writer| {
            items.iter().rev().for_each(|item| encode_value(item, 1, writer));
        }),
        Value::Object(members) => writer.nested(OBJECT << 3 | LENGTH, |writer| {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by(|one, other| other.0.cmp(one.0));
            for (key, value) in members {
                writer.nested(1 << 3 | LENGTH, |writer| {
                    encode_value(value, 2, writer);
                    encode_text(key, 1, writer);
                });
            }
        }),
    }
}

/// Reads a value from one record.
pub(crate) fn read_value(key: Key, reader: &mut Reader<'_>) -> Result<Value, WireError> {
    take(reader.message(key)?)
}

/// Reads the records of a value up to the end.
pub(crate) fn take(mut inner: Reader<'_>) -> Result<Value, WireError> {
    let (mut value, mut digits) = (Value::Null, None);
    while let Some(key) = inner.key()? {
        let place = inner.place();
        match key.number() {
            NULL => {
                inner.skip(key)?;
                value = Value::Null;
            }
            NUMBER => {
                let float = <f64 as Wire>::read(key, &mut inner)?;
                value = json_number(float)
                    .map(Value::Number)
                    .ok_or_else(|| place.error(format!("JSON has no number for {float}")))?;
            }
            TEXT => value = Value::String(read_text(key, &mut inner)?.to_owned()),
            BOOL => value = Value::Bool(<bool as Wire>::read(key, &mut inner)?),
            OBJECT => value = Value::Object(object(inner.message(key)?)?),
            LIST => value = Value::Array(list(inner.message(key)?)?),
            DIGITS => digits = Some((read_text(key, &mut inner)?, place)),
            _ => inner.skip(key)?,
        }
    }
    match (digits, &value) {
        (Some((text, place)), Value::Number(_)) => serde_json::from_str(text)
            .map(Value::Number)
            .map_err(|_| place.error("digits that are no number")),
        _ => Ok(value),
    }
}

fn object(mut inner: Reader<'_>) -> Result<Map<String, Value>, WireError> {
    let mut members = Map::new();
    while let Some(key) = inner.key()? {
        if key.number() != 1 {
            inner.skip(key)?;
            continue;
        }
        let mut entry = inner.message(key)?;
        let (mut name, mut value) = (String::new(), Value::Null);
        while let Some(key) = entry.key()? {
            match key.number() {
                1 => read_text(key, &mut entry)?.clone_into(&mut name),
                2 => value = read_value(key, &mut entry).map_err(|error| error.field(&name))?,
                _ => entry.skip(key)?,
            }
        }
        members.insert(name, value);
    }
    Ok(members)
}

fn list(mut inner: Reader<'_>) -> Result<Vec<Value>, WireError> {
    let mut items = Vec::new();
    while let Some(key) = inner.key()? {
        if key.number() == 1 {
            let item = read_value(key, &mut inner).map_err(|error| error.index(items.len()))?;
            items.push(item);
        } else {
            inner.skip(key)?;
        }
    }
    Ok(items)
}

/// The number that JSON writes for a float, without a point if it is whole.
pub(super) fn json_number(float: f64) -> Option<Number> {
    let is_whole = float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0;
    // -0.0 is not an integer.
    if is_whole && !(float == 0.0 && float.is_sign_negative()) {
        #[allow(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return Some(Number::from(float as i64));
    }
    Number::from_f64(float)
}
