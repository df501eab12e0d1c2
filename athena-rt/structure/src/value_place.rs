//! Where the value at a JSON pointer is in a text.

use std::ops::Range;

use athena_protocol::json::RawJson;
use serde_json::value::RawValue;

use super::pointer::unescaped;

/// A value, and its key if it has one: from the end of what is before it.
#[derive(Debug, PartialEq)]
pub(crate) struct ValuePlace {
    before: usize,
    value: Range<usize>,
}

impl ValuePlace {
    /// The value at a pointer; of several with one key the last, if that is asked for.
    pub(crate) fn find(text: &str, pointer: &str, last: bool) -> Option<Self> {
        let mut raw: &RawValue = serde_json::from_str(text).ok()?;
        let range = |raw: &RawValue| {
            let start = raw.get().as_ptr().addr() - text.as_ptr().addr();
            start..start + raw.get().len()
        };
        let mut before = 0;
        for step in pointer.split('/').skip(1) {
            let step = unescaped(step);
            before = range(raw).start + 1;
            let members = match RawJson::parse(raw, 0).ok()? {
                RawJson::Object(members) => members,
                RawJson::List(items) => {
                    items.into_iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect()
                }
                _ => return None,
            };
            let is_meant = |(key, _): &(String, &RawValue)| *key == step;
            let at = if last {
                members.iter().rposition(is_meant)
            } else {
                members.iter().position(is_meant)
            }?;
            if let Some((_, value)) = at.checked_sub(1).and_then(|at| members.get(at)) {
                before = range(value).end;
            }
            raw = members.get(at)?.1;
        }
        Some(Self { before, value: range(raw) })
    }

    /// Whether a reader that has taken this number of bytes stands in the value or in its key.
    pub(crate) fn contains(&self, taken: usize) -> bool {
        self.before < taken && taken <= self.value.end
    }

    /// The line and the column, from 1, where the value begins.
    pub(crate) fn start(&self, text: &str) -> (usize, usize) {
        let ahead = &text.as_bytes()[..self.value.start];
        let line = ahead.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = ahead.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        (line, column)
    }
}

/// The number of bytes in front of a line and column, both from 1.
pub(crate) fn bytes_to(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    lines.map(str::len).sum::<usize>() + column
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_pointer() {
        let text = "{\"a\": [1,\n  {\"b/c\": \"x\"}], \"a\": 2}";
        let found = |pointer, last| {
            let place = ValuePlace::find(text, pointer, last)?;
            Some((text[place.value.clone()].to_owned(), place.start(text)))
        };
        assert_eq!(found("", false), Some((text.to_owned(), (1, 1))));
        assert_eq!(found("/a/1/b~1c", false), Some(("\"x\"".to_owned(), (2, 11))));
        assert_eq!(found("/a", true), Some(("2".to_owned(), (2, 23))));
        assert_eq!(found("/a/0", false), Some(("1".to_owned(), (1, 8))));
        for none in ["/b", "/a/2", "/a/x", "/a/0/b"] {
            assert_eq!(found(none, false), None, "{none}");
        }
        assert_eq!(ValuePlace::find("{\"a\":1} x", "/a", false), None);
        let place = ValuePlace::find(text, "/a/1/b~1c", false).unwrap();
        let taken = |line, column| place.contains(bytes_to(text, line, column));
        assert!(taken(2, 4) && taken(2, 13) && !taken(2, 14) && !taken(1, 9));
    }
}
