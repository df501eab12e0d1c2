//! Text from outside, made safe and short enough to print, and names that are nearly right.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with what could drive a terminal, reorder what is read there, or not be seen there at
/// all, written as `\u{1b}`. Line ends and tabs stay.
///
/// Everything from outside that is printed goes through it: errors, diffs, reports.
pub fn escape(text: &str) -> Cow<'_, str> {
    // Most text is ASCII, and its bytes are faster to look at.
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    if text.bytes().all(is_plain) || !text.contains(is_unsafe) {
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

/// The [escaped](escape) text on one line: a line end is written as `\n`, so that no text from outside can
/// forge a line of a list or a log.
pub fn escape_line(text: &str) -> Cow<'_, str> {
    let escaped = escape(text);
    if escaped.contains('\n') { Cow::Owned(escaped.replace('\n', "\\n")) } else { escaped }
}

/// The first `max` characters of a text; the rest is counted, unless it is as short as the remark.
pub fn truncate(text: &str, max: usize) -> Cow<'_, str> {
    let Some((end, _)) = text.char_indices().nth(max) else { return Cow::Borrowed(text) };
    let more = format!(".. ({} bytes more)", text.len() - end);
    if text[end..].chars().count() <= more.len() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}{more}", &text[..end]))
}

/// The first `max` characters of a text, and `..` if there are more.
pub fn ellipsize(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}..", &text[..end]),
    }
}

/// A URL, or what may be one, without user and password.
pub fn mask_url(url: &str) -> Cow<'_, str> {
    match (url.find("://"), url.rfind('@')) {
        (Some(start), Some(end)) if start + 3 < end => {
            Cow::Owned(format!("{}://***{}", &url[..start], &url[end..]))
        }
        _ => Cow::Borrowed(url),
    }
}

/// A count with its noun in the right number: `1 case`, `2 cases`.
pub fn plural(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}

/// The first bytes of a text as a number that is in the order of the texts where it is not equal: most texts of a list
/// are sorted without a look at them.
///
/// ```
/// use athena_protocol::text::order_number;
/// assert!(order_number(b"a") < order_number(b"ab"));
/// ```
pub fn order_number(text: &[u8]) -> u64 {
    let mut start = [0; 8];
    let length = text.len().min(start.len());
    start[..length].copy_from_slice(&text[..length]);
    u64::from_be_bytes(start)
}

/// The minimum Jaro-Winkler similarity of a suggested name.
pub const MIN_SIMILARITY: f64 = 0.75;

/// The known names nearest to an unknown one, best first; at most three, and none that is far off.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known = known.into_iter();
    nearest_of(unknown, &mut known)
}

/// Compiled once, not for every kind of iterator in every crate: the sort is large.
fn nearest_of<'a>(unknown: &str, known: &mut dyn Iterator<Item = &'a str>) -> Vec<&'a str> {
    // No name is longer than this, and the time of the comparison grows with the square.
    if unknown.len() > 200 {
        return Vec::new();
    }
    let mut scored: Vec<(f64, &str)> = known
        .map(|name| (strsim::jaro_winkler(&unknown.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(score, _)| *score > MIN_SIMILARITY)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

/// `, did you mean ...?` for an unknown name, or the known names if none is near.
pub fn suggest(unknown: &str, known: &[&str]) -> String {
    let near = nearest(unknown, known.iter().copied());
    match near.first() {
        Some(first) => format!(", did you mean `{first}`?"),
        None if known.is_empty() => ", there are none".to_owned(),
        None => format!(", {}", listed(known)),
    }
}

/// The known names, behind `did you mean ...?` if one is near.
pub fn suggest_all(unknown: &str, known: &[&str]) -> String {
    let near = nearest(unknown, known.iter().copied());
    let suggestion = suggest(unknown, known);
    if near.is_empty() || known.len() == 1 {
        suggestion
    } else {
        format!("{suggestion} {}", listed(known))
    }
}

/// `known: a, b`; at most twenty.
fn listed(known: &[&str]) -> String {
    let shown: Vec<String> = known.iter().take(20).map(|name| format!("`{name}`")).collect();
    let more = if known.len() > 20 { ", .." } else { "" };
    format!("known: {}{more}", shown.join(", "))
}

/// Whether one name is the other with one letter wrong, missing, added or swapped with the next.
pub fn is_typo(name: &str, known: &str) -> bool {
    strsim::damerau_levenshtein(known, name) <= 1
}

/// `SplitMode` as `SPLIT_MODE`, the way the values of an enum begin in Protocol Buffers.
pub fn screaming(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::with_capacity(letters.len() + 4);
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let starts_a_word = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase()
                        && letters.get(at + 1).is_some_and(char::is_ascii_lowercase))
            });
        if starts_a_word {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}

/// Whether a person can't see the character, or takes it for a plain space: control characters,
/// marks of direction, joiners, variation selectors, fillers, and spaces other than U+0020 and the
/// wide one of Chinese and Japanese text.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{1680}'
            | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}'
            | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_unsafe(c: char) -> bool {
    c != '\n' && c != '\t' && is_invisible(c)
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
        for seen in ["two\n\tlines, z\u{f6}e", "\u{6771}\u{4eac}\u{3000}1", "e\u{301}", "\u{fffd}"]
        {
            assert!(matches!(escape(seen), Cow::Borrowed(_)), "{seen}");
        }
    }

    #[test]
    fn no_two_texts_that_differ_are_printed_alike() {
        for hidden in [
            '\u{feff}',
            '\u{2028}',
            '\u{2029}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2066}',
            '\u{61c}',
            '\u{a0}',
            '\u{ad}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{e0041}',
            '\u{85}',
            '\0',
        ] {
            let shown = escape(&format!("a{hidden}b")).into_owned();
            assert_eq!(shown, format!("a\\u{{{:x}}}b", u32::from(hidden)));
        }
    }

    #[test]
    fn a_truncated_text_counts_the_rest() {
        assert_eq!(truncate("abc", 3), "abc");
        let long = "\u{f6}".repeat(40);
        assert_eq!(truncate(&format!("ab{long}"), 3), "ab\u{f6}.. (78 bytes more)");
        // What is left out is longer than the remark about it.
        assert_eq!(truncate("ab\u{f6}c", 2), "ab\u{f6}c");
        assert_eq!(ellipsize("\u{e4}bc", 2), "\u{e4}b..");
        assert_eq!(ellipsize("\u{e4}bc", 3), "\u{e4}bc");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(plural(1_u64, "case"), "1 case");
        assert_eq!(plural(0_usize, "case"), "0 cases");
        assert_eq!(plural(2_u64, "case"), "2 cases");
    }
}
