//! Parsers of values: one for each kind, for flags and for environment variables.

use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;
use std::time::Duration;

use super::{Messages, Partition};

/// The memory that a process takes before it has done anything, with headroom.
const LEAST_MEMORY: u64 = 16_000_000;

const NOT_POSITIVE: &str = "must be greater than zero";

/// Parses a duration: `500ms`, `2s`, `1h 30m`, `2days`.
///
/// ```
/// use std::time::Duration;
///
/// use athena_protocol::args::value::duration;
///
/// assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
/// assert!(duration("90").is_err());
/// ```
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim())
        .map_err(|_| "not a duration, such as 500ms, 2s, 5m, 1h".to_owned())
}

/// Parses a duration of at least a millisecond, which is what the protocol counts in.
pub fn positive_duration(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err(NOT_POSITIVE.to_owned()),
        short if short < Duration::from_millis(1) => Err("must be at least 1ms".to_owned()),
        duration => Ok(duration),
    }
}

/// Parses a duration into milliseconds.
pub fn millis(text: &str) -> Result<u64, String> {
    duration(text).map(as_millis)
}

/// Parses a duration of at least a millisecond into milliseconds.
pub fn positive_millis(text: &str) -> Result<u64, String> {
    positive_duration(text).map(as_millis)
}

/// The milliseconds of a duration, as the protocol counts them.
pub fn as_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Parses a size in bytes: a number, and B, KB, MB, GB, KiB, MiB or GiB.
///
/// ```
/// use athena_protocol::args::value::size;
///
/// assert_eq!(size("64MB"), Ok(64_000_000));
/// assert_eq!(size("1KiB"), Ok(1024));
/// ```
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || "not a size, such as 500KB, 64MB, 2GB".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale = match unit {
        "" | "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(scale)) {
        None => Err(wrong()),
        Some(0) => Err(NOT_POSITIVE.to_owned()),
        Some(size) => Ok(size),
    }
}

/// Parses the size of a process's memory.
pub fn memory(text: &str) -> Result<u64, String> {
    match size(text)? {
        ..LEAST_MEMORY => Err("a process needs at least 16MB".to_owned()),
        size => Ok(size),
    }
}

/// Parses a whole number that is not zero.
pub fn positive<T>(text: &str) -> Result<T, String>
where
    T: FromStr<Err = ParseIntError> + Default + PartialEq,
{
    let number: T = non_zero(text)?;
    if number == T::default() { Err(NOT_POSITIVE.to_owned()) } else { Ok(number) }
}

/// Parses a whole number whose type has no zero.
pub fn non_zero<T: FromStr<Err = ParseIntError>>(text: &str) -> Result<T, String> {
    let is_negative = text.strip_prefix('-').is_some_and(|rest| rest.parse::<u128>().is_ok());
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::Zero => NOT_POSITIVE.to_owned(),
        _ if is_negative => NOT_POSITIVE.to_owned(),
        IntErrorKind::InvalidDigit | IntErrorKind::Empty => "not a whole number".to_owned(),
        _ => error.to_string(),
    })
}

/// Parses a whole number that may be zero.
pub fn whole(text: &str) -> Result<u64, String> {
    match text.strip_prefix('-').map(str::parse::<u128>) {
        Some(Ok(_)) => Err("must not be negative".to_owned()),
        _ => non_zero(text),
    }
}

/// Parses a percentage, such as `1%` or `0.05%`, into parts per million.
pub fn per_million(text: &str) -> Result<u32, String> {
    let wrong = || "write it as 100%, 1% or 0.05%".to_owned();
    let number = text.strip_suffix('%').ok_or_else(wrong)?;
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(rest) {
        return Err(wrong());
    }
    let rest = rest.trim_end_matches('0');
    if rest.len() > 4 {
        return Err("the smallest share is one in a million, 0.0001%".to_owned());
    }
    let rest: u32 = format!("{rest:0<4}").parse().map_err(|_| wrong())?;
    // A number too large for u32 is more than 100%, too.
    let whole: u32 = whole.parse().unwrap_or(u32::MAX);
    match whole.saturating_mul(10_000).saturating_add(rest) {
        0 => Err(NOT_POSITIVE.to_owned()),
        share @ 1..=1_000_000 => Ok(share),
        _ => Err("must be at most 100%".to_owned()),
    }
}

