//! Splits a stream of bytes into lines of limited length.

use axum::body::Bytes;
use bytes::BytesMut;
use tokio_util::codec::{AnyDelimiterCodec, Decoder as _};

/// How many lines run as one batch.
const BATCH: usize = 64;

/// Splits a stream of bytes into lines. Lines are numbered from 1; blank ones are skipped.
pub(super) struct LineSplitter {
    codec: AnyDelimiterCodec,
    bytes: BytesMut,
    /// The number of the next line.
    next: u64,
    /// A line that was too long, after the lines of the last batch.
    too_long: Option<u64>,
}

/// The next part of the stream.
pub(super) enum Split {
    Lines(Vec<(u64, Bytes)>),
    /// This line is longer than the limit.
    TooLong(u64),
}

impl LineSplitter {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            codec: AnyDelimiterCodec::new_with_max_length(b"\n".to_vec(), Vec::new(), limit),
            bytes: BytesMut::new(),
            next: 1,
            too_long: None,
        }
    }

    pub(super) fn push(&mut self, data: &[u8]) {
        self.bytes.extend_from_slice(data);
    }

    /// The number of bytes of lines that are not complete.
    pub(super) fn buffered(&self) -> usize {
        self.bytes.len()
    }

    /// The next lines; `None` if more bytes are needed. If `is_last`, the last line needs no end.
    pub(super) fn next(&mut self, is_last: bool) -> Option<Split> {
        if let Some(number) = self.too_long.take() {
            return Some(Split::TooLong(number));
        }
        let mut lines = Vec::new();
        while lines.len() < BATCH {
            let decoded = if is_last {
                self.codec.decode_eof(&mut self.bytes)
            } else {
                self.codec.decode(&mut self.bytes)
            };
            let number = self.next;
            match decoded {
                Ok(None) => break,
                Ok(Some(line)) if line.trim_ascii().is_empty() => {}
                Ok(Some(line)) => lines.push((number, line)),
                // The codec discards the rest of the line.
                Err(_) if lines.is_empty() => {
                    self.next += 1;
                    return Some(Split::TooLong(number));
                }
                Err(_) => {
                    self.next += 1;
                    self.too_long = Some(number);
                    break;
                }
            }
            self.next += 1;
        }
        (!lines.is_empty()).then_some(Split::Lines(lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&str], limit: usize) -> Vec<String> {
        let mut splitter = LineSplitter::new(limit);
        let mut found = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            splitter.push(piece.as_bytes());
            while let Some(next) = splitter.next(at + 1 == pieces.len()) {
                match next {
                    Split::TooLong(line) => found.push(format!("{line} is too long")),
                    Split::Lines(lines) => found.extend(
                        lines
                            .iter()
                            .map(|(n, line)| format!("{n} {}", String::from_utf8_lossy(line))),
                    ),
                }
            }
        }
        found
    }

    #[test]
    fn lines_are_the_same_however_they_arrive() {
        let text = "{}\n\n[1]\r\nabcdefghijk\nlast";
        let wanted = ["1 {}", "3 [1]\r", "4 is too long", "5 last"];
        assert_eq!(split(&[text], 8), wanted);
        let bytes: Vec<&str> = text.split_inclusive(|_| true).chain([""]).collect();
        assert_eq!(split(&bytes, 8), wanted);
        assert_eq!(split(&["abc", "defghijk", "lm"], 8), ["1 is too long"]);
        assert_eq!(split(&["\n\n", ""], 8), [""; 0]);
        assert_eq!(split(&["12345678\n123456789\n1\n"], 8), ["1 12345678", "2 is too long", "3 1"]);
    }
}
