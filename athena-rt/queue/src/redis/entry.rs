//! Converts entries of streams to and from envelopes.

use ::redis::{Cmd, Value};

use crate::broker::{Backlog, Delivery, DeliveryTag};
use crate::envelope::{Envelope, ID};

/// The field with the bytes. All others are headers.
const DATA: &str = "data";

/// The approximate limits of a request. Larger ones are split, so that none blocks the broker or
/// exceeds its limits.
const MAX_ENVELOPES: usize = 1000;
pub(super) const MAX_BYTES: usize = 8 << 20;

/// Parses the reply of XREADGROUP for one stream. `None` if it is invalid.
pub(super) fn parse_read(answer: Value) -> Option<Vec<Delivery>> {
    let streams = match answer {
        Value::Nil => return Some(Vec::new()),
        answer => list(answer)?,
    };
    let Some(stream) = streams.into_iter().next() else { return Some(Vec::new()) };
    parse_range(list(stream)?.into_iter().nth(1)?)
}

/// Parses the reply of XRANGE. `None` if it is invalid.
pub(super) fn parse_range(answer: Value) -> Option<Vec<Delivery>> {
    list(answer)?
        .into_iter()
        .map(|entry| {
            let [id, fields] = array(entry)?;
            delivery(&text(id)?, fields, 1, 0)
        })
        .collect()
}

/// Parses the reply of `reclaim.lua`: the next cursor and the deliveries. `None` if it is invalid.
pub(super) fn parse_claimed(answer: Value) -> Option<(String, Vec<Delivery>)> {
    let [cursor, entries] = array(answer)?;
    let taken = list(entries)?
        .into_iter()
        .map(|entry| {
            let [id, deliveries, failures, fields] = array(entry)?;
            delivery(&text(id)?, fields, number(&deliveries)?, number(&failures)?)
        })
        .collect::<Option<_>>()?;
    Some((text(cursor)?, taken))
}

/// The names of the groups in the reply of XINFO GROUPS.
pub(super) fn parse_groups(answer: Value) -> Vec<String> {
    let groups = list(answer).unwrap_or_default().into_iter();
    groups.filter_map(|group| text(list(group)?.into_iter().nth(1)?)).collect()
}

/// Parses the reply of `backlog.lua`. `None` if it is invalid.
pub(super) fn parse_backlog(answer: Value) -> Option<Backlog> {
    let [waiting, held] = array(answer)?;
    Some(Backlog { waiting: number(&waiting)?, in_flight: number(&held)? })
}

/// Appends an envelope to a request: the number of arguments, then the arguments.
pub(super) fn write(request: &mut Cmd, envelope: &Envelope) {
    let headers: Vec<_> = envelope.headers().collect();
    request.arg(2 + 2 * headers.len()).arg(DATA).arg(&envelope.bytes[..]);
    for (name, value) in &headers {
        request.arg(*name).arg(value);
    }
}

/// The approximate size of an envelope in a request.
pub(super) fn size(envelope: &Envelope) -> usize {
    256 + envelope.bytes.len()
}

/// Splits a list into slices within the limits of a request.
pub(super) fn chunks_within_limits<T>(
    mut all: &[T],
    size: impl Fn(&T) -> usize,
) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let fits = |one: &&T| {
            bytes += size(one);
            bytes <= MAX_BYTES
        };
        let count = all.iter().take(MAX_ENVELOPES).take_while(fits).count();
        let (piece, rest) = all.split_at(count.max(1).min(all.len()));
        all = rest;
        Some(piece).filter(|piece| !piece.is_empty())
    })
}

/// The id of an entry, and the number of this delivery: if another consumer claims the entry, it
/// has the next number.
pub(super) fn tag_parts(tag: &DeliveryTag) -> (&str, &str) {
    tag.0.split_once('/').unwrap_or((&tag.0, "1"))
}

pub(super) fn number<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    match value {
        Value::Int(number) => T::try_from(*number).ok(),
        _ => None,
    }
}

pub(super) fn array<const N: usize>(value: Value) -> Option<[Value; N]> {
    list(value)?.try_into().ok()
}

