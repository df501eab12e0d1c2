//! Makes text from files and models safe and short enough to print, and writes counts.

use std::path::Path;

pub(crate) use athena_protocol::text::{ellipsize, plural};

/// Escapes every character that could control a terminal or reorder its text, as `\u{1b}`.
pub(crate) fn escape(text: &str) -> String {
    athena_protocol::text::escape(text).into_owned()
}

/// Truncates and escapes a text to one line: line ends are escaped too.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    escape(&ellipsize(text, max)).replace('\n', "\\u{a}")
}

/// A path relative to the working directory, if it is in there.
pub(crate) fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let near = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    near.unwrap_or(path).display().to_string()
}

/// A name, and the label of its case behind it unless the name has it.
pub(crate) fn labelled(name: &str, label: Option<&str>) -> String {
    match label {
        Some(label) if name.rsplit(['/', ':']).next() != Some(label) => format!("{name} ({label})"),
        _ => name.to_owned(),
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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
    fn a_line_is_cut_at_characters() {
        assert_eq!(one_line("abcdef", 3), "abc..");
    }

    #[test]
    fn a_label_is_shown_unless_the_name_has_it() {
        assert_eq!(labelled("m::f::1f3a", Some("order 7")), "m::f::1f3a (order 7)");
        assert_eq!(labelled("m::f::1f36", Some("6")), "m::f::1f36 (6)");
        assert_eq!(labelled("m::f::s/q7", Some("q7")), "m::f::s/q7");
        assert_eq!(labelled("m::f::q7", Some("q7")), "m::f::q7");
        assert_eq!(labelled("m::f::q7", None), "m::f::q7");
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
