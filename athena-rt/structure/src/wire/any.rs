//! Any JSON: the well-known type `google.protobuf.Value`.
//!
//! Its numbers are floats of 64 bits. A number that such a float is not, an integer beyond 2^53 above all, is
//! written a second time as text, in a field that other readers skip.

use athena_protocol::json::digits::is_lost;
use serde_json::{Map, Number, Value};

use super::error::WireError;
use super::field::{Plain, Wire};
use super::key::{Key, LENGTH};
use super::reader::Reader;
use super::text::{encode_text, read_text};
use super::writer::Writer;
use crate::by_text::lost;

pub(super) const NULL: u32 = 1;
pub(super) const NUMBER: u32 = 2;
pub(super) const TEXT: u32 = 3;
pub(super) const BOOL: u32 = 4;
pub(super) const OBJECT: u32 = 5;
pub(super) const LIST: u32 = 6;
/// The digits of a number that a float does not keep.
pub(super) const DIGITS: u32 = 15;

/// The reason of digits that are not a number.
pub(super) const NO_NUMBER: &str = "digits that are no number";

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

/// What the records of a value are read into.
pub(crate) trait AnyJson: Sized {
    /// The members of an object; of two with one name the last counts.
    type Members: Default;

    fn null() -> Self;
    fn bool(value: bool) -> Self;
    fn text(text: &str) -> Self;
    fn number(number: Number) -> Self;
    /// A number of these digits.
    ///
    /// # Errors
    ///
    /// They are not one, or are not kept.
    fn digits(text: &str) -> Result<Self, String>;
    fn list(items: Vec<Self>) -> Self;
    fn insert(members: &mut Self::Members, name: String, value: Self);
    fn object(members: Self::Members) -> Self;
}

impl AnyJson for Value {
    type Members = Map<String, Self>;

    fn null() -> Self {
        Self::Null
    }
    fn bool(value: bool) -> Self {
        Self::Bool(value)
    }
    fn text(text: &str) -> Self {
        Self::String(text.to_owned())
    }
    fn number(number: Number) -> Self {
        Self::Number(number)
    }
    fn digits(text: &str) -> Result<Self, String> {
        let number: Number = serde_json::from_str(text).map_err(|_| NO_NUMBER.to_owned())?;
        if is_lost(text) && number.to_string() != text {
            return Err(lost(text, "64 bits are the most in any JSON"));
        }
        Ok(Self::Number(number))
    }
    fn list(items: Vec<Self>) -> Self {
        Self::Array(items)
    }
    fn insert(members: &mut Self::Members, name: String, value: Self) {
        members.insert(name, value);
    }
    fn object(members: Self::Members) -> Self {
        Self::Object(members)
    }
}

/// Reads a value from one record.
pub(crate) fn read_value<T: AnyJson>(key: Key, reader: &mut Reader<'_>) -> Result<T, WireError> {
    take(reader.message(key)?)
}

/// Reads the records of a value up to the end.
pub(crate) fn take<T: AnyJson>(mut inner: Reader<'_>) -> Result<T, WireError> {
    let (mut value, mut is_number, mut digits) = (T::null(), false, None);
    while let Some(key) = inner.key()? {
        let place = inner.place();
        // The last kind that is given counts.
        if (NULL..=LIST).contains(&key.number()) {
            is_number = key.number() == NUMBER;
        }
        match key.number() {
            NULL => {
                inner.skip(key)?;
                value = T::null();
            }
            NUMBER => {
                let float = <f64 as Wire>::read(key, &mut inner)?;
                value = json_number(float)
                    .map(T::number)
                    .ok_or_else(|| place.error(format!("JSON has no number for {float}")))?;
            }
            TEXT => value = T::text(read_text(key, &mut inner)?),
            BOOL => value = T::bool(<bool as Wire>::read(key, &mut inner)?),
            OBJECT => value = object(inner.message(key)?)?,
            LIST => value = T::list(list(inner.message(key)?)?),
            DIGITS => digits = Some((read_text(key, &mut inner)?, place)),
            _ => inner.skip(key)?,
        }
    }
    match digits {
        Some((text, place)) if is_number => T::digits(text).map_err(|reason| place.error(reason)),
        _ => Ok(value),
    }
}

fn object<T: AnyJson>(mut inner: Reader<'_>) -> Result<T, WireError> {
    let mut members = T::Members::default();
    while let Some(key) = inner.key()? {
        if key.number() != 1 {
            inner.skip(key)?;
            continue;
        }
        let mut entry = inner.message(key)?;
        let (mut name, mut value) = (String::new(), T::null());
        while let Some(key) = entry.key()? {
            match key.number() {
                1 => read_text(key, &mut entry)?.clone_into(&mut name),
                2 => value = read_value(key, &mut entry).map_err(|error| error.field(&name))?,
                _ => entry.skip(key)?,
            }
        }
        T::insert(&mut members, name, value);
    }
    Ok(T::object(members))
}

fn list<T: AnyJson>(mut inner: Reader<'_>) -> Result<Vec<T>, WireError> {
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
