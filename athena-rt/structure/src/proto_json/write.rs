//! From the bytes of a message, as our own writer writes them, to ProtoJSON.

use std::fmt::Write as _;

use super::fault::{Fault, LONGEST_DURATION};
use super::layout::{Cardinality, FieldLayout, Layout, RecordKind};
use super::options::Options;
use crate::bytes::to_text as base64;
use crate::shape::Encoding;
use crate::time::Timestamp;
use crate::time::write_fraction;
use crate::wire::any::take;
use crate::wire::json_node::JsonNode;
use crate::wire::reader::{Reader, Record};
use crate::wire::{DEPTH_LIMIT, WireError};

pub(super) fn write(layout: &Layout, options: Options, bytes: &[u8]) -> Result<String, Fault> {
    let mut writer = JsonWriter { layout, options, out: String::new() };
    writer.message(layout.root, bytes, DEPTH_LIMIT)?;
    Ok(writer.out)
}

struct JsonWriter<'a> {
    layout: &'a Layout,
    options: Options,
    out: String,
}

type Written = Result<(), Fault>;

impl JsonWriter<'_> {
    fn message(&mut self, at: usize, bytes: &[u8], depth: u32) -> Written {
        let depth = depth
            .checked_sub(1)
            .ok_or_else(|| Fault::new(format!("messages are nested deeper than {DEPTH_LIMIT}")))?;
        let layout = self.layout;
        let fields = &layout.messages[at].fields;
        let mut found: Vec<Vec<Record<'_>>> = Vec::new();
        found.resize_with(fields.len(), Vec::new);
        for (number, record) in records(bytes)? {
            if let Some(index) = fields.iter().position(|field| field.number == number) {
                found[index].push(record);
            }
        }
        self.out.push('{');
        let mut first = true;
        for (field, records) in fields.iter().zip(&found) {
            let Some(last) = records.last() else { continue };
            if !first {
                self.out.push(',');
            }
            first = false;
            self.text(&field.json);
            self.out.push(':');
            self.field(field, records, last, depth).map_err(|fault| fault.within(&field.json))?;
        }
        self.out.push('}');
        Ok(())
    }

    fn field(
        &mut self,
        field: &FieldLayout,
        records: &[Record<'_>],
        last: &Record<'_>,
        depth: u32,
    ) -> Written {
        match field.cardinality {
            Cardinality::One => self.value(field.kind, last, depth),
            Cardinality::List => {
                self.out.push('[');
                let mut at = 0;
                for record in records {
                    for item in unpacked(field.kind, *record)? {
                        if at > 0 {
                            self.out.push(',');
                        }
                        self.value(field.kind, &item, depth)
                            .map_err(|fault| fault.within(&at.to_string()))?;
                        at += 1;
                    }
                }
                self.out.push(']');
                Ok(())
            }
            Cardinality::Map(keys) => {
                self.out.push('{');
                for (at, record) in records.iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    self.entry(keys, field.kind, record.bytes(), depth)?;
                }
                self.out.push('}');
                Ok(())
            }
        }
    }

    fn entry(&mut self, keys: RecordKind, kind: RecordKind, bytes: &[u8], depth: u32) -> Written {
        let (mut key, mut value) = (zero(keys), zero(kind));
        for (number, record) in records(bytes)? {
            *(if number == 1 { &mut key } else { &mut value }) = record;
        }
        let start = self.out.len();
        self.value(keys, &key, depth)?;
        // Keys are strings, whatever they are in Rust.
        if !self.out[start..].starts_with('"') {
            self.out.insert(start, '"');
            self.out.push('"');
        }
        let name = self.out[start + 1..self.out.len() - 1].to_owned();
        self.out.push(':');
        self.value(kind, &value, depth).map_err(|fault| fault.within(&name))
    }

    fn value(&mut self, kind: RecordKind, record: &Record<'_>, depth: u32) -> Written {
        match kind {
            RecordKind::Bool => self.put(record.bits() != 0),
            RecordKind::Int { bits, signed, encoding } => {
                let value = integer(*record, bits, signed, encoding);
                if bits > 32 { self.put(format_args!("\"{value}\"")) } else { self.put(value) }
            }
            RecordKind::Float { bits: 32 } => {
                #[allow(clippy::cast_possible_truncation, reason = "four bytes were read")]
                let value = f32::from_bits(record.bits() as u32);
                if value.abs() >= f32::MAX && value.is_finite() {
                    // Its shortest form is above it, and old readers in Python refuse that.
                    self.float(value.into(), &f64::from(value));
                } else {
                    self.float(value.into(), &value);
                }
            }
            RecordKind::Float { .. } => {
                let value = f64::from_bits(record.bits());
                self.float(value, &value);
            }
            RecordKind::Text => {
                self.text(&String::from_utf8_lossy(record.bytes()));
            }
            RecordKind::Bytes => self.put(format_args!("\"{}\"", base64(record.bytes()))),
            RecordKind::Enumeration(at) => self.variant(at, record.bits()),
            RecordKind::Message(at) => return self.message(at, record.bytes(), depth),
            RecordKind::Json => {
                let json: JsonNode<'_> =
                    take(Reader::new(record.bytes())).map_err(|error| unreadable(&error))?;
                json.write(&mut self.out);
            }
            RecordKind::Duration => return self.duration(record.bytes()),
            RecordKind::Timestamp => {
                let (seconds, nanos) = time(record.bytes())?;
                let time =
                    u32::try_from(nanos).ok().and_then(|nanos| Timestamp::new(seconds, nanos));
                let reason = "a time before the year 1 or after the year 9999";
                let time = time.ok_or_else(|| Fault::new(reason))?;
                self.put(format_args!("\"{time}\""));
            }
        }
        Ok(())
    }

    fn variant(&mut self, at: usize, bits: u64) {
        #[allow(clippy::cast_possible_truncation, reason = "enums have 32 bits")]
        let number = bits as i32;
        let layout = self.layout;
        match layout.enums[at].iter().find(|value| value.number == number) {
            Some(value) if self.options.declared_names => self.text(&value.declared),
            Some(value) => self.text(&value.name),
            None => self.put(number),
        }
    }

    fn float(&mut self, value: f64, exact: &impl serde::Serialize) {
        if value.is_nan() {
            self.out.push_str("\"NaN\"");
        } else if value.is_infinite() {
            self.out.push_str(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        } else {
            // No finite number fails.
            self.out.push_str(&serde_json::to_string(exact).unwrap_or_default());
        }
    }

    fn duration(&mut self, bytes: &[u8]) -> Written {
        let (seconds, nanos) = time(bytes)?;
        let billionths = u32::try_from(nanos.unsigned_abs()).unwrap_or(u32::MAX);
        let is_legal = seconds.unsigned_abs() <= LONGEST_DURATION
            && billionths < 1_000_000_000
            && (seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0));
        if !is_legal {
            return Err(Fault::new("a length of time beyond ten thousand years"));
        }
        let sign = if seconds < 0 || nanos < 0 { "-" } else { "" };
        self.put(format_args!("\"{sign}{}", seconds.unsigned_abs()));
        // Writing to a string does not fail.
        let _ = write_fraction(billionths, &mut self.out);
        self.out.push_str("s\"");
        Ok(())
    }

    fn text(&mut self, text: &str) {
        // No text fails.
        self.out.push_str(&serde_json::to_string(text).unwrap_or_default());
    }

    fn put(&mut self, value: impl std::fmt::Display) {
        // Writing to a string does not fail.
        let _ = write!(self.out, "{value}");
    }
}

