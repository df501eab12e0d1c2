//! timeago: lengths of time in words.

use std::time::Duration;

use athena_rt::prelude::*;
use timeago::{Formatter, TimeUnit};

/// A unit of the crate.
#[structure]
pub enum Unit {
    /// 10^-9 s
    Nanoseconds,
    /// 10^-6 s
    Microseconds,
    /// 10^-3 s
    Milliseconds,
    /// 1 s
    Seconds,
    /// 60 s
    Minutes,
    /// 60 minutes
    Hours,
    /// 24 hours
    Days,
    /// 7 days
    Weeks,
    /// A twelfth of a year
    Months,
    /// 365.25 days
    Years,
}

/// What is written, and how.
#[structure]
pub struct Age {
    /// Any length.
    pub length: Duration,
    /// How many units are written.
    pub items: u8,
    /// The smallest unit.
    pub least: Unit,
    /// The greatest unit.
    pub most: Unit,
}

/// A length of time.
#[structure]
pub struct Length {
    /// Any length.
    pub length: Duration,
}

/// A length in words.
#[structure]
pub struct Words {
    /// In English.
    pub text: String,
}

/// A unit, and what is next to it.
#[structure]
pub struct Named {
    /// Any unit.
    pub unit: Unit,
}

fn unit(unit: &Unit) -> TimeUnit {
    match unit {
        Unit::Nanoseconds => TimeUnit::Nanoseconds,
        Unit::Microseconds => TimeUnit::Microseconds,
        Unit::Milliseconds => TimeUnit::Milliseconds,
        Unit::Seconds => TimeUnit::Seconds,
        Unit::Minutes => TimeUnit::Minutes,
        Unit::Hours => TimeUnit::Hours,
        Unit::Days => TimeUnit::Days,
        Unit::Weeks => TimeUnit::Weeks,
        Unit::Months => TimeUnit::Months,
        Unit::Years => TimeUnit::Years,
    }
}

/// The function `Formatter::convert`.
#[model]
pub fn convert(state: State<Age>) -> State<Words> {
    let mut formatter = Formatter::new();
    formatter.num_items(state.data.items.into());
    formatter.min_unit(unit(&state.data.least)).max_unit(unit(&state.data.most));
    let text = formatter.convert(state.data.length);
    state.with(Words { text })
}

/// The function `format_5chars`.
#[model]
pub fn short(state: State<Length>) -> State<Words> {
    let text = timeago::format_5chars(state.data.length);
    state.with(Words { text })
}

/// The neighbours of a unit.
#[model]
pub fn neighbours(state: State<Named>) -> State<Words> {
    let unit = unit(&state.data.unit);
    let all = [unit.smaller_unit(), unit.bigger_unit()].map(|it| it.map(|it| it.min_duration()));
    let text = format!("{all:?} {:?}", unit.min_duration());
    state.with(Words { text })
}
