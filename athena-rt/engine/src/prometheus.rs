//! How counts are written for Prometheus to read: its text format.

use std::fmt::{Display, Write as _};

/// Writes what a metric is, ahead of its values. Its kind is `counter`, `gauge` or `histogram`.
pub fn head(name: &str, kind: &str, help: &str, out: &mut String) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// Writes a metric that is one number.
pub fn one(name: &str, kind: &str, help: &str, value: impl Display, out: &mut String) {
    head(name, kind, help, out);
    let _ = writeln!(out, "{name} {value}");
}

/// The value of a label, as it stands between quotes.
pub fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Microseconds as seconds, which is what Prometheus counts time in.
pub fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_can_t_end_its_quotes_or_its_line() {
        assert_eq!(label("a\\b\"c\nd"), "a\\\\b\\\"c\\nd");
    }

    #[test]
    fn seconds_have_six_digits_behind_the_point() {
        assert_eq!(seconds(0), "0.000000");
        assert_eq!(seconds(61_000_007), "61.000007");
    }
}
