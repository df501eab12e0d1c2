//! Splits a stream of bytes into lines of limited length.

use std::ops::Range;

use axum::body::Bytes;
use bytes::{Buf as _, BytesMut};
use memchr::memchr;

/// How many lines run as one batch.
const BATCH: usize = 64;

/// The length of a short message, in bytes: for how many lines memory is reserved.
const SHORT_LINE: usize = 64;

/// Splits a stream of bytes into lines. Lines are numbered from 1; blank ones are skipped.
///
/// The lines of a batch stay one piece of memory: a codec that returns each by itself takes a tenth of the
/// time of a small model.
pub(super) struct LineSplitter {
    limit: usize,
    bytes: BytesMut,
    /// How many bytes have no end of a line.
    searched: usize,
    /// The number of the next line.
    next: u64,
    /// Whether the bytes belong to a line that was too long.
    is_discarding: bool,
}

/// The next part of the stream.
pub(super) enum Split {
    Lines(Lines),
    /// This line is longer than the limit.
    TooLong(u64),
}

/// Some lines, with their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines {
    text: Bytes,
    lines: Vec<(u64, Range<usize>)>,
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The size in bytes.
    pub(super) fn size(&self) -> usize {
        self.text.len()
    }

    /// The number of the line at this index.
    pub(super) fn number(&self, at: usize) -> Option<u64> {
        self.lines.get(at).map(|(number, _)| *number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        self.lines.iter().map(|(number, range)| (*number, &self.text[range.clone()]))
    }

    /// Each line as bytes of its own.
    pub(super) fn into_each(self) -> impl Iterator<Item = (u64, Bytes)> {
        let Self { text, lines } = self;
        lines.into_iter().map(move |(number, range)| (number, text.slice(range)))
    }

    /// The lines from this index on.
    pub(super) fn since(&self, at: usize) -> Self {
        Self { text: self.text.clone(), lines: self.lines.get(at..).unwrap_or_default().to_vec() }
    }
}

impl LineSplitter {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, bytes: BytesMut::new(), searched: 0, next: 1, is_discarding: false }
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
        if self.is_discarding {
            let end = self.end_of_line(0);
            self.advance(end.map_or(self.bytes.len(), |end| end + 1));
            self.is_discarding = end.is_none();
        }
        let guess = self.bytes.len() / SHORT_LINE;
        let (mut lines, mut start) = (Vec::with_capacity(guess.min(BATCH)), 0);
        while lines.len() < BATCH {
            let end = self.end_of_line(start);
            let line = start..end.unwrap_or(self.bytes.len());
            if line.len() > self.limit {
                if !lines.is_empty() {
                    break;
                }
                self.advance(end.map_or(self.bytes.len(), |end| end + 1));
                self.is_discarding = end.is_none();
                self.next += 1;
                return Some(Split::TooLong(self.next - 1));
            }
            if end.is_none() && (!is_last || line.is_empty()) {
                break;
            }
            start = end.map_or(line.end, |end| end + 1);
            if !self.bytes[line.clone()].trim_ascii().is_empty() {
                lines.push((self.next, line));
            }
            self.next += 1;
        }
        let text = self.bytes.split_to(start).freeze();
        self.searched = self.searched.saturating_sub(start);
        (!lines.is_empty()).then_some(Split::Lines(Lines { text, lines }))
    }

    /// The end of the line that begins at `start`.
    fn end_of_line(&mut self, start: usize) -> Option<usize> {
        let from = start.max(self.searched);
        let found = memchr(b'\n', &self.bytes[from..]).map(|at| from + at);
        self.searched = found.unwrap_or(self.bytes.len());
        found
    }

    fn advance(&mut self, count: usize) {
        self.bytes.advance(count);
        self.searched = self.searched.saturating_sub(count);
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
        assert_eq!(splitter.buffered(), 0);
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
        assert_eq!(split(&["abcdefghijk", "lm\n{}\n"], 8), ["1 is too long", "2 {}"]);
        assert_eq!(split(&["\n\n", ""], 8), [""; 0]);
        assert_eq!(split(&["12345678\n123456789\n1\n"], 8), ["1 12345678", "2 is too long", "3 1"]);
        let many = "1\n".repeat(BATCH * 2 + 1);
        assert_eq!(split(&[&many], 8).last().map(String::as_str), Some("129 1"));
    }

    #[test]
    fn the_rest_of_a_batch_has_its_numbers() {
        let mut splitter = LineSplitter::new(8);
        splitter.push(b"a\n\nb\nc\n");
        let Some(Split::Lines(lines)) = splitter.next(false) else { panic!("no lines") };
        let rest = lines.since(1);
        assert_eq!(rest.iter().collect::<Vec<_>>(), [(3, &b"b"[..]), (4, &b"c"[..])]);
        assert_eq!((rest.number(1), rest.number(2), lines.since(3).len()), (Some(4), None, 0));
    }
}
