//! Converts envelopes to and from messages of NATS.

use std::borrow::Cow;

use async_nats::HeaderMap;
use async_nats::header::{HeaderValue, NATS_MESSAGE_ID};

use crate::envelope::Envelope;

/// The maximum size of a header's value. All headers of a message share 64 KB.
const LONGEST: usize = 16_000;

/// The headers of an envelope. `dedup_id` is the id by which the broker deduplicates; it may be
/// empty.
pub(super) fn headers(envelope: &Envelope, dedup_id: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in envelope.headers() {
        headers.insert(name, line(&value));
    }
    if !dedup_id.is_empty() {
        headers.insert(NATS_MESSAGE_ID, line(dedup_id));
    }
    headers
}

/// The size of an envelope as the server measures it.
pub(super) fn size(envelope: &Envelope, dedup_id: &str) -> usize {
    // One line each: name, colon, space, value, end. Around them the version and an empty line.
    let line = |name: &str, value: &str| name.len() + value.len().min(LONGEST) + 4;
    let headers: usize = envelope.headers().map(|(name, value)| line(name, &value)).sum();
    envelope.bytes.len() + headers + line("Nats-Msg-Id", dedup_id) + 14
}

/// A dead letter with its reason shortened until the server accepts it: the message is more
/// important.
pub(super) fn shortened<'a>(
    envelope: &'a Envelope,
    dedup_id: &str,
    max: usize,
) -> Cow<'a, Envelope> {
    let over = size(envelope, dedup_id).saturating_sub(max);
    if over == 0 {
        return Cow::Borrowed(envelope);
    }
    let mut reason = envelope.reason.clone();
    let mut end = reason.len().min(LONGEST).saturating_sub(over);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    Cow::Owned(Envelope { reason, ..envelope.clone() })
}

/// Converts a message. Without an id, its `Nats-Msg-Id` is used, or the fallback.
pub(super) fn envelope(
    headers: Option<&HeaderMap>,
    bytes: Vec<u8>,
    fallback_id: impl FnOnce() -> String,
) -> Envelope {
    let mut envelope = Envelope { bytes, ..Envelope::default() };
    for (name, values) in headers.into_iter().flat_map(HeaderMap::iter) {
        if let Some(value) = values.first() {
            envelope.read_header(name.as_ref(), value.as_str());
        }
    }
    if envelope.id.is_empty() {
        let known = headers.and_then(|headers| headers.get(NATS_MESSAGE_ID));
        envelope.id = match known {
            Some(id) if !id.as_str().is_empty() => id.as_str().to_owned(),
            _ => fallback_id(),
        };
    }
    envelope
}

/// Converts a header's value to one line.
fn line(value: &str) -> HeaderValue {
    let mut end = value.len().min(LONGEST);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    let value = &value[..end];
    let value: Cow<'_, str> = if value.contains(['\r', '\n']) {
        value.replace("\r\n", " ").replace(['\r', '\n'], " ").into()
    } else {
        value.into()
    };
    HeaderValue::from(value.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_many_lines_is_one() {
        let envelope = Envelope {
            id: "1".to_owned(),
            reason: "it\r\nbröke\n".to_owned(),
            ..Envelope::default()
        };
        let read = super::envelope(Some(&headers(&envelope, "1")), Vec::new(), String::new);
        assert_eq!(read.reason, "it bröke");
        let long = Envelope { reason: "ö".repeat(LONGEST), ..envelope };
        let read = super::envelope(Some(&headers(&long, "")), Vec::new(), String::new);
        assert_eq!(read.reason, "ö".repeat(LONGEST / 2));
    }

    #[test]
    fn a_dead_letter_says_as_much_of_its_reason_as_there_is_room_for() {
        let envelope = Envelope {
            id: "1".to_owned(),
            reason: "ö".repeat(100),
            bytes: vec![0; 1000],
            ..Envelope::default()
        };
        let whole = size(&envelope, "k");
        assert_eq!(*shortened(&envelope, "k", whole), envelope);
        let cut = shortened(&envelope, "k", whole - 11);
        assert_eq!((cut.reason.as_str(), cut.bytes.len()), (&*"ö".repeat(94), 1000));
        assert!(size(&cut, "k") <= whole - 11);
        assert_eq!(shortened(&envelope, "k", 10).reason, "");
    }

    #[test]
    fn a_message_of_another_program_gets_an_id() {
        let fallback_id = || "tasks-7".to_owned();
        let none = envelope(None, vec![1], fallback_id);
        assert_eq!((none.id.as_str(), none.bytes.as_slice()), ("tasks-7", [1].as_slice()));
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, "order 7");
        assert_eq!(envelope(Some(&headers), Vec::new(), fallback_id).id, "order 7");
        headers.insert("Athena-Id", "7");
        assert_eq!(envelope(Some(&headers), Vec::new(), fallback_id).id, "7");
    }
}
