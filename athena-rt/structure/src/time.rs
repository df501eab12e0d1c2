//! Lengths of time and points in time as parts of a message.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use athena_protocol::calendar::{civil, days};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::part::Part;
use super::shape::{Shape, Shapes};

/// A point in time, from the year 1 to the year 9999, to the nanosecond.
///
/// In JSON it is RFC 3339 text, `2026-11-22T18:09:59.5Z`; in Protocol Buffers
/// `google.protobuf.Timestamp`.
///
/// ```
/// use athena_rt::Timestamp;
///
/// let time: Timestamp = "1972-01-01T10:00:20.021+01:00".parse().unwrap();
/// assert_eq!((time.seconds(), time.nanos()), (63_104_420, 21_000_000));
/// assert_eq!(time.to_string(), "1972-01-01T09:00:20.021Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// The first point in time: the year 1.
    pub const MIN: Self = Self { seconds: -62_135_596_800, nanos: 0 };
    /// The last point in time: the end of the year 9999.
    pub const MAX: Self = Self { seconds: 253_402_300_799, nanos: 999_999_999 };

    /// The time that is `seconds` after the start of 1970 in UTC, and `nanos` nanoseconds (below a billion)
    /// after that; `None` outside of [`MIN`](Self::MIN) to [`MAX`](Self::MAX).
    pub fn new(seconds: i64, nanos: u32) -> Option<Self> {
        let legal = (Self::MIN.seconds..=Self::MAX.seconds).contains(&seconds);
        (legal && nanos <= Self::MAX.nanos).then_some(Self { seconds, nanos })
    }

    /// Seconds since 1970 began in UTC, rounded down.
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds after that second.
    pub fn nanos(self) -> u32 {
        self.nanos
    }
}

impl TryFrom<SystemTime> for Timestamp {
    type Error = TimestampError;

    fn try_from(time: SystemTime) -> Result<Self, TimestampError> {
        let (distance, before) = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => (after, false),
            Err(error) => (error.duration(), true),
        };
        let seconds = i64::try_from(distance.as_secs()).map_err(|_| TimestampError)?;
        let time = match (before, distance.subsec_nanos()) {
            (false, nanos) => Self::new(seconds, nanos),
            (true, 0) => Self::new(-seconds, 0),
            (true, nanos) => Self::new(-seconds - 1, 1_000_000_000 - nanos),
        };
        time.ok_or(TimestampError)
    }
}

/// RFC 3339 in UTC, with 0, 3, 6 or 9 digits after the second.
impl Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil(self.seconds.div_euclid(86_400));
        let second = self.seconds.rem_euclid(86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        write_fraction(self.nanos, f)?;
        f.write_str("Z")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    /// Reads RFC 3339, with any offset and up to 9 digits after the second.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse(text).ok_or(TimestampError)
    }
}

/// The error of a text or a time that is not a [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError;

impl Display for TimestampError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time is written `2026-11-22T18:09:59Z`, from the year 1 to 9999")
    }
}

impl std::error::Error for TimestampError {}

impl Part for Timestamp {
    fn shape(_: &mut Shapes) -> Shape {
        Shape::Timestamp
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor {
            expecting: "a time as text",
            parse: |text: &str| text.parse().map_err(|error: TimestampError| error.to_string()),
        })
    }
}

/// The same text, for types under serde's own derive.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json(serializer)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(deserializer)
    }
}

/// `"1.5s"` in JSON, as `google.protobuf.Duration` is.
impl Part for Duration {
    fn shape(_: &mut Shapes) -> Shape {
        Shape::Duration
    }

    fn to_json<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Seconds(Duration);
        impl Display for Seconds {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.as_secs())?;
                write_fraction(self.0.subsec_nanos(), f)?;
                f.write_str("s")
            }
        }
        serializer.collect_str(&Seconds(*self))
    }

    fn from_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor {
            expecting: "a length of time as text, `\"1.5s\"`",
            parse: |text: &str| {
                let legal = "a length of time is written `1.5s`, in seconds, from 0 on";
                parse_duration(text).ok_or_else(|| legal.to_owned())
            },
        })
    }
}

/// Reads a value from text by a function.
pub(super) struct TextVisitor<F> {
    pub(super) expecting: &'static str,
    pub(super) parse: F,
}

impl<T, F: FnOnce(&str) -> Result<T, String>> Visitor<'_> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }
}

// Nothing, or a point and 3, 6 or 9 digits.
pub(super) fn write_fraction(nanos: u32, f: &mut impl fmt::Write) -> fmt::Result {
    match nanos {
        0 => Ok(()),
        n if n % 1_000_000 == 0 => write!(f, ".{:03}", n / 1_000_000),
        n if n % 1000 == 0 => write!(f, ".{:06}", n / 1000),
        n => write!(f, ".{n:09}"),
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.strip_suffix('s')?;
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    Some(Duration::new(digits(seconds)?, nanos(fraction)?))
}

fn parse(text: &str) -> Option<Timestamp> {
    if !text.is_ascii() {
        return None;
    }
    let (date, time) = (text.get(..10)?, text.get(11..)?);
    let (clock, rest) = time.split_at_checked(8)?;
    let separators = [date.get(4..5)?, date.get(7..8)?, clock.get(2..3)?, clock.get(5..6)?];
    if separators != ["-", "-", ":", ":"] || !matches!(text.get(10..11)?, "T" | "t" | " ") {
        return None;
    }
    let (year, month, day) = (digits(&date[..4])?, digits(&date[5..7])?, digits(&date[8..])?);
    let (hour, minute, second) =
        (digits(&clock[..2])?, digits(&clock[3..5])?, digits(&clock[6..])?);
    let (year, month, day) = (year.cast_signed(), month.cast_signed(), day.cast_signed());
    let days = days(year, month, day);
    // A date that does not exist comes back as another.
    if civil(days) != (year, month, day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?),
        None => ("0", rest),
    };
    let clock = (hour * 3600 + minute * 60 + second).cast_signed();
    Timestamp::new(days * 86_400 + clock - offset(zone)?, nanos(fraction)?)
}

// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let (sign, zone) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", zone) => (1, zone),
        ("-", zone) => (-1, zone),
        _ => return None,
    };
    let (hours, minutes) = zone.split_once(':')?;
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn two(text: &str) -> Option<i64> {
    if text.len() == 2 { digits(text).map(u64::cast_signed) } else { None }
}

fn digits(text: &str) -> Option<u64> {
    // `parse` alone takes a plus sign.
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

// The digits after the point, as billionths.
pub(super) fn nanos(fraction: &str) -> Option<u32> {
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").parse().ok().filter(|_| !fraction.is_empty())
}
