//! humantime: durations and points in time as people write them.

use std::time::{Duration, SystemTime};

use athena_rt::Timestamp;
use athena_rt::prelude::*;

/// What is read or written.
#[structure]
pub struct Written {
    /// As a person writes it.
    pub text: String,
}

/// A length of time.
#[structure]
pub struct Length {
    /// Any length.
    pub length: Duration,
}

/// A point in time.
#[structure]
pub struct Moment {
    /// In UTC.
    pub time: Timestamp,
}

/// What several functions return.
#[structure]
pub struct Texts {
    /// One text per function.
    pub texts: Vec<String>,
}

/// A time out of range is the first one that there is.
fn moment(time: SystemTime) -> Moment {
    Moment { time: Timestamp::try_from(time).unwrap_or(Timestamp::MIN) }
}

fn system_time(time: Timestamp) -> SystemTime {
    let seconds = Duration::from_secs(time.seconds().unsigned_abs());
    let epoch = SystemTime::UNIX_EPOCH;
    let second = if time.seconds() < 0 { epoch - seconds } else { epoch + seconds };
    second + Duration::from_nanos(time.nanos().into())
}

/// The function of the same name.
#[model]
pub fn parse_duration(state: State<Written>) -> Result<State<Length>, humantime::DurationError> {
    let length = humantime::parse_duration(&state.data.text)?;
    Ok(state.with(Length { length }))
}

/// The function of the same name.
#[model]
pub fn format_duration(state: State<Length>) -> State<Texts> {
    let length = humantime::format_duration(state.data.length);
    let texts = vec![length.to_string(), format!("{:?}", length.get_ref())];
    state.with(Texts { texts })
}

/// The function of the same name.
#[model]
pub fn parse_rfc3339(state: State<Written>) -> Result<State<Moment>, humantime::TimestampError> {
    let time = humantime::parse_rfc3339(&state.data.text)?;
    Ok(state.with(moment(time)))
}

/// The function of the same name.
#[model]
pub fn parse_rfc3339_weak(
    state: State<Written>,
) -> Result<State<Moment>, humantime::TimestampError> {
    let time = humantime::parse_rfc3339_weak(&state.data.text)?;
    Ok(state.with(moment(time)))
}

/// The functions of that name, in every precision. A year that the crate can't write is an empty text.
#[model]
pub fn format_rfc3339(state: State<Moment>) -> State<Texts> {
    let time = system_time(state.data.time);
    let all = [
        humantime::format_rfc3339(time),
        humantime::format_rfc3339_seconds(time),
        humantime::format_rfc3339_millis(time),
        humantime::format_rfc3339_micros(time),
        humantime::format_rfc3339_nanos(time),
    ];
    let texts = all.iter().map(|one| {
        let mut text = String::new();
        let is_written = std::fmt::Write::write_fmt(&mut text, format_args!("{one}")).is_ok();
        if is_written && *one.get_ref() == time { text } else { String::new() }
    });
    let texts = texts.collect();
    state.with(Texts { texts })
}

/// The type of that name: read, converted and written.
#[model]
pub fn duration(state: State<Written>) -> Result<State<Texts>, humantime::DurationError> {
    let one: humantime::Duration = state.data.text.parse()?;
    let plain: &Duration = one.as_ref();
    let back = humantime::Duration::from(Duration::from(one));
    let texts = vec![format!("{plain:?}"), format!("{:?}", *one), back.to_string()];
    Ok(state.with(Texts { texts }))
}

/// The type of that name: read, converted and written.
#[model]
pub fn timestamp(state: State<Written>) -> Result<State<Texts>, humantime::TimestampError> {
    let one: humantime::Timestamp = state.data.text.parse()?;
    let plain: &SystemTime = one.as_ref();
    let back = humantime::Timestamp::from(SystemTime::from(one));
    let all = [moment(*plain), moment(*one)];
    let mut texts: Vec<String> = all.iter().map(|it| it.time.to_string()).collect();
    texts.push(back.to_string());
    Ok(state.with(Texts { texts }))
}