/// Parses a variable and its value: `KEY=VALUE`.
pub fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// Parses a JSON pointer: empty, or segments that each begin with `/`.
///
/// ```
/// use athena_protocol::args::value::pointer;
///
/// assert_eq!(pointer("/items/0"), Ok("/items/0".to_owned()));
/// assert!(pointer("id").is_err());
/// ```
pub fn pointer(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('/') {
        return Ok(text.to_owned());
    }
    Err(format!("write it as a JSON pointer: /{}", text.replace('.', "/")))
}

/// Parses a part of the cases: `hash:1/4`, `slice:1/4`.
pub fn partition(text: &str) -> Result<Partition, String> {
    let read = || {
        let (kind, rest) = text.split_once(':')?;
        let (part, parts) = rest.split_once('/')?;
        let hash = match kind {
            "hash" => true,
            "slice" => false,
            _ => return None,
        };
        Some(Partition { hash, part: part.parse().ok()?, parts: parts.parse().ok()? })
    };
    match read() {
        Some(partition) if partition.parts == 0 => {
            Err("the number of parts, behind the `/`, must be at least 1".to_owned())
        }
        Some(partition) if partition.part == 0 || partition.part > partition.parts => {
            Err(format!("parts are counted from 1 to {}", partition.parts))
        }
        Some(partition) => Ok(partition),
        None => Err("write it as hash:1/4 or slice:1/4".to_owned()),
    }
}

/// Parses a part of a name. Names may have `-` in them, but what begins with one is a flag that was
/// typed behind `--`: as a part of a name it would select no case, or the wrong ones.
///
/// ```
/// use athena_protocol::args::value::filter;
///
/// assert_eq!(filter("slow-case"), Ok("slow-case".to_owned()));
/// assert!(filter("--skip").is_err());
/// ```
pub fn filter(text: &str) -> Result<String, String> {
    if text.starts_with('-') {
        return Err("what follows `--` is part of a name, not a flag, and no filter begins with \
                    `-`; write flags before the `--`"
            .to_owned());
    }
    Ok(text.to_owned())
}

/// Parses a message: JSON, `-` for standard input, or the name of a file. The text is JSON if it
/// starts like an object, a list or a string, or is a number, `true`, `false` or `null`; a file of such
/// a name is `./5`.
///
/// ```
/// use athena_protocol::{Messages, args::value::message};
///
/// assert_eq!(message("[1]"), Messages::Text("[1]".into()));
/// assert_eq!(message("5"), Messages::Text("5".into()));
/// assert_eq!(message("-"), Messages::Stdin);
/// assert_eq!(message("a.json"), Messages::File("a.json".into()));
/// assert_eq!(message("./5"), Messages::File("./5".into()));
/// ```
pub fn message(text: &str) -> Messages {
    match text {
        "-" => Messages::Stdin,
        text if is_json(text) => Messages::Text(text.to_owned()),
        path => Messages::File(path.into()),
    }
}

