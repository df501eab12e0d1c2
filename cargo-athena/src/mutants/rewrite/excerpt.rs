//! A few words of the code at a mutant or a site. Readers of a generated case tell two changes of one function apart by
//! them. A line would be out of date with the next edit above it.

use std::ops::Range;

use crate::literals::is_key;

use super::finder::one_line;

/// The most characters on each side of what a mutant changes.
const SIDE: usize = 24;

/// What stands for the rest.
const CUT: &str = "..";

/// The code around the part that a mutant changes, in one line. Empty if it has a text that looks like a key.
pub(crate) fn excerpt(text: &str, whole: Range<usize>, part: Range<usize>) -> String {
    let code = |range: Range<usize>| text.get(range).unwrap_or_default();
    if is_key(code(whole.clone())) {
        return String::new();
    }
    let (before, after) = (code(whole.start..part.start), code(part.end..whole.end));
    let space = |is_there: bool| if is_there { " " } else { "" };
    [
        &end(&line(before)),
        space(before.ends_with(char::is_whitespace)),
        code(part),
        space(after.starts_with(char::is_whitespace)),
        &start(&line(after), SIDE),
    ]
    .concat()
}

/// The beginning of a block, in one line. Empty if it has a text that looks like a key.
pub(crate) fn excerpt_of_block(text: &str, region: Range<usize>) -> String {
    let code = text.get(region).unwrap_or_default();
    let inner = code.strip_prefix('{').and_then(|code| code.strip_suffix('}'));
    let shown = start(&line(inner.unwrap_or(code)), 2 * SIDE);
    if is_key(&shown) { String::new() } else { shown }
}

/// Code without line breaks and comments.
fn line(code: &str) -> String {
    let has_comment = code.contains("//") || code.contains("/*");
    let code = if has_comment { one_line(code) } else { code.to_owned() };
    code.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first characters, up to a space if one is there.
fn start(code: &str, most: usize) -> String {
    let Some((cut, _)) = code.char_indices().nth(most) else { return code.to_owned() };
    let kept = &code[..cut];
    let kept = kept.rsplit_once(' ').map_or(kept, |(kept, _)| kept);
    format!("{kept} {CUT}")
}

/// The last characters, from a space if one is there.
fn end(code: &str) -> String {
    let Some((cut, _)) = code.char_indices().rev().nth(SIDE) else { return code.to_owned() };
    let kept = code[cut..].chars().skip(1).collect::<String>();
    let kept = kept.split_once(' ').map_or(&*kept, |(_, kept)| kept);
    format!("{CUT} {kept}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_around_a_change_is_one_short_line() {
        let of = |text: &str, part: &str| {
            let at = text.find(part).unwrap();
            excerpt(text, 0..text.len(), at..at + part.len())
        };
        assert_eq!(of("a.len()  <=\n    upper", "<="), "a.len() <= upper");
        assert_eq!(of("!is_set", "!"), "!is_set");
        assert_eq!(of("a + // one\n b", "+"), "a + b");
        assert_eq!(
            of("self.first == other.first && self.last == other.last && self.rest()", "&&"),
            ".. == other.first && self.last == other.last .."
        );
        assert_eq!(
            of("ääääääääääääääääääääääääääää - öööö", "-"),
            ".. ääääääääääääääääääääääää - öööö"
        );
        assert_eq!(of("key == \"sk_live_4eC39HqLyjWDarjt\"", "=="), "");
    }

    #[test]
    fn a_block_is_named_by_its_beginning() {
        let text = "{\n    // why\n    let found = find(text)?;\n    Ok(found)\n}";
        let shown = excerpt_of_block(text, 0..text.len());
        assert!(shown.starts_with("let found = find") && !shown.contains("why"), "{shown}");
        assert_eq!(excerpt_of_block("f(1)", 0..4), "f(1)");
        assert_eq!(excerpt_of_block("{}", 0..2), "");
    }
}
