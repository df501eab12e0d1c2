//! The code of a source file, apart from its comments and texts.

/// A source file without its comments; its texts stay, or are left empty.
pub(super) fn code(source: &str, with_texts: bool) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let length = token(rest);
        let (token, after) = rest.split_at(length);
        let is_comment = token.starts_with("//") || token.starts_with("/*");
        let is_text = length > 1 && (first == '"' || is_raw(token));
        if is_text && !with_texts {
            out.push_str("\"\"");
        } else if !is_comment {
            out.push_str(token);
        }
        rest = after;
    }
    out
}

/// The length of the comment, text, character or word at the start of a source.
fn token(source: &str) -> usize {
    let bytes = source.as_bytes();
    let until = |end: &str, from: usize| {
        source[from..].find(end).map_or(source.len(), |at| from + at + end.len())
    };
    match bytes {
        [b'/', b'/', ..] => source.find('\n').unwrap_or(source.len()),
        [b'/', b'*', ..] => until("*/", 2),
        [b'"', ..] => {
            let mut at = 1;
            while at < bytes.len() && bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            (at + 1).min(bytes.len())
        }
        [b'r', ..] if is_raw(source) => {
            let hashes = source[1..].bytes().take_while(|byte| *byte == b'#').count();
            until(&format!("\"{}", "#".repeat(hashes)), hashes + 2)
        }
        [b'\'', b'"', b'\'', ..] => 3,
        [b'\'', b'\\', _, b'\'', ..] => 4,
        // A word as a whole, so that the `r` at its end starts no text.
        _ => match source.find(|c: char| !(c.is_alphanumeric() || c == '_')) {
            Some(0) => source.chars().next().map_or(1, char::len_utf8),
            Some(length) => length,
            None => source.len(),
        },
    }
}

fn is_raw(source: &str) -> bool {
    let text = source.strip_prefix('r').map(|rest| rest.trim_start_matches('#'));
    text.is_some_and(|text| text.starts_with('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_and_texts_stay_or_are_emptied() {
        for (source, with, without) in [
            ("a // b\nc", "a \nc", "a \nc"),
            ("a /* b\n */ c", "a  c", "a  c"),
            ("f(\"a // \\\" b\") // c", "f(\"a // \\\" b\") ", "f(\"\") "),
            ("r#\"a \"b\" //\"# + for_r", "r#\"a \"b\" //\"# + for_r", "\"\" + for_r"),
            ("'\"' + '\\'' + \"a\"", "'\"' + '\\'' + \"a\"", "'\"' + '\\'' + \"\""),
            ("fn r#type() {}", "fn r#type() {}", "fn r#type() {}"),
            ("\"open", "\"open", "\"\""),
            ("\u{e4} \"\u{e4}\"", "\u{e4} \"\u{e4}\"", "\u{e4} \"\""),
        ] {
            assert_eq!(code(source, true), with, "{source}");
            assert_eq!(code(source, false), without, "{source}");
        }
    }
}
