//! From ProtoJSON to the bytes of a message, which are then decoded.

use std::collections::HashSet;

use super::fault::{Fault, LONGEST_DURATION};
use super::json_tree::JsonTree;
use super::layout::{Cardinality, FieldLayout, Layout, RecordKind};
use super::options::Options;
use crate::bytes::from_any_text;
use crate::shape::Encoding;
use crate::time;
use crate::time::Timestamp;
use crate::wire::write_varint;
use crate::wire::writer::Writer;
use athena_protocol::text::suggest;
use athena_protocol::text::truncate;

/// The number of characters of a wrong name or value that are shown.
const LONGEST: usize = 80;

pub(super) fn read(layout: &Layout, options: Options, tree: &JsonTree) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    WireEncoder { layout, options }.message(layout.root, tree, &mut out)?;
    Ok(out)
}

struct WireEncoder<'a> {
    layout: &'a Layout,
    options: Options,
}

type Written = Result<(), Fault>;

impl WireEncoder<'_> {
    fn message(&self, at: usize, tree: &JsonTree, out: &mut Vec<u8>) -> Written {
        let message = &self.layout.messages[at];
        let JsonTree::Object(members) = tree else { return Err(unfit(tree, "an object")) };
        let mut given = vec![false; message.fields.len()];
        // By null a field is given, but not set.
        let mut set = vec![false; message.fields.len()];
        for (name, value) in members {
            let Some(index) = message.fields.iter().position(|field| field.is_called(name)) else {
                if message.open || self.options.ignore_unknown {
                    continue;
                }
                let known: Vec<&str> =
                    message.fields.iter().map(|field| field.json.as_str()).collect();
                let near = suggest(name, &known);
                let reason = format!("`{}` has no field `{}`{near}", message.name, short(name));
                return Err(Fault::new(reason));
            };
            let field = &message.fields[index];
            if given[index] {
                return Err(Fault::new("the field is given twice").within(name));
            }
            given[index] = true;
            let is_value =
                matches!((field.kind, field.cardinality), (RecordKind::Json, Cardinality::One));
            if matches!(value, JsonTree::Null) && !is_value {
                continue;
            }
            let rival = message.fields.iter().enumerate().find(|(at, other)| {
                *at != index && field.oneof.is_some() && other.oneof == field.oneof && set[*at]
            });
            if let Some((_, rival)) = rival {
                let reason = format!("`{}` is given too, and only one can be", rival.json);
                return Err(Fault::new(reason).within(name));
            }
            set[index] = true;
            self.field(field, value, out).map_err(|fault| fault.within(name))?;
        }
        Ok(())
    }

    fn field(&self, field: &FieldLayout, tree: &JsonTree, out: &mut Vec<u8>) -> Written {
        match (field.cardinality, tree) {
            (Cardinality::One, tree) => self.record(field.kind, field.number, tree, out),
            (Cardinality::List, JsonTree::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.record(field.kind, field.number, item, out)
                        .map_err(|fault| fault.within(&at.to_string()))?;
                }
                Ok(())
            }
            (Cardinality::Map(keys), JsonTree::Object(members)) => {
                let mut given = HashSet::new();
                for (key, value) in members {
                    let entry = if given.insert(key) {
                        self.entry(keys, field, key, value, out)
                    } else {
                        Err(Fault::new("the key is given twice"))
                    };
                    entry.map_err(|fault| fault.within(key))?;
                }
                Ok(())
            }
            (Cardinality::List, tree) => Err(unfit(tree, "a list")),
            (Cardinality::Map(_), tree) => Err(unfit(tree, "an object")),
        }
    }

    fn entry(
        &self,
        keys: RecordKind,
        field: &FieldLayout,
        key: &str,
        value: &JsonTree,
        out: &mut Vec<u8>,
    ) -> Written {
        let key = match (keys, key) {
            (RecordKind::Bool, "true") => JsonTree::Bool(true),
            (RecordKind::Bool, "false") => JsonTree::Bool(false),
            (_, key) => JsonTree::Text(key.to_owned()),
        };
        let mut entry = Vec::new();
        self.record(keys, 1, &key, &mut entry)?;
        let before = entry.len();
        self.record(field.kind, 2, value, &mut entry)?;
        // If a value is skipped, so is its entry.
        if entry.len() > before {
            put_bytes(field.number, &entry, out);
        }
        Ok(())
    }

    /// One record with its key.
    fn record(&self, kind: RecordKind, number: u32, tree: &JsonTree, out: &mut Vec<u8>) -> Written {
        match (kind, tree) {
            (RecordKind::Bool, JsonTree::Bool(value)) => put_varint(number, u64::from(*value), out),
            (RecordKind::Bool, tree) => return Err(unfit(tree, "a boolean")),
            (RecordKind::Int { bits, signed, encoding }, tree) => {
                let value = integer(tree)?;
                put_integer(number, value, (bits, signed, encoding), out)?;
            }
            (RecordKind::Float { bits }, tree) => put_float(number, float(tree)?, bits, out)?,
            (RecordKind::Text, JsonTree::Text(text)) => {
                put_bytes(number, text.as_bytes(), out);
            }
            (RecordKind::Text, tree) => return Err(unfit(tree, "a string")),
            (RecordKind::Bytes, JsonTree::Text(text)) => {
                put_bytes(number, &from_any_text(text).map_err(Fault::new)?, out);
            }
            (RecordKind::Bytes, tree) => return Err(unfit(tree, "bytes as base64")),
            (RecordKind::Json, tree) => {
                let node = tree.to_node().ok_or_else(|| unfit(tree, "JSON"))?;
                let mut writer = Writer::new();
                node.encode(number, &mut writer);
                out.extend_from_slice(writer.as_slice());
            }
            (RecordKind::Enumeration(at), tree) => self.variant(at, number, tree, out)?,
            (RecordKind::Message(at), tree) => {
                let mut inner = Vec::new();
                self.message(at, tree, &mut inner)?;
                put_bytes(number, &inner, out);
            }
            (RecordKind::Duration, JsonTree::Text(text)) => put_time(number, duration(text)?, out),
            (RecordKind::Duration, tree) => {
                return Err(unfit(tree, "a length of time, `\"1.5s\"`"));
            }
            (RecordKind::Timestamp, JsonTree::Text(text)) => {
                put_time(number, timestamp(text)?, out);
            }
            (RecordKind::Timestamp, tree) => return Err(unfit(tree, "a time as RFC 3339 has it")),
        }
        Ok(())
    }

    fn variant(&self, at: usize, number: u32, tree: &JsonTree, out: &mut Vec<u8>) -> Written {
        let values = &self.layout.enums[at];
        let value = match tree {
            JsonTree::Text(name) => {
                let found = values.iter().find(|value| value.name == *name);
                let found = found.or_else(|| values.iter().find(|value| value.declared == *name));
                match found {
                    Some(value) => value.number,
                    None if self.options.ignore_unknown => return Ok(()),
                    None => {
                        let known: Vec<&str> =
                            values.iter().map(|value| value.name.as_str()).collect();
                        let near = suggest(name, &known);
                        return Err(Fault::new(format!("unknown value `{}`{near}", short(name))));
                    }
                }
            }
            JsonTree::Int(_) | JsonTree::Float(_) | JsonTree::Digits(_) => {
                i32::try_from(integer(tree)?)
                    .map_err(|_| Fault::new("the number of a value has 32 bits"))?
            }
            tree => return Err(unfit(tree, "the name of a value")),
        };
        put_varint(number, i64::from(value).cast_unsigned(), out);
        Ok(())
    }
}

