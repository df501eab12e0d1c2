//! Text from files and models, made safe and short enough to print.

use std::fmt::Write as _;

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

fn is_unsafe(c: char) -> bool {
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
    }
}
