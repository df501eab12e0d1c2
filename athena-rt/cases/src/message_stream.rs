//! Splits streams into messages: lines of JSON, or Protocol Buffers with a length prefix.

use athena_protocol::Format;
use memchr::{memchr, memchr_iter, memrchr};

use athena_structure::wire::read_varint;

/// How many bytes, from the front, are whole messages. `searched` bytes were looked at before.
pub fn complete_prefix_len(bytes: &[u8], searched: usize, format: Format) -> usize {
    match format {
        Format::Json => {
            let new = &bytes[searched..];
            memrchr(b'\n', new).map_or(0, |at| searched + at + 1)
        }
        Format::Protobuf => {
            let mut at = 0;
            while let Some(Ok(message)) = delimited(&bytes[at..]) {
                at += message.whole;
            }
            at
        }
    }
}

/// The length of the whole messages at the front: as many as fit into `most` bytes, and at least
/// one.
pub fn batch_prefix_len(bytes: &[u8], most: usize, format: Format) -> usize {
    if bytes.len() <= most {
        return bytes.len();
    }
    if format == Format::Json
        && let Some(end) = memrchr(b'\n', &bytes[..most])
    {
        return end + 1;
    }
    let mut messages = messages(bytes, format);
    let mut end = 0;
    while messages.next().is_some() {
        let next = bytes.len() - messages.rest().len();
        if end > 0 && next > most {
            break;
        }
        end = next;
    }
    end
}

/// The messages in a part of a stream. A blank line is empty, and callers skip it.
pub fn messages(bytes: &[u8], format: Format) -> Messages<'_> {
    Messages { rest: bytes, format }
}

/// The number of messages, or lines, in a part of a stream.
pub fn count(bytes: &[u8], format: Format) -> u64 {
    match format {
        Format::Json => memchr_iter(b'\n', bytes).count() as u64,
        Format::Protobuf => messages(bytes, format).count() as u64,
    }
}

pub struct Messages<'a> {
    rest: &'a [u8],
    format: Format,
}

impl<'a> Messages<'a> {
    /// The bytes after the messages that were returned.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<&'a [u8], &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (message, whole) = match self.format {
            Format::Json => {
                let end = memchr(b'\n', self.rest);
                let length = end.unwrap_or(self.rest.len());
                (Ok(&self.rest[..length]), end.map_or(length, |end| end + 1))
            }
            Format::Protobuf => match delimited(self.rest) {
                Some(Ok(Delimited { message, whole })) => (Ok(message), whole),
                Some(Err(reason)) => (Err(reason), self.rest.len()),
                None => (Err("the stream ends inside a message"), self.rest.len()),
            },
        };
        self.rest = &self.rest[whole..];
        Some(message)
    }
}

struct Delimited<'a> {
    message: &'a [u8],
    /// Bytes of the length and the message.
    whole: usize,
}

/// The message at the front; `None` if the bytes end before it does.
fn delimited(bytes: &[u8]) -> Option<Result<Delimited<'_>, &'static str>> {
    let length = match declared(bytes)? {
        Ok(length) => length,
        Err(reason) => return Some(Err(reason)),
    };
    let whole = length.header.checked_add(length.message)?;
    let message = bytes.get(length.header..whole)?;
    Some(Ok(Delimited { message, whole }))
}

/// The declared length of the message at the front.
#[derive(Clone, Copy)]
pub struct Declared {
    /// Bytes of the length itself.
    pub header: usize,
    pub message: usize,
}

/// Reads the length at the front; `None` if the bytes end before it does.
pub fn declared(bytes: &[u8]) -> Option<Result<Declared, &'static str>> {
    let length = match read_varint(bytes) {
        Ok(None) => return None,
        Ok(Some((length, header))) => usize::try_from(length).map(|length| (length, header)).ok(),
        Err(_) => None,
    };
    let declared = length.map(|(message, header)| Declared { header, message });
    Some(declared.ok_or("the length of a message is not a varint"))
}

/// The maximum number of bytes of a length.
pub const LONGEST_LENGTH: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8], format: Format) -> Vec<Result<&[u8], &'static str>> {
        messages(bytes, format).collect()
    }

    #[test]
    fn lines_are_messages_and_the_last_needs_no_end() {
        assert_eq!(found(b"{}\n\n[1]", Format::Json), [Ok(&b"{}"[..]), Ok(b""), Ok(b"[1]")]);
        assert_eq!(complete_prefix_len(b"{}\n{\"a", 0, Format::Json), 3);
        assert_eq!(count(b"{}\n\n[1]", Format::Json), 2);
    }

    #[test]
    fn the_front_is_of_whole_messages_and_of_one_at_least() {
        let lines = b"{}\n[1]\n\n[2";
        let fronts: Vec<_> =
            (0..=11).map(|most| batch_prefix_len(lines, most, Format::Json)).collect();
        assert_eq!(fronts, [3, 3, 3, 3, 3, 3, 3, 7, 8, 8, 10, 10]);
        let stream = [1, b'a', 0, 2, b'b', b'c', 9];
        let fronts: Vec<_> =
            (0..=7).map(|most| batch_prefix_len(&stream, most, Format::Protobuf)).collect();
        assert_eq!(fronts, [2, 2, 2, 3, 3, 3, 6, 7]);
    }

    #[test]
    fn messages_stand_behind_their_length() {
        let stream = [2, b'a', b'b', 0, 1, b'c', 3, b'd'];
        let wanted = [Ok(&b"ab"[..]), Ok(b""), Ok(b"c"), Err("the stream ends inside a message")];
        assert_eq!(found(&stream, Format::Protobuf), wanted);
        assert_eq!(complete_prefix_len(&stream, 0, Format::Protobuf), 6);
        let endless = [0xff; 12];
        assert_eq!(
            found(&endless, Format::Protobuf),
            [Err("the length of a message is not a varint")]
        );
        // The largest length there is asks for no memory.
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(found(&huge, Format::Protobuf), [Err("the stream ends inside a message")]);
    }
}
