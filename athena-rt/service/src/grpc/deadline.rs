//! The deadline of a call: `grpc-timeout`.

use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName};

use crate::headers;
use crate::problem::Problem;

const GRPC_TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");

/// When the client stops waiting, if ever.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// Reads the deadline; the timeout counts from now.
    ///
    /// # Errors
    ///
    /// 400: the timeout is invalid.
    pub(super) fn from_headers(headers: &HeaderMap) -> Result<Self, Problem> {
        let Some(value) = headers::get(headers, &GRPC_TIMEOUT) else { return Ok(Self(None)) };
        let wrong =
            || Problem::malformed(format!("invalid grpc-timeout {value:?}; an example is `500m`"));
        let time = value.to_str().ok().and_then(parse).ok_or_else(wrong)?;
        Ok(Self(Instant::now().checked_add(time)))
    }

    /// The time that remains of a limit, in whole milliseconds.
    pub(super) fn remaining(self, limit: Duration) -> Duration {
        let Some(end) = self.0 else { return limit };
        let left = end.saturating_duration_since(Instant::now());
        Duration::from_millis(u64::try_from(left.as_millis()).unwrap_or(u64::MAX)).min(limit)
    }
}

/// Parses up to eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_digits_and_a_unit() {
        assert_eq!(parse("99999999H"), Some(Duration::from_hours(99_999_999)));
        assert_eq!(parse("2M"), Some(Duration::from_mins(2)));
        assert_eq!(parse("3S"), Some(Duration::from_secs(3)));
        assert_eq!(parse("4m"), Some(Duration::from_millis(4)));
        assert_eq!(parse("5u"), Some(Duration::from_micros(5)));
        assert_eq!(parse("0n"), Some(Duration::ZERO));
        for wrong in ["", "S", "1", "1s", "-1S", "+1S", "1.5S", "123456789S", "1\u{b5}"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