fn records(bytes: &[u8]) -> Result<Vec<(u32, Record<'_>)>, Fault> {
    let mut reader = Reader::new(bytes);
    let mut found = Vec::new();
    while let Some((number, record)) = reader.record().map_err(|error| unreadable(&error))? {
        found.push((number, record));
    }
    Ok(found)
}

/// The elements in one record of a list.
fn unpacked(kind: RecordKind, record: Record<'_>) -> Result<Vec<Record<'_>>, Fault> {
    let Record::Bytes(bytes) = record else { return Ok(vec![record]) };
    let wire = match zero(kind) {
        Record::Bytes(_) => return Ok(vec![record]),
        zero => zero,
    };
    let mut reader = Reader::new(bytes);
    let mut found = Vec::new();
    while let Some(item) = reader.another(wire).map_err(|error| unreadable(&error))? {
        found.push(item);
    }
    Ok(found)
}

/// The meaning of an absent value, in the wire type of its kind.
fn zero(kind: RecordKind) -> Record<'static> {
    match kind {
        RecordKind::Int { bits, encoding: Encoding::Fixed, .. } | RecordKind::Float { bits } => {
            if bits > 32 {
                Record::Fixed64(0)
            } else {
                Record::Fixed32(0)
            }
        }
        RecordKind::Bool | RecordKind::Int { .. } | RecordKind::Enumeration(_) => Record::Varint(0),
        _ => Record::Bytes(&[]),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "as the field's type has it")]
fn integer(record: Record<'_>, bits: u8, signed: bool, encoding: Encoding) -> i128 {
    let raw = record.bits();
    match (encoding, signed) {
        (Encoding::Sint, _) => ((raw >> 1).cast_signed() ^ -(raw & 1).cast_signed()).into(),
        (Encoding::Fixed, true) if bits <= 32 => (raw as u32).cast_signed().into(),
        (_, true) => raw.cast_signed().into(),
        (_, false) => raw.into(),
    }
}

/// Seconds and nanoseconds.
fn time(bytes: &[u8]) -> Result<(i64, i64), Fault> {
    let (mut seconds, mut nanos) = (0, 0);
    for (number, record) in records(bytes)? {
        match number {
            1 => seconds = record.bits().cast_signed(),
            2 => nanos = record.bits().cast_signed(),
            _ => {}
        }
    }
    Ok((seconds, nanos))
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn unreadable(error: &WireError) -> Fault {
    Fault::new(error.to_string())
}
