//! What became of the values at one place: which value became which, and by how much numbers changed.

use std::cmp::Reverse;
use std::collections::HashMap;

use athena_protocol::Difference;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::display::{ellipsize, grouped};
use crate::report::numbers::{append_short, percent, signed};

/// The most changes that a place reports.
const MAX_TRANSITIONS_KEPT: usize = 12;

/// The most changes that a line names, and the most characters of their values.
const NAMED: usize = 3;
const SHORT: usize = 16;

/// The longest value, in characters.
const WIDTH: usize = 32;

/// A place at which the cases of a cluster differ.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ChangedPlace {
    /// A JSON pointer with `*` for indices and keys. Empty for the outcome as a whole.
    pub(crate) path: String,
    /// The number of cases that differ here.
    pub(crate) cases: u64,
    /// The change of numbers, if all changed values are numbers.
    pub(crate) change: Option<NumberChange>,
    /// The most frequent changes of values.
    pub(crate) transitions: Vec<Transition>,
}

/// By how much numbers changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct NumberChange {
    /// Whether the numbers are relative to the old values.
    pub(crate) relative: bool,
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
    /// The number of values in each of [`BARS`] equal parts of the range; empty if all changes are equal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) bars: Vec<u64>,
    /// The increases and the decreases, if there are both: a median of all of them says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) directions: Option<Directions>,
}

/// The changes in both directions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Directions {
    pub(crate) up: Direction,
    pub(crate) down: Direction,
}

/// The changes in one direction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Direction {
    pub(crate) values: u64,
    pub(crate) median: f64,
}

/// A change of one value into another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transition {
    /// JSON, truncated if it is long; `(nothing)` for a missing value.
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) cases: u64,
}

impl ChangedPlace {
    /// The path, or `(all of it)`.
    pub(crate) fn name(&self) -> &str {
        if self.path.is_empty() { "(all of it)" } else { &self.path }
    }

    /// By how much: `median +3.1 % (+2.9 % .. +3.4 %)`, `20 up (median +3 %), 18 down (median -4 %)`,
    /// `"Yellow" -> "Orange"`.
    pub(crate) fn by(&self) -> String {
        if let Some(change) = &self.change {
            return change.to_string();
        }
        match &self.transitions[..] {
            [] => String::new(),
            [one] if one.cases >= self.cases => format!("{} -> {}", one.old, one.new),
            all => {
                let is_short = |one: &&Transition| one.old.len() <= SHORT && one.new.len() <= SHORT;
                let short = all.iter().take(NAMED).take_while(is_short).count();
                let named = &all[..short.max(1)];
                let mut parts: Vec<String> = named.iter().map(Transition::to_text).collect();
                if named.len() < all.len()
                    || named.iter().map(|one| one.cases).sum::<u64>() < self.cases
                {
                    parts.push("..".to_owned());
                }
                parts.join(", ")
            }
        }
    }
}

impl NumberChange {
    /// `-62 % ▂▅█▁ -27.6 %`, one character per part of the range.
    pub(crate) fn histogram(&self) -> Option<String> {
        let most = *self.bars.iter().max()?;
        let height = |count: u64| {
            let step = (count * (HEIGHTS.len() as u64 - 1)).div_ceil(most.max(1));
            HEIGHTS[usize::try_from(step).unwrap_or(0)]
        };
        let bars: String = self.bars.iter().map(|count| height(*count)).collect();
        let (least, most) = (self.text(self.least), self.text(self.most));
        // What is left of a factor is the rounding of floats.
        if least == most {
            return None;
        }
        Some(format!("{least} {bars} {most}"))
    }

    /// `20 up (median +3 %)`, of one value `1 up (+3 %)`
    fn direction(&self, direction: &Direction, name: &str) -> String {
        let Direction { values, median } = direction;
        let label = if *values == 1 { "" } else { "median " };
        format!("{} {name} ({label}{})", grouped(*values), self.text(*median))
    }

    fn text(&self, number: f64) -> String {
        if self.relative { format!("{} %", percent(number)) } else { signed(number) }
    }
}

impl Transition {
    /// `"Yellow" -> "Orange" in 7`
    fn to_text(&self) -> String {
        let Self { old, new, cases } = self;
        if *cases > 1 { format!("{old} -> {new} in {cases}") } else { format!("{old} -> {new}") }
    }
}

impl std::fmt::Display for NumberChange {
    /// `median +3.1 % (+2.9 % .. +3.4 %)`; in both directions `20 up (median +3 %), 18 down (median -4 %)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(Directions { up, down }) = &self.directions {
            return write!(f, "{}, {}", self.direction(up, "up"), self.direction(down, "down"));
        }
        let (least, most) = (self.text(self.least), self.text(self.most));
        let median = self.text(self.median);
        if least == most {
            f.write_str(&median)
        } else {
            write!(f, "median {median} ({least} .. {most})")
        }
    }
}

/// Collects the changes at one place.
#[derive(Debug, Default)]
pub(super) struct OpenPlace {
    pub(super) cases: u64,
    /// Old and new values.
    numbers: Vec<(f64, f64)>,
    /// Whether a value is not a number.
    has_others: bool,
    /// By the texts of both values, with [`BETWEEN`] between them.
    transitions: HashMap<String, u64>,
}

/// A character that no value on a line has.
const BETWEEN: char = '\0';

