//! A stream of bytes, cut into lines.

use std::collections::VecDeque;

/// How many lines run as one piece of work.
const LINES: usize = 64;

/// Cuts a stream of bytes into lines.
pub(super) struct Lines {
    bytes: VecDeque<u8>,
    /// The number of the line that is next, from 1.
    next: u64,
    limit: usize,
    /// Inside a line that is too long.
    is_skipping: bool,
    /// How many bytes have no line end.
    searched: usize,
}

/// What was cut off next.
pub(super) enum Found {
    Lines(Vec<(u64, Vec<u8>)>),
    TooLong(u64),
}

impl Lines {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: VecDeque::new(), next: 1, limit, is_skipping: false, searched: 0 }
    }

    pub(super) fn push(&mut self, data: &[u8]) {
        self.bytes.extend(data);
    }

    /// The next lines; the last needs no end. Blank lines are none.
    pub(super) fn take(&mut self, is_last: bool) -> Option<Found> {
        let mut lines = Vec::new();
        while lines.len() < LINES {
            let end = self.bytes.range(self.searched..).position(|&byte| byte == b'\n');
            let end = end.map(|at| self.searched + at);
            let is_long = end.unwrap_or(self.bytes.len()) > self.limit;
            if !self.is_skipping && is_long {
                if !lines.is_empty() {
                    break;
                }
                self.is_skipping = true;
                return Some(Found::TooLong(self.next));
            }
            let Some(end) = end.or((is_last && !self.bytes.is_empty()).then_some(self.bytes.len()))
            else {
                if self.is_skipping {
                    self.bytes.clear();
                }
                self.searched = self.bytes.len();
                break;
            };
            let line: Vec<u8> = self.bytes.drain(..end).collect();
            self.bytes.pop_front();
            self.searched = 0;
            if !self.is_skipping && !line.trim_ascii().is_empty() {
                lines.push((self.next, line));
            }
            self.is_skipping = false;
            self.next += 1;
        }
        (!lines.is_empty()).then_some(Found::Lines(lines))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(pieces: &[&str], limit: usize) -> Vec<String> {
        let mut lines = Lines::new(limit);
        let mut found = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            lines.push(piece.as_bytes());
            while let Some(next) = lines.take(at + 1 == pieces.len()) {
                match next {
                    Found::TooLong(line) => found.push(format!("{line} is too long")),
                    Found::Lines(lines) => found.extend(
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
        assert_eq!(cut(&[text], 8), wanted);
        let bytes: Vec<&str> = text.split_inclusive(|_| true).chain([""]).collect();
        assert_eq!(cut(&bytes, 8), wanted);
        assert_eq!(cut(&["abc", "defghijk", "lm"], 8), ["1 is too long"]);
        assert_eq!(cut(&["\n\n", ""], 8), [""; 0]);
    }
}
