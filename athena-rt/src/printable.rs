//! Text from outside, made safe and short enough to print.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The text with what could drive a terminal, or reorder what is read there, written as `\u{1b}`.
/// Line ends and tabs stay.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// At most so many characters of a text; what is left out is counted.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        None => Cow::Borrowed(text),
        Some((end, _)) => {
            Cow::Owned(format!("{}.. ({} bytes more)", &text[..end], text.len() - end))
        }
    }
}

/// A path as a person in the working directory of this program's start would type it.
pub(crate) fn place(path: &Path) -> String {
    let here = HERE.get_or_init(|| std::env::current_dir().unwrap_or_default());
    // A path of its own is not empty.
    let shown = path.strip_prefix(here).ok().filter(|path| !path.as_os_str().is_empty());
    escape(&shown.unwrap_or(path).to_string_lossy()).into_owned()
}

/// Remembers the working directory, before a model can change it.
pub(crate) fn remember_here() {
    HERE.get_or_init(|| std::env::current_dir().unwrap_or_default());
}

/// Tells paths by this folder, where no other has been set.
pub(crate) fn remember(folder: &std::path::Path) {
    HERE.get_or_init(|| folder.to_owned());
}

static HERE: OnceLock<PathBuf> = OnceLock::new();

fn is_unsafe(c: char) -> bool {
    // Beside control characters, those that change the direction of what is read.
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A URL that may be none, for messages: without user and password.
pub(crate) fn masked(url: &str) -> Cow<'_, str> {
    match (url.find("://"), url.rfind('@')) {
        (Some(start), Some(end)) if start + 3 < end => {
            Cow::Owned(format!("{}://***{}", &url[..start], &url[end..]))
        }
        _ => Cow::Borrowed(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_printed_drives_a_terminal() {
        assert_eq!(
            escape("\x1b]0;title\x07 \u{9b}2J \r\x7f"),
            "\\u{1b}]0;title\\u{7} \\u{9b}2J \\u{d}\\u{7f}"
        );
        assert_eq!(escape("a\u{202e}b"), "a\\u{202e}b");
        assert!(matches!(escape("two\n\tlines, z\u{f6}e"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_cut_counts_what_it_leaves_out() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("ab\u{f6}c", 2), "ab.. (3 bytes more)");
    }
}
