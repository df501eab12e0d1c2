//! Shortens long texts around the place where they differ.

use crate::report::diff::DiffLine;

/// The longest line, in characters.
const LINE: usize = 220;

/// The longest value, in characters.
const VALUE: usize = 28;

/// The longest key that stays in front of a shortened line, in bytes.
const KEY: usize = 60;

/// The number of equal characters shown before the first difference.
const BEFORE: usize = 12;

/// Shortens the lines of a diff, each around its difference from its counterpart.
pub(super) fn lines(lines: Vec<DiffLine>) -> Vec<DiffLine> {
    let has = |at: usize, sign| lines.get(at).is_some_and(|line: &DiffLine| line.sign == sign);
    // The first shown character of each line.
    let mut starts = vec![0; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        let old = (at..lines.len()).take_while(|at| has(*at, '-')).count();
        let new = (at + old..lines.len()).take_while(|at| has(*at, '+')).count();
        for pair in 0..old.min(new) {
            let (one, other) = (at + pair, at + old + pair);
            starts[one] = start(&lines[one].text, &lines[other].text, LINE);
            starts[other] = starts[one];
        }
        at += (old + new).max(1);
    }
    let short = |(line, start): (DiffLine, usize)| DiffLine {
        text: window(&line.text, start, LINE),
        ..line
    };
    lines.into_iter().zip(starts).map(short).collect()
}

/// Shortens two values around their difference.
pub(super) fn pair(old: &str, new: &str) -> (String, String) {
    let start = start(old, new, VALUE);
    (window(old, start, VALUE), window(new, start, VALUE))
}

/// The first shown character of both: before the difference, and early enough to use the whole
/// width.
fn start(one: &str, other: &str, most: usize) -> usize {
    let pairs = one.chars().zip(other.chars());
    let common = pairs.take_while(|(one, other)| one == other).count();
    let longest = one.chars().count().max(other.chars().count());
    common.saturating_sub(BEFORE).min(longest.saturating_sub(most))
}

fn window(text: &str, start: usize, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let shown: String = text.chars().skip(start).take(most).collect();
    let before = if start > 0 { format!("{}..", key(text, start)) } else { String::new() };
    let after = if start + most < length { ".." } else { "" };
    format!("{before}{shown}{after}")
}

/// The key of a line of JSON, if it would be cut off.
fn key(text: &str, start: usize) -> &str {
    match text.find("\": ") {
        Some(end) if end + 3 <= start && end < KEY => &text[..end + 3],
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_cut_where_it_differs() {
        let text = |middle: &str| format!("{}{middle}{}", "a".repeat(1000), "b".repeat(1000));
        let line = |sign, text| DiffLine { sign, text };
        let cut = lines(vec![line('-', text("old")), line('+', text("new"))]);
        assert!(cut[0].text.contains("old") && cut[1].text.contains("new"), "{cut:?}");
        assert!(cut.iter().all(|line| line.text.len() < 230 && line.text.starts_with("..a")));
        let short = vec![line('-', "a".to_owned()), line(' ', "b".to_owned())];
        assert_eq!(lines(short.clone()), short);
    }

    #[test]
    fn values_that_begin_alike_are_shown_where_they_part() {
        let long = "x".repeat(500);
        let (old, new) = pair(&format!("{long}old"), &format!("{long}new"));
        assert!(old.ends_with("old") && new.ends_with("new") && old.len() < 40, "{old} {new}");
        assert_eq!(pair("1", "2"), ("1".to_owned(), "2".to_owned()));
    }
}
