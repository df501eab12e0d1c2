//! Letters as messages of NATS.

use std::borrow::Cow;

use async_nats::HeaderMap;
use async_nats::header::{HeaderValue, NATS_MESSAGE_ID};

use crate::letter::Letter;

/// How much of a header's value is kept. All headers of a message share 64 KB.
const LONGEST: usize = 16_000;

/// What is written beside the bytes; and what the broker is to know a second one by, if anything.
pub(super) fn headers(letter: &Letter, known_by: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in letter.headers() {
        headers.insert(name, line(&value));
    }
    if !known_by.is_empty() {
        headers.insert(NATS_MESSAGE_ID, line(known_by));
    }
    headers
}

/// How many bytes a letter takes, by which a server measures it.
pub(super) fn size(letter: &Letter, known_by: &str) -> usize {
    // A line each: name, colon, space, value, end. Around them the version and an empty line.
    let line = |name: &str, value: &str| name.len() + value.len().min(LONGEST) + 4;
    let headers: usize = letter.headers().map(|(name, value)| line(name, &value)).sum();
    letter.bytes.len() + headers + line("Nats-Msg-Id", known_by) + 14
}

/// A dead letter with as much of its reason as a server takes: the message comes first.
pub(super) fn fitted<'a>(letter: &'a Letter, known_by: &str, most: usize) -> Cow<'a, Letter> {
    let over = size(letter, known_by).saturating_sub(most);
    if over == 0 {
        return Cow::Borrowed(letter);
    }
    let mut reason = letter.reason.clone();
    let mut end = reason.len().min(LONGEST).saturating_sub(over);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    Cow::Owned(Letter { reason, ..letter.clone() })
}

/// A message that came. One without an id has that of its sender for the broker, or is called
/// after its place.
pub(super) fn letter(
    headers: Option<&HeaderMap>,
    bytes: Vec<u8>,
    place: impl FnOnce() -> String,
) -> Letter {
    let mut letter = Letter { bytes, ..Letter::default() };
    for (name, values) in headers.into_iter().flat_map(HeaderMap::iter) {
        if let Some(value) = values.first() {
            letter.read_header(name.as_ref(), value.as_str());
        }
    }
    if letter.id.is_empty() {
        let known = headers.and_then(|headers| headers.get(NATS_MESSAGE_ID));
        letter.id = match known {
            Some(id) if !id.as_str().is_empty() => id.as_str().to_owned(),
            _ => place(),
        };
    }
    letter
}

/// A header's value is one line.
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
        let letter =
            Letter { id: "1".to_owned(), reason: "it\r\nbröke\n".to_owned(), ..Letter::default() };
        let read = super::letter(Some(&headers(&letter, "1")), Vec::new(), String::new);
        assert_eq!(read.reason, "it bröke");
        let long = Letter { reason: "ö".repeat(LONGEST), ..letter };
        let read = super::letter(Some(&headers(&long, "")), Vec::new(), String::new);
        assert_eq!(read.reason, "ö".repeat(LONGEST / 2));
    }

    #[test]
    fn a_dead_letter_says_as_much_of_its_reason_as_there_is_room_for() {
        let letter = Letter {
            id: "1".to_owned(),
            reason: "ö".repeat(100),
            bytes: vec![0; 1000],
            ..Letter::default()
        };
        let whole = size(&letter, "k");
        assert_eq!(*fitted(&letter, "k", whole), letter);
        let cut = fitted(&letter, "k", whole - 11);
        assert_eq!((cut.reason.as_str(), cut.bytes.len()), (&*"ö".repeat(94), 1000));
        assert!(size(&cut, "k") <= whole - 11);
        assert_eq!(fitted(&letter, "k", 10).reason, "");
    }

    #[test]
    fn a_message_of_others_gets_an_id() {
        let place = || "tasks-7".to_owned();
        let none = letter(None, vec![1], place);
        assert_eq!((none.id.as_str(), none.bytes.as_slice()), ("tasks-7", [1].as_slice()));
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, "order 7");
        assert_eq!(letter(Some(&headers), Vec::new(), place).id, "order 7");
        headers.insert("Athena-Id", "7");
        assert_eq!(letter(Some(&headers), Vec::new(), place).id, "7");
    }
}
