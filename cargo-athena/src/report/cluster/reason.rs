//! Reasons that differ in values only.

use athena_protocol::Failure;
use athena_protocol::json::text;

/// What stands before the place of a panic.
const PLACE: &str = ", at ";

/// The same text for all failures of one cause: the line of a panic, otherwise the first line of the
/// reason with `#` for its numbers and for values of the message.
pub(super) fn pattern(failure: &Failure) -> String {
    let reason = failure.reason.as_str();
    if let Some((message, place)) = panic_place(reason) {
        let (head, _) = message.split_once(": ").unwrap_or((message, ""));
        return format!("{head}{PLACE}{place}");
    }
    let line = reason.lines().next().unwrap_or_default();
    without_numbers(&without_quotations(line, failure))
}

/// The message and the source line of a panic.
fn panic_place(reason: &str) -> Option<(&str, &str)> {
    let (message, place) = reason.trim_end().rsplit_once(PLACE)?;
    let (file, line) = place.rsplit_once(':')?;
    let is_place = !file.is_empty()
        && !place.contains(char::is_whitespace)
        && !line.is_empty()
        && line.bytes().all(|byte| byte.is_ascii_digit());
    is_place.then_some((message, place))
}

/// A reason with `#` for each of its numbers.
fn without_numbers(line: &str) -> String {
    let mut out = String::new();
    let mut in_number = false;
    for c in line.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !in_number {
            out.push('#');
        }
        in_number = c.is_ascii_digit();
    }
    out
}

/// A reason with `#` for what it quotes: text in double quotes, texts of the message in backquotes, and the
/// name that is suggested for one.
fn without_quotations(line: &str, failure: &Failure) -> String {
    if !line.contains(['"', '`']) {
        return line.to_owned();
    }
    let mut values = Vec::new();
    for json in failure.input.iter().chain(&failure.env) {
        text::tokens(json.as_str(), |token| {
            if let Ok(value) = serde_json::from_str::<String>(token) {
                values.push(value);
            }
        });
    }
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(['"', '`']) {
        let quote = &rest[start..=start];
        let inside = &rest[start + 1..];
        let Some(end) = inside.find(quote) else { break };
        let quoted = &inside[..end];
        let head = &rest[..start];
        out.push_str(head);
        let is_value = quote == "\""
            || head.ends_with("did you mean ")
            || values.iter().any(|value| value == quoted);
        out.push_str(quote);
        out.push_str(if is_value { "#" } else { quoted });
        out.push_str(quote);
        rest = &inside[end + 1..];
    }
    out + rest
}

/// What two reasons have in common, with `#` for the words in which they differ.
pub(super) fn common(one: &str, other: &str) -> String {
    if one == other {
        return one.to_owned();
    }
    let (ones, others): (Vec<&str>, Vec<&str>) =
        (one.split(' ').collect(), other.split(' ').collect());
    if ones.len() == others.len() {
        let words = ones.iter().zip(&others).map(|(one, other)| common_word(one, other));
        return words.collect::<Vec<_>>().join(" ");
    }
    let most = ones.len().min(others.len());
    let is_same = |(one, other): &(&&str, &&str)| one == other;
    let head = ones.iter().zip(&others).take_while(is_same).count();
    let tail = ones.iter().rev().zip(others.iter().rev()).take_while(is_same).count();
    let tail = tail.min(most - head);
    let middle = |words: &[&str]| words[head..words.len() - tail].join(" ");
    let middle = common_word(&middle(&ones), &middle(&others));
    let words = ones[..head].iter().copied().chain([middle.as_str()]);
    words.chain(ones[ones.len() - tail..].iter().copied()).collect::<Vec<_>>().join(" ")
}

/// A word with `#` for the part in which two differ, between the punctuation that both have.
fn common_word(one: &str, other: &str) -> String {
    if one == other {
        return one.to_owned();
    }
    let is_mark = |c: &char| !c.is_alphanumeric() && !matches!(c, '#' | '-');
    let same = |pair: &(char, char)| pair.0 == pair.1 && is_mark(&pair.0);
    let head: String =
        one.chars().zip(other.chars()).take_while(same).map(|(mark, _)| mark).collect();
    let (one, other) = (&one[head.len()..], &other[head.len()..]);
    let tail: Vec<char> =
        one.chars().rev().zip(other.chars().rev()).take_while(same).map(|(mark, _)| mark).collect();
    let tail: String = tail.into_iter().rev().collect();
    format!("{head}#{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_differ_are_masked() {
        for (one, other, both) in [
            (
                "no rate for EUR, at a.rs:1",
                "no rate for USD, at a.rs:1",
                "no rate for #, at a.rs:1",
            ),
            ("magnitude 1.5 of 9 is out", "magnitude 2.25 of 9 is out", "magnitude # of 9 is out"),
            ("no \"New York\" here", "no \"Oslo\" here", "no \"#\" here"),
            ("a `b` c", "a `d` c", "a `#` c"),
            ("a (#) c", "a (7) c", "a (#) c"),
            ("a a a", "a", "a #"),
            ("x", "y z", "#"),
        ] {
            assert_eq!(common(one, other), both);
        }
    }
}
