//! Text of the types of the crate `time`, as that of jiff's and chrono's types is.

use std::fmt::Write as _;

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

use super::time::nanos;

/// A number of exactly `length` digits.
fn number<T: std::str::FromStr>(text: &str, length: usize) -> Option<T> {
    let is_legal = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_legal { text.parse().ok() } else { None }
}

pub(crate) fn date(text: &str) -> Result<Date, String> {
    let read = || {
        let mut parts = text.split('-');
        let (year, month) = (number(parts.next()?, 4)?, number::<u8>(parts.next()?, 2)?);
        let day = number(parts.next()?, 2)?;
        let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
        parts.next().is_none().then_some(date)
    };
    read().ok_or_else(|| "not a date, which is written `2026-11-29`".to_owned())
}

pub(crate) fn write_date(date: Date) -> Result<String, String> {
    let (year, month, day) = date.to_calendar_date();
    match year {
        0..=9999 => Ok(format!("{year:04}-{:02}-{day:02}", u8::from(month))),
        _ => Err(format!("the year {year} is not one of 0 to 9999, which a date can have")),
    }
}

pub(crate) fn time(text: &str) -> Result<Time, String> {
    let read = || {
        let (clock, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let mut parts = clock.split(':');
        let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
        let second = number(parts.next()?, 2)?;
        let time = Time::from_hms_nano(hour, minute, second, nanos(fraction)?).ok()?;
        parts.next().is_none().then_some(time)
    };
    read().ok_or_else(|| "not a time of day, which is written `12:30:00`".to_owned())
}

pub(crate) fn write_time(time: Time) -> String {
    let (hour, minute, second, nanos) = time.as_hms_nano();
    format!("{hour:02}:{minute:02}:{second:02}{}", fraction(nanos))
}

pub(crate) fn both(text: &str) -> Result<PrimitiveDateTime, String> {
    let (day, clock) = text.split_once('T').ok_or("not a date and a time of day")?;
    Ok(PrimitiveDateTime::new(date(day)?, time(clock)?))
}

pub(crate) fn write_both(value: PrimitiveDateTime) -> Result<String, String> {
    Ok(format!("{}T{}", write_date(value.date())?, write_time(value.time())))
}

pub(crate) fn offset(text: &str) -> Result<OffsetDateTime, String> {
    let wrong =
        || "not a time with its offset, which is written `2026-11-29T12:30:00+02:00`".to_owned();
    let place = text.rfind(['Z', '+', '-']).filter(|at| *at > 10).ok_or_else(wrong)?;
    let (local, zone) = text.split_at(place);
    let offset = || {
        if zone == "Z" {
            return Some(UtcOffset::UTC);
        }
        let sign = if zone.starts_with('-') { -1 } else { 1 };
        let (hours, minutes) = zone.get(1..)?.split_once(':')?;
        let (hours, minutes): (i8, i8) = (number(hours, 2)?, number(minutes, 2)?);
        // `from_hms` takes 25 hours.
        let offset = UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()?;
        (hours < 24).then_some(offset)
    };
    Ok(both(local)?.assume_offset(offset().ok_or_else(wrong)?))
}

pub(crate) fn write_offset(value: OffsetDateTime) -> Result<String, String> {
    let local = write_both(PrimitiveDateTime::new(value.date(), value.time()))?;
    let (hours, minutes, seconds) = value.offset().as_hms();
    if seconds != 0 {
        return Err(format!("the offset {} has seconds, which RFC 3339 has not", value.offset()));
    }
    if value.offset().is_utc() {
        return Ok(local + "Z");
    }
    let sign = if value.offset().is_negative() { '-' } else { '+' };
    Ok(format!("{local}{sign}{:02}:{:02}", hours.unsigned_abs(), minutes.unsigned_abs()))
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let read = || {
        let (is_negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut rest = rest.strip_prefix("PT").filter(|rest| !rest.is_empty())?;
        let sign = if is_negative { -1 } else { 1 };
        let (mut seconds, mut fraction) = (0_i64, 0_u32);
        for (unit, length) in [('H', 3600), ('M', 60), ('S', 1)] {
            let Some((amount, after)) = rest.split_once(unit) else { continue };
            let whole = match amount.split_once('.') {
                Some((whole, digits)) if unit == 'S' => {
                    fraction = nanos(digits)?;
                    whole
                }
                _ => amount,
            };
            let whole: i64 = number(whole, whole.len())?;
            seconds = seconds.checked_add(whole.checked_mul(sign * length)?)?;
            rest = after;
        }
        let fraction = fraction.cast_signed();
        let value = Duration::new(seconds, if is_negative { -fraction } else { fraction });
        rest.is_empty().then_some(value)
    };
    read().ok_or_else(|| "not a length of time, which is written `PT1H30M`".to_owned())
}

/// ISO 8601, as jiff writes it: `-PT1H0.25S`.
pub(crate) fn write_duration(value: Duration) -> String {
    let (whole, nanos) =
        (value.whole_seconds().unsigned_abs(), value.subsec_nanoseconds().unsigned_abs());
    let mut text = String::from(if value.is_negative() { "-PT" } else { "PT" });
    let mut part = |amount: u64, unit| {
        if amount != 0 {
            let _ = write!(text, "{amount}{unit}");
        }
    };
    part(whole / 3600, 'H');
    part(whole / 60 % 60, 'M');
    let second = whole % 60;
    if second != 0 || nanos != 0 || whole == 0 {
        let _ = write!(text, "{second}{}S", fraction(nanos));
    }
    text
}

/// Nothing, or a point and the digits up to the last that is not 0.
fn fraction(nanos: u32) -> String {
    if nanos == 0 { String::new() } else { format!(".{nanos:09}").trim_end_matches('0').to_owned() }
}