impl FieldLayout {
    fn is_called(&self, name: &str) -> bool {
        self.json == name || self.names.iter().any(|known| known == name)
    }
}

fn integer(tree: &JsonTree) -> Result<i128, Fault> {
    let wrong = || unfit(tree, "a whole number");
    match tree {
        JsonTree::Int(value) => Ok(*value),
        // A float from 2^63 on may mean an integer that does not fit.
        JsonTree::Float(value)
            if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 =>
        {
            #[allow(clippy::cast_possible_truncation, reason = "whole and within bounds")]
            Ok(*value as i128)
        }
        JsonTree::Text(text) => match number(text) {
            Some(JsonTree::Text(_)) | None => Err(wrong()),
            Some(number) => integer(&number),
        },
        _ => Err(wrong()),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a float field holds the nearest float")]
fn float(tree: &JsonTree) -> Result<f64, Fault> {
    match tree {
        JsonTree::Int(value) => Ok(*value as f64),
        JsonTree::Float(value) => Ok(*value),
        JsonTree::Digits(text) => text.parse().map_err(|_| unfit(tree, "a number")),
        JsonTree::Text(text) => match (text.as_str(), number(text)) {
            ("NaN", _) => Ok(f64::NAN),
            ("Infinity", _) => Ok(f64::INFINITY),
            ("-Infinity", _) => Ok(f64::NEG_INFINITY),
            (_, Some(number)) => float(&number),
            _ => Err(unfit(tree, "a number")),
        },
        tree => Err(unfit(tree, "a number")),
    }
}

/// A number within a string, as JSON writes it.
fn number(text: &str) -> Option<JsonTree> {
    let is_bare = text.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && text.ends_with(|c: char| c.is_ascii_digit());
    if is_bare { serde_json::from_str(text).ok() } else { None }
}

fn put_integer(
    number: u32,
    value: i128,
    (bits, signed, encoding): (u8, bool, Encoding),
    out: &mut Vec<u8>,
) -> Written {
    let (least, most) = if signed {
        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
    } else {
        (0, (1_i128 << bits) - 1)
    };
    if !(least..=most).contains(&value) {
        return Err(Fault::new(format!("{value} is not between {least} and {most}")));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the range")]
    let raw = value as u64;
    match encoding {
        Encoding::Plain => put_varint(number, raw, out),
        Encoding::Sint => {
            let sign = (raw.cast_signed() >> 63).cast_unsigned();
            put_varint(number, (raw << 1) ^ sign, out);
        }
        Encoding::Fixed => put_fixed(number, raw, bits, out),
    }
    Ok(())
}

fn put_float(number: u32, value: f64, bits: u8, out: &mut Vec<u8>) -> Written {
    if bits > 32 {
        put_fixed(number, value.to_bits(), bits, out);
        return Ok(());
    }
    #[allow(clippy::cast_possible_truncation, reason = "checked right below")]
    let narrow = value as f32;
    if narrow.is_infinite() && value.is_finite() {
        return Err(Fault::new(format!("{value} is out of range for f32")));
    }
    put_fixed(number, narrow.to_bits().into(), bits, out);
    Ok(())
}

/// Seconds and nanoseconds, both below 0 or neither.
fn duration(text: &str) -> Result<(i64, i64), Fault> {
    let legal = || {
        Fault::new(
            "a length of time is written `1.5s`, in seconds, up to 9 digits behind the point",
        )
    };
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let rest = rest.strip_suffix('s').ok_or_else(legal)?;
    let (seconds, nanos) = rest.split_once('.').unwrap_or((rest, "0"));
    let is_whole = !seconds.is_empty() && seconds.bytes().all(|byte| byte.is_ascii_digit());
    let seconds: u64 = seconds.parse().ok().filter(|_| is_whole).ok_or_else(legal)?;
    let nanos = time::nanos(nanos).ok_or_else(legal)?;
    if seconds > LONGEST_DURATION {
        return Err(Fault::new("a length of time beyond ten thousand years"));
    }
    Ok((sign * seconds.cast_signed(), sign * i64::from(nanos)))
}

fn timestamp(text: &str) -> Result<(i64, i64), Fault> {
    // RFC 3339 itself takes small letters and a space too.
    let is_strict = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    let time = text.parse().ok().filter(|_| is_strict);
    let time: Timestamp = time.ok_or_else(|| {
        Fault::new("a time is written `2026-11-22T18:09:59.5Z`, from the year 1 to the year 9999")
    })?;
    Ok((time.seconds(), time.nanos().into()))
}

fn put_time(number: u32, (seconds, nanos): (i64, i64), out: &mut Vec<u8>) {
    let mut inner = Vec::new();
    put_varint(1, seconds.cast_unsigned(), &mut inner);
    put_varint(2, nanos.cast_unsigned(), &mut inner);
    put_bytes(number, &inner, out);
}

fn put_varint(number: u32, value: u64, out: &mut Vec<u8>) {
    write_varint(u64::from(number) << 3, out);
    write_varint(value, out);
}

fn put_fixed(number: u32, value: u64, bits: u8, out: &mut Vec<u8>) {
    let bytes = value.to_le_bytes();
    let (wire, length) = if bits > 32 { (1, 8) } else { (5, 4) };
    write_varint(u64::from(number) << 3 | wire, out);
    out.extend_from_slice(&bytes[..length]);
}

fn put_bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    write_varint(u64::from(number) << 3 | 2, out);
    write_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

#[cold]
fn unfit(tree: &JsonTree, wanted: &str) -> Fault {
    let shown = match tree {
        JsonTree::Text(text) => format!("\"{}\"", short(text)),
        JsonTree::Int(value) => value.to_string(),
        JsonTree::Float(value) => value.to_string(),
        JsonTree::Digits(text) => short(text).into_owned(),
        other => other.name().to_owned(),
    };
    Fault::new(format!("expected {wanted}, found {shown}"))
}

fn short(text: &str) -> std::borrow::Cow<'_, str> {
    truncate(text, LONGEST)
}
