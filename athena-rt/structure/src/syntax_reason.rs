//! What `serde_json` says of a text that is not JSON, in words that tell what to do.

use athena_protocol::text::truncate;

/// The number of characters of a number that are shown.
const LONGEST: usize = 80;

/// The place of an error in its text: line and column, from 1.
#[derive(Clone, Copy)]
pub(crate) struct TextPlace<'a> {
    pub(crate) text: &'a str,
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl<'a> TextPlace<'a> {
    fn line(self) -> Option<&'a str> {
        self.text.split('\n').nth(self.line.checked_sub(1)?)
    }

    /// The text of the number that ends at the place.
    pub(crate) fn number(self) -> Option<&'a str> {
        let line = self.line()?;
        let before = line.get(..self.column)?;
        let start = before.trim_end_matches(is_of_number).len();
        let after = &line[start..];
        Some(&after[..after.find(|c| !is_of_number(c)).unwrap_or(after.len())])
    }
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E')
}

/// A reason of broken JSON in other words; `None` for one that says enough.
pub(crate) fn syntax_reason(reason: &str, place: TextPlace<'_>) -> Option<String> {
    let words = match reason {
        "expected value" => {
            "expected a JSON value: text in double quotes, a number, true, false, null, a list or an object"
        }
        "expected ident" => "expected true, false or null",
        "key must be a string" => "a key is text in double quotes",
        "trailing comma" => "a comma with nothing behind it: remove it",
        "invalid number" => {
            "not a number of JSON, which begins with a digit or a minus, has no leading zeros, and is finite"
        }
        "number out of range" => {
            return Some(format!("number out of range: {}", truncate(place.number()?, LONGEST)));
        }
        "invalid escape" => {
            r#"not an escape of JSON, which are \" \\ \/ \b \f \n \r \t and \u with four digits"#
        }
        "unexpected end of hex escape" | "lone leading surrogate in hex escape" => {
            r"half of a character: one beyond \uffff is two escapes, \ud83d\ude00"
        }
        "control character (\\u0000-\\u001F) found while parsing a string" => {
            r"a line break, a tab or another control character in a text: write it as \n, \t or \u0000"
        }
        "recursion limit exceeded" => "nested too deeply: 128 levels are the most",
        _ => return None,
    };
    Some(words.to_owned())
}

/// The reason of a number out of range with its digits as the message has them: `serde_json` passes an
/// integer beyond 64 bits on as a float. `None` for any other reason.
pub(crate) fn exact_number(reason: &str, place: TextPlace<'_>) -> Option<String> {
    let (shown, kind) = reason.split_once(" is out of range for ")?;
    let (shown, number) = (shown.parse::<f64>().ok()?, place.number()?);
    // The place may be that of another number.
    let is_same = number.parse::<f64>().ok()?.to_bits() == shown.to_bits();
    is_same.then(|| format!("{} is out of range for {kind}", truncate(number, LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_out_of_range_keeps_its_digits() {
        let place =
            TextPlace { text: "{\"n\":123456789012345678901234567890}", line: 1, column: 35 };
        let reason = exact_number("123456789012345680000000000000 is out of range for i64", place);
        assert_eq!(
            reason.as_deref(),
            Some("123456789012345678901234567890 is out of range for i64")
        );
        assert_eq!(exact_number("7 is out of range for i64", place), None);
        assert_eq!(exact_number("a number out of range", place), None);
    }

    #[test]
    fn places_outside_of_the_text_are_none() {
        for (line, column) in [(0, 0), (1, 0), (1, 9), (9, 1)] {
            let place = TextPlace { text: "{é}", line, column };
            assert_eq!(place.number().unwrap_or_default(), "");
        }
        let place = TextPlace { text: "\n[-1e9]", line: 2, column: 3 };
        assert_eq!(place.number(), Some("-1e9"));
        let reason = syntax_reason("expected ident", place);
        assert_eq!(reason.as_deref(), Some("expected true, false or null"));
        let long = "9".repeat(1_000_000);
        let place = TextPlace { text: &long, line: 1, column: 1_000_000 };
        let reason = syntax_reason("number out of range", place);
        assert!(reason.is_some_and(|reason| reason.len() < 200));
    }
}