impl OpenPlace {
    /// Counts the values of a case. `room` is the number of distinct changes that may still be stored.
    pub(super) fn count<'d>(
        &mut self,
        differences: impl Iterator<Item = &'d Difference>,
        room: &mut usize,
    ) {
        self.cases += 1;
        let mut pair = String::new();
        for difference in differences {
            match numbers(difference) {
                Some(pair) => self.numbers.push(pair),
                None => self.has_others = true,
            }
            pair.clear();
            append_value(difference.old.as_ref(), || difference.old_json(), &mut pair);
            pair.push(BETWEEN);
            append_value(difference.new.as_ref(), || difference.new_json(), &mut pair);
            match self.transitions.get_mut(&pair) {
                Some(count) => *count += 1,
                None if *room == 0 => {}
                None => {
                    *room -= 1;
                    self.transitions.insert(pair.as_str().to_owned(), 1);
                }
            }
        }
    }

    /// Adds the values of other cases.
    pub(super) fn merge(&mut self, other: Self) {
        self.cases += other.cases;
        self.numbers.extend(other.numbers);
        self.has_others |= other.has_others;
        for (pair, count) in other.transitions {
            *self.transitions.entry(pair).or_default() += count;
        }
    }

    pub(super) fn close(self, path: String) -> ChangedPlace {
        let pairs = self.transitions.iter();
        let mut pairs: Vec<(Reverse<u64>, (&str, &str))> = pairs
            .filter_map(|(pair, cases)| Some((Reverse(*cases), pair.split_once(BETWEEN)?)))
            .collect();
        // To sort a hundred thousand for a dozen takes as long as all else.
        if pairs.len() > MAX_TRANSITIONS_KEPT {
            pairs.select_nth_unstable(MAX_TRANSITIONS_KEPT);
            pairs.truncate(MAX_TRANSITIONS_KEPT);
        }
        pairs.sort_unstable();
        let transitions = pairs.into_iter().map(|(Reverse(cases), (old, new))| Transition {
            old: old.to_owned(),
            new: new.to_owned(),
            cases,
        });
        let transitions = transitions.collect();
        let change = if self.has_others { None } else { change(self.numbers) };
        ChangedPlace { path, cases: self.cases, change, transitions }
    }
}

fn numbers(difference: &Difference) -> Option<(f64, f64)> {
    let number = |value: &Option<Value>| match value {
        Some(Value::Number(number)) => number.as_f64(),
        _ => None,
    };
    Some((number(&difference.old)?, number(&difference.new)?))
}

/// The range of changes, relative to the old values unless one of them is 0 or changes its sign.
fn change(pairs: Vec<(f64, f64)>) -> Option<NumberChange> {
    let relative = pairs.iter().all(|(old, new)| *old != 0.0 && old * new >= 0.0);
    let by = |(old, new): (f64, f64)| if relative { (new - old) / old.abs() } else { new - old };
    let mut changes: Vec<f64> = pairs.into_iter().map(by).collect();
    changes.sort_unstable_by(f64::total_cmp);
    let (least, most) = (*changes.first()?, *changes.last()?);
    let median = median(&changes);
    let bars = bars(&changes);
    let down = &changes[..changes.partition_point(|change| *change < 0.0)];
    let up = &changes[changes.partition_point(|change| *change <= 0.0)..];
    let direction =
        |changes: &[f64]| Direction { values: changes.len() as u64, median: self::median(changes) };
    let is_both = !up.is_empty() && !down.is_empty();
    let directions = is_both.then(|| Directions { up: direction(up), down: direction(down) });
    let is_finite = [least, median, most].iter().all(|number| number.is_finite());
    is_finite.then_some(NumberChange { relative, least, median, most, bars, directions })
}

/// The number in the middle of sorted ones, or between the two in the middle; 0 of none.
fn median(sorted: &[f64]) -> f64 {
    let (lower, upper) = (sorted.len().saturating_sub(1) / 2, sorted.len() / 2);
    match (sorted.get(lower), sorted.get(upper)) {
        (Some(lower), Some(upper)) => f64::midpoint(*lower, *upper),
        _ => 0.0,
    }
}

/// The number of parts of a histogram.
const BARS: u8 = 16;

/// The fewest values for a histogram.
const FEWEST: usize = 5;

/// A part without values, and with ever more.
const HEIGHTS: [char; 9] = [
    '\u{b7}', '\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}',
    '\u{2588}',
];

/// Counts sorted numbers by part of their range.
fn bars(sorted: &[f64]) -> Vec<u64> {
    let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let width = (most - least) / f64::from(BARS);
    if sorted.len() < FEWEST || !width.is_normal() {
        return Vec::new();
    }
    let mut bars = vec![0; usize::from(BARS)];
    for number in sorted {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of bars"
        )]
        let bar = ((number - least) / width) as usize;
        bars[bar.min(usize::from(BARS - 1))] += 1;
    }
    bars
}

/// Appends a value on one line: numbers with three significant digits, text truncated.
fn append_value(value: Option<&Value>, json: impl FnOnce() -> Option<String>, out: &mut String) {
    let float = match value {
        Some(Value::Number(number)) if number.is_f64() => number.as_f64(),
        _ => None,
    };
    if let Some(float) = float {
        append_short(float, out);
    } else {
        out.push_str(
            &json().map_or_else(|| "(nothing)".to_owned(), |json| ellipsize(&json, WIDTH)),
        );
    }
}
