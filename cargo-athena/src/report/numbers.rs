//! Formats numbers for people.

use std::fmt::Write as _;

/// Three significant digits: `3.14`, `1.2e-7`, `12400`.
pub(crate) fn short(number: f64) -> String {
    let mut text = String::new();
    append_short(number, &mut text);
    text
}

/// Appends what [`short`] returns.
pub(crate) fn append_short(number: f64, out: &mut String) {
    let magnitude = number.abs();
    if magnitude != 0.0 && !(1e-4..1e15).contains(&magnitude) {
        out.push_str(&with_exponent(number));
        return;
    }
    #[allow(clippy::cast_possible_truncation, reason = "it is between -4 and 15")]
    let digits = if magnitude == 0.0 { 0 } else { 2 - magnitude.log10().floor() as i32 };
    let places = usize::try_from(digits.max(0)).unwrap_or(0);
    let start = out.len();
    // A text takes all that is written to it.
    let _ = write!(out, "{number:.places$}");
    if out[start..].contains('.') {
        let kept = out[start..].trim_end_matches('0').trim_end_matches('.').len();
        out.truncate(start + kept);
    }
}

/// The same in at most eight characters and a sign: `12400`, `2.75e12`.
pub(crate) fn compact(number: f64) -> String {
    if number.abs() < 1e6 { short(number) } else { with_exponent(number) }
}

/// `1e-7`, `2.75e12`
fn with_exponent(number: f64) -> String {
    let text = format!("{number:.2e}");
    // Write 1e-7, not 1.00e-7.
    match text.split_once('e') {
        Some((digits, power)) if digits.contains('.') => {
            format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => text,
    }
}

/// With its sign: `+3.1`, `-0.02`, `0`.
pub(crate) fn signed(number: f64) -> String {
    let text = short(number);
    if number > 0.0 { format!("+{text}") } else { text }
}

/// A ratio in percent, with its sign.
pub(crate) fn percent(ratio: f64) -> String {
    signed(ratio * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_three_digits_that_count() {
        for (number, text) in [
            (0.0, "0"),
            (3.146, "3.15"),
            (-2.0, "-2"),
            (12_400.4, "12400"),
            (0.000_123_4, "0.000123"),
            (1.0e-7, "1e-7"),
            (2.5e20, "2.5e20"),
            (99.96, "100"),
        ] {
            assert_eq!(short(number), text);
        }
        assert_eq!([999_999.0, -2_754_228.0].map(compact), ["999999", "-2.75e6"]);
        assert_eq!(percent(0.031), "+3.1");
        assert_eq!(percent(-0.5), "-50");
    }
}