/// Whether it is meant as a message, perhaps a broken one: nothing at all is an empty message, not a file
/// without a name.
fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.is_empty()
        || text.starts_with(['{', '[', '"'])
        || serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_refused<T: std::fmt::Debug>(
        parse: impl Fn(&str) -> Result<T, String>,
        wrong: &[(&str, &str)],
    ) {
        for (text, reason) in wrong {
            let error = parse(text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_duration_has_units_and_may_have_several() {
        for (text, millis) in [
            ("500ms", 500),
            ("2s", 2_000),
            ("5m", 300_000),
            ("5min", 300_000),
            ("1h 30m", 5_400_000),
            ("2days", 172_800_000),
            (" 1s ", 1_000),
            ("5us", 0),
            ("0s", 0),
        ] {
            assert_eq!(super::millis(text), Ok(millis), "{text}");
        }
        assert_refused(
            duration,
            &[
                ("30", "not a duration"),
                ("", "not a duration"),
                ("s", "not a duration"),
                ("-1s", "not a duration"),
            ],
        );
        assert_refused(
            positive_millis,
            &[("0s", "greater than zero"), ("5us", "at least 1ms"), ("2", "not a duration")],
        );
    }

    #[test]
    fn a_size_may_have_a_unit_and_a_process_needs_room() {
        assert_eq!(size("500"), Ok(500));
        assert_eq!(memory("64MB"), Ok(64_000_000));
        assert_eq!(memory("1GiB"), Ok(1 << 30));
        assert_refused(size, &[("0", "greater than zero"), ("0MB", "greater than zero")]);
        for wrong in
            ["64", "MB", "64 MB", "1KB", "99999999999999999999MB", "18446744073709GB", "-1MB", ""]
        {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_count_is_a_whole_number_from_one() {
        assert_eq!(positive::<u32>("3"), Ok(3));
        let wrong =
            [("0", "greater than zero"), ("-1", "greater than zero"), ("x", "not a whole number")];
        assert_refused(positive::<u32>, &wrong);
        assert_refused(non_zero::<std::num::NonZeroU32>, &wrong);
        assert_eq!(whole("0"), Ok(0));
        assert_refused(whole, &[("-1", "must not be negative"), ("", "not a whole number")]);
    }

    #[test]
    fn a_variable_is_split_at_its_first_equals_sign() {
        assert_eq!(variable("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert_eq!(variable("A="), Ok(("A".to_owned(), String::new())));
        assert_refused(variable, &[("A", "KEY=VALUE"), ("=a", "KEY=VALUE")]);
    }

    #[test]
    fn parts_are_counted_from_one() {
        assert_eq!(partition("hash:1/4"), Ok(Partition { hash: true, part: 1, parts: 4 }));
        assert_eq!(partition("slice:4/4"), Ok(Partition { hash: false, part: 4, parts: 4 }));
        assert_refused(
            partition,
            &[("hash:1/0", "at least 1"), ("hash:0/0", "at least 1"), ("slice:5/4", "from 1 to 4")],
        );
        for wrong in ["hash:0/4", "hash:5/4", "hash:1/0", "hash:1", "count:1/2", "hash:a/b", ""] {
            assert!(partition(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_message_is_json_standard_input_or_a_file() {
        for json in
            [" {\"a\":1}", "[1]", "\"x\"", "{", "", "5", "-1.5e3", "1e400", "true", "false", "null"]
        {
            assert_eq!(message(json), Messages::Text(json.to_owned()));
        }
        assert_eq!(message("-"), Messages::Stdin);
        for file in ["a.json", "./5", "./null", "True", "05", "text", "5.json"] {
            assert_eq!(message(file), Messages::File(file.into()));
        }
    }

    #[test]
    fn a_share_is_read_to_one_in_a_million() {
        for (text, share) in [
            ("100%", 1_000_000),
            ("1%", 10_000),
            ("0.1%", 1_000),
            ("0.0001%", 1),
            ("012.50000%", 125_000),
        ] {
            assert_eq!(per_million(text), Ok(share), "{text}");
        }
        assert_refused(
            per_million,
            &[
                ("0.00001%", "one in a million"),
                ("0%", "greater than zero"),
                ("0.000%", "greater than zero"),
                ("101%", "at most 100%"),
                ("100.0001%", "at most 100%"),
                ("99999999999%", "at most 100%"),
                ("1", "write it as"),
                ("%", "write it as"),
                (".5%", "write it as"),
                ("1.%", "write it as"),
                ("-1%", "write it as"),
                ("1e1%", "write it as"),
                ("", "write it as"),
            ],
        );
    }
}