fn delivery(entry: &str, fields: Value, deliveries: u32, failures: u32) -> Option<Delivery> {
    let mut envelope = Envelope::default();
    let mut fields = list(fields)?.into_iter();
    while let (Some(name), Some(value)) = (fields.next(), fields.next()) {
        let (Value::BulkString(name), Value::BulkString(value)) = (name, value) else {
            return None;
        };
        if name == DATA.as_bytes() {
            envelope.bytes = value;
        } else if let (Ok(name), Ok(value)) = (str::from_utf8(&name), str::from_utf8(&value)) {
            envelope.read_header(name, value);
        }
    }
    let tag = DeliveryTag(format!("{entry}/{deliveries}"));
    if envelope.id.is_empty() {
        envelope.read_header(ID, entry);
    }
    Some(Delivery { tag, failures, deliveries, envelope })
}

fn list(value: Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(values) => Some(values),
        _ => None,
    }
}

pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn fields(words: &[&str]) -> Value {
        Value::Array(words.iter().map(|word| bulk(word)).collect())
    }

    #[test]
    fn an_entry_of_another_program_is_an_envelope() {
        let own = fields(&["data", "{}", "athena-id", "7", "athena-model", "a::b"]);
        let foreign = fields(&["Data", "no", "data", "1", "", "", "Traceparent", "00-1"]);
        let bare = fields(&["who", "me"]);
        let entry = |id, fields| Value::Array(vec![bulk(id), fields]);
        let entries = vec![entry("1-0", own), entry("2-0", foreign), entry("3-0", bare)];
        let stream = Value::Array(vec![bulk("tasks"), Value::Array(entries)]);
        let read = parse_read(Value::Array(vec![stream])).unwrap();
        let into_error: Vec<_> = read
            .iter()
            .map(|one| {
                (one.tag.0.as_str(), one.envelope.id.as_str(), one.envelope.bytes.as_slice())
            })
            .collect();
        assert_eq!(
            into_error,
            [("1-0/1", "7", &b"{}"[..]), ("2-0/1", "2-0", b"1"), ("3-0/1", "3-0", b"")]
        );
        assert_eq!(read[0].envelope.model, "a::b");
        assert_eq!(read[1].envelope.trace, "00-1");
        assert_eq!(tag_parts(&read[0].tag), ("1-0", "1"));
    }

    #[test]
    fn claimed_entries_have_their_deliveries_and_failures() {
        let entry = vec![bulk("1-0"), Value::Int(3), Value::Int(2), fields(&["data", "x"])];
        let answer =
            Value::Array(vec![bulk("5-0"), Value::Array(vec![Value::Array(entry.clone())])]);
        let (cursor, taken) = parse_claimed(answer).unwrap();
        assert_eq!((cursor.as_str(), taken[0].deliveries, taken[0].failures), ("5-0", 3, 2));
        assert_eq!(taken[0].tag.0, "1-0/3");
        assert_eq!(parse_claimed(Value::Array(entry)), None);
    }

    #[test]
    fn an_empty_reply_has_no_envelope_and_an_invalid_one_is_an_error() {
        assert_eq!(parse_read(Value::Nil), Some(Vec::new()));
        assert_eq!(parse_read(Value::Array(Vec::new())), Some(Vec::new()));
        assert_eq!(parse_read(Value::Int(1)), None);
        assert_eq!(parse_read(Value::Array(vec![Value::Int(1)])), None);
    }

    #[test]
    fn a_request_has_neither_too_many_envelopes_nor_too_many_bytes() {
        let lengths = |sizes: &[usize]| {
            chunks_within_limits(sizes, |size| *size).map(<[usize]>::len).collect::<Vec<_>>()
        };
        assert_eq!(lengths(&vec![1; 2500]), [1000, 1000, 500]);
        assert_eq!(lengths(&[MAX_BYTES / 2, MAX_BYTES / 2, 1, MAX_BYTES * 3, 1]), [2, 1, 1, 1]);
        assert_eq!(lengths(&[]), [0; 0]);
    }
}
