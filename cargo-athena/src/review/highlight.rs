//! The parts of two lines in which they differ.

use std::ops::Range;

use similar::{ChangeTag, TextDiff};

/// The longest line that is compared, in bytes.
const LONGEST: usize = 4 << 10;

/// The differing parts of both lines, as ranges of characters. Both are empty if the lines have so little
/// in common that the parts say nothing.
pub(super) fn differing(old: &str, new: &str) -> (Vec<Range<usize>>, Vec<Range<usize>>) {
    if old.len().max(new.len()) > LONGEST {
        return (Vec::new(), Vec::new());
    }
    let (old_tokens, new_tokens) = (tokens(old), tokens(new));
    let diff = TextDiff::from_slices(&old_tokens, &new_tokens);
    let (mut old_parts, mut new_parts) = (Vec::new(), Vec::new());
    let (mut old_at, mut new_at, mut common) = (0, 0, false);
    for change in diff.iter_all_changes() {
        let length = change.value().chars().count();
        match change.tag() {
            ChangeTag::Equal => {
                common |= change.value().chars().any(char::is_alphanumeric);
                old_at += length;
                new_at += length;
            }
            ChangeTag::Delete => {
                add(&mut old_parts, old_at..old_at + length);
                old_at += length;
            }
            ChangeTag::Insert => {
                add(&mut new_parts, new_at..new_at + length);
                new_at += length;
            }
        }
    }
    if common { (old_parts, new_parts) } else { (Vec::new(), Vec::new()) }
}

/// Adds a part, which may continue the last one.
fn add(parts: &mut Vec<Range<usize>>, part: Range<usize>) {
    match parts.last_mut() {
        Some(last) if last.end == part.start => last.end = part.end,
        _ => parts.push(part),
    }
}

/// Words and numbers, and every other character by itself.
fn tokens(line: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut letters = line.char_indices().peekable();
    while let Some((_, letter)) = letters.next() {
        let end = letters.peek().map_or(line.len(), |(at, _)| *at);
        let goes_on = letters.peek().is_some_and(|(_, next)| is_word(letter) && is_word(*next));
        if !goes_on {
            tokens.push(&line[start..end]);
            start = end;
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_and_words_that_differ_are_found() {
        let parts = |old: &str, new: &str| {
            let cut = |line: &str, parts: Vec<Range<usize>>| -> Vec<String> {
                let take = |part: Range<usize>| {
                    line.chars().skip(part.start).take(part.len()).collect::<String>()
                };
                parts.into_iter().map(take).collect()
            };
            let (old_parts, new_parts) = differing(old, new);
            (cut(old, old_parts), cut(new, new_parts))
        };
        let texts = |one: &[&str], other: &[&str]| {
            let owned = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
            (owned(one), owned(other))
        };
        assert_eq!(parts("\"net\": 2.75,", "\"net\": 2.8,"), texts(&["2.75"], &["2.8"]));
        assert_eq!(parts("\"a\": \"x y\"", "\"a\": \"x \u{f6} y\""), texts(&[], &["\u{f6} "]));
        assert_eq!(parts("\"a\": 1", "\"a\": 1,"), texts(&[], &[","]));
        // Nothing in common but punctuation.
        assert_eq!(parts("\"a\": 1", "\"b\": 2"), texts(&[], &[]));
    }
}
