//! Escapes text for the formats that a report is written in. Everything a model says is untrusted.

use std::fmt::Write as _;

use anstream::adapter::strip_str;
use athena_protocol::text::is_invisible;

use crate::display::{ellipsize, escape};

/// The longest text in Markdown, in characters.
const MARKDOWN_WIDTH: usize = 400;

/// Plain text without colours, without control characters and without what XML forbids.
pub(super) fn plain(text: &str) -> String {
    let text = strip_str(&text.replace("\r\n", "\n")).to_string();
    escape(&text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

/// Text in HTML. `%` is escaped because it marks the page's placeholders.
pub(crate) fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('%', "&#37;")
}

/// A JSON pointer in HTML: a long one breaks before its slashes.
pub(super) fn pointer(text: &str) -> String {
    let text = html(text).replace('/', "<wbr>/");
    text.strip_prefix("<wbr>").map(str::to_owned).unwrap_or(text)
}

/// JSON in a `<script>` element: no tag can end it, since `<` is only ever inside its strings.
/// Invisible characters, which are only there as well, are shown as `\u{feff}`.
pub(super) fn json_in_html(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '\n' => out.push('\n'),
            c if is_invisible(c) => {
                let _ = write!(out, "\\\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// Text in a table cell of Markdown.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::new();
    for c in ellipsize(plain(text).trim(), MARKDOWN_WIDTH).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(' '),
            // Markdown reads these inside `<code>` too, and `$` begins a formula.
            '|' | '`' | '*' | '_' | '~' | '[' | ']' | '\\' | '$' => {
                out.push_str(&format!("&#{};", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

/// The message of a GitHub workflow command.
pub(super) fn github_message(text: &str) -> String {
    plain(text).replace('%', "%25").replace('\n', "%0A")
}

/// A property of a GitHub workflow command.
pub(super) fn github_property(text: &str) -> String {
    github_message(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_invisible_character_reaches_a_report() {
        let hidden = "a\u{202e}b\u{feff}";
        let shown = "a\\u{202e}b\\u{feff}";
        assert_eq!(plain(hidden), shown);
        assert_eq!(github_message(hidden), shown);
        let json = serde_json::json!({ "text": hidden }).to_string();
        let read: serde_json::Value = serde_json::from_str(&json_in_html(&json)).unwrap();
        assert_eq!(read["text"], shown);
    }
}
