//! Makes text from files and models safe and short enough to print, and writes counts.

use std::fmt::{Display, Write as _};

/// Escapes every character that could control a terminal or reorder its text, as `\u{1b}`.
///
/// Line ends and tabs stay.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            // Writing to a string can't fail.
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// Truncates a text to `max` characters. A truncated text ends with `..`.
pub(crate) fn truncate(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}..", &text[..end]),
    }
}

/// Truncates and escapes a text to one line: line ends are escaped too.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    escape(&truncate(text, max)).replace('\n', "\\u{a}")
}

/// A count with its noun: `1 case`, `2 cases`.
pub(crate) fn plural<T: Copy + Display + PartialEq + From<u8>>(count: T, noun: &str) -> String {
    if count == T::from(1) { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A count with its noun and commas: `1 case`, `1,200 cases`.
pub(crate) fn grouped_plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", grouped(count)) }
}

/// A number with a comma before each group of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Whether a character could control a terminal or reorder its text.
fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_controls_a_terminal() {
        assert_eq!(
            escape("\x1b]0;t\x07 \u{9b}2J\n\tö\u{202e}"),
            "\\u{1b}]0;t\\u{7} \\u{9b}2J\n\tö\\u{202e}"
        );
        assert_eq!(one_line("a\u{1b}[2Jb\nc", 80), "a\\u{1b}[2Jb\\u{a}c");
    }

    #[test]
    fn a_text_is_truncated_at_characters() {
        assert_eq!(truncate("äbc", 2), "äb..");
        assert_eq!(truncate("äbc", 3), "äbc");
        assert_eq!(one_line("abcdef", 3), "abc..");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(
            (plural(1_u64, "case").as_str(), plural(0_u64, "case").as_str()),
            ("1 case", "0 cases")
        );
        assert_eq!(plural(2_usize, "more line"), "2 more lines");
        assert_eq!(grouped_plural(1, "case"), "1 case");
        assert_eq!(grouped_plural(1_000, "case"), "1,000 cases");
    }

    #[test]
    fn numbers_have_a_comma_before_each_three_digits() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
