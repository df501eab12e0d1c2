//! Text from files and models, made safe and short enough to print.

use std::fmt::{Display, Write as _};

/// The text with what could drive a terminal, or reorder what is read there, written as `\u{1b}`.
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

/// At most so many characters of a text.
pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}..", &text[..end]),
    }
}

/// `1 case`, `2 cases`
pub(crate) fn cases<T: Copy + Display + PartialEq + From<u8>>(count: T) -> String {
    if count == T::from(1) { "1 case".to_owned() } else { format!("{count} cases") }
}

/// Whether a character could drive a terminal, or reorder what is read there.
pub(crate) fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_drives_a_terminal() {
        assert_eq!(
            escape("\x1b]0;t\x07 \u{9b}2J\n\tö\u{202e}"),
            "\\u{1b}]0;t\\u{7} \\u{9b}2J\n\tö\\u{202e}"
        );
        assert_eq!(cut("äbc", 2), "äb..");
        assert_eq!(cut("äbc", 3), "äbc");
        assert_eq!((cases(1_u64), cases(2_usize)), ("1 case".to_owned(), "2 cases".to_owned()));
    }
}
