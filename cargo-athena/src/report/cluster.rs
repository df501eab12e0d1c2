//! Groups failures by model and by what changed, so that each cause is read once.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use athena_protocol::{Difference, Failure, FailureKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::numbers::{percent, short, signed};
use crate::display::ellipsize;

/// The most distinct changes of one value into another that a cluster counts.
const TRANSITIONS: usize = 1_000;

/// The most changes that a cluster reports.
const MAX_TRANSITIONS_KEPT: usize = 12;

/// The most changes that a line names, and the most characters of their values.
const NAMED: usize = 3;
const SHORT: usize = 16;

/// The longest value, in characters.
const WIDTH: usize = 32;

/// Failing cases with the same change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Cluster {
    pub(crate) model: String,
    /// The kind of failure. `None` for a difference.
    pub(crate) kind: Option<FailureKind>,
    /// The place of the difference: a JSON pointer with `*` for indices and keys. Empty for the
    /// outcome as a whole, and if there is a reason.
    pub(crate) path: String,
    /// The reason of a failure that is not a difference, with `#` for numbers in which cases differ.
    pub(crate) reason: String,
    /// The number of cases.
    pub(crate) cases: u64,
    /// The change of numbers, if all changed values are numbers.
    pub(crate) change: Option<NumberChange>,
    /// The most frequent changes of values.
    pub(crate) transitions: Vec<Transition>,
    /// The name of one of the cases: the one that differs in the fewest places.
    pub(crate) example: String,
    #[serde(skip)]
    pub(crate) exemplar: Option<Box<Failure>>,
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
}

/// A change of one value into another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transition {
    /// JSON, truncated if it is long; `(nothing)` for a missing value.
    pub(crate) old: String,
    pub(crate) new: String,
    pub(crate) cases: u64,
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
        Some(format!("{least} {bars} {most}"))
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
    /// `median +3.1 % (+2.9 % .. +3.4 %)`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (least, most) = (self.text(self.least), self.text(self.most));
        let median = self.text(self.median);
        if least == most {
            f.write_str(&median)
        } else {
            write!(f, "median {median} ({least} .. {most})")
        }
    }
}

impl Cluster {
    /// What changed: `/energy`, `(all of it)`, `panicked: ..`.
    pub(crate) fn place(&self) -> &str {
        match (&self.reason[..], &self.path[..]) {
            ("", "") => "(all of it)",
            ("", path) => path,
            (reason, _) => reason,
        }
    }

    /// By how much: `median +3.1 % (+2.9 % .. +3.4 %)`, `"Yellow" -> "Orange"`.
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

    /// The example without its model's id.
    pub(crate) fn example(&self) -> &str {
        let rest = self.example.strip_prefix(&self.model);
        rest.and_then(|rest| rest.strip_prefix("::")).unwrap_or(&self.example)
    }
}

/// Groups failures one by one.
#[derive(Debug, Default)]
pub(crate) struct Clusters(BTreeMap<ClusterKey, OpenCluster>);

/// Model, kind of failure, and place: a path or a reason.
type ClusterKey = (String, FailureKind, String);

#[derive(Debug, Default)]
struct OpenCluster {
    cases: u64,
    /// Old and new values, if all of them are numbers.
    numbers: Option<Vec<(f64, f64)>>,
    transitions: HashMap<(String, String), u64>,
    exemplar: Option<Box<Failure>>,
    /// Whether the reasons differ in their numbers.
    is_masked: bool,
}

impl Clusters {
    /// Adds a failure to its clusters: one per path at which its outcome differs.
    pub(crate) fn add(&mut self, failure: &Failure) {
        if failure.differences.is_empty() {
            let key = (failure.model.clone(), failure.kind, without_numbers(&failure.reason));
            self.0.entry(key).or_default().count(failure, &[]);
            return;
        }
        let mut by_path: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
        for difference in &failure.differences {
            by_path.entry(&difference.path).or_default().push(difference);
        }
        for (path, differences) in by_path {
            let key = (failure.model.clone(), failure.kind, path.to_owned());
            self.0.entry(key).or_default().count(failure, &differences);
        }
    }

    /// The clusters, the largest first.
    pub(crate) fn finish(self) -> Vec<Cluster> {
        let mut clusters: Vec<Cluster> = self
            .0
            .into_iter()
            .map(|((model, kind, place), open)| open.close(model, kind, place))
            .collect();
        clusters.sort_by(|one, other| {
            let by_size = other.cases.cmp(&one.cases);
            by_size.then_with(|| (&one.model, &one.path).cmp(&(&other.model, &other.path)))
        });
        clusters
    }
}

/// The places of a failure: the paths that differ, otherwise its reason.
pub(crate) fn places(failure: &Failure) -> BTreeSet<Cow<'_, str>> {
    if failure.differences.is_empty() {
        return BTreeSet::from([Cow::Owned(without_numbers(&failure.reason))]);
    }
    failure.differences.iter().map(|difference| difference.path.as_str().into()).collect()
}

impl OpenCluster {
    fn count(&mut self, failure: &Failure, differences: &[&Difference]) {
        let is_first = self.cases == 0;
        self.cases += 1;
        let known = match &self.numbers {
            Some(numbers) => Some(numbers.len()),
            None => is_first.then_some(0),
        };
        if known.is_some() && !differences.is_empty() {
            let pairs: Option<Vec<(f64, f64)>> =
                differences.iter().map(|difference| numbers(difference)).collect();
            match pairs {
                Some(pairs) => self.numbers.get_or_insert_default().extend(pairs),
                None => self.numbers = None,
            }
        }
        for difference in differences {
            let pair = (value_text(difference.old.as_ref()), value_text(difference.new.as_ref()));
            let is_full = self.transitions.len() >= TRANSITIONS;
            match self.transitions.get_mut(&pair) {
                Some(count) => *count += 1,
                None if is_full => {}
                None => {
                    self.transitions.insert(pair, 1);
                }
            }
        }
        let first_line = |failure: &Failure| failure.reason.lines().next().map(str::to_owned);
        self.is_masked |=
            self.exemplar.as_ref().is_some_and(|known| first_line(known) != first_line(failure));
        let size = |failure: &Failure| (failure.differences.len(), failure.name.len());
        let is_better = self
            .exemplar
            .as_ref()
            .is_none_or(|known| (size(failure), &failure.name) < (size(known), &known.name));
        if is_better {
            self.exemplar = Some(Box::new(failure.clone()));
        }
    }

    fn close(self, model: String, kind: FailureKind, place: String) -> Cluster {
        let mut transitions: Vec<Transition> = self
            .transitions
            .into_iter()
            .map(|((old, new), cases)| Transition { old, new, cases })
            .collect();
        transitions.sort_by(|one, other| {
            let by_count = other.cases.cmp(&one.cases);
            by_count.then_with(|| (&one.old, &one.new).cmp(&(&other.old, &other.new)))
        });
        transitions.truncate(MAX_TRANSITIONS_KEPT);
        let has_differences =
            self.exemplar.as_ref().is_some_and(|exemplar| !exemplar.differences.is_empty());
        let own = self.exemplar.as_ref().filter(|_| !self.is_masked);
        let own = own.and_then(|failure| failure.reason.lines().next()).map(str::to_owned);
        let (path, reason) = if has_differences {
            (place, String::new())
        } else {
            (String::new(), own.unwrap_or(place))
        };
        Cluster {
            model,
            kind: (kind != FailureKind::Differs).then_some(kind),
            path,
            reason,
            cases: self.cases,
            change: self.numbers.and_then(change),
            transitions,
            example: self.exemplar.as_ref().map(|known| known.name.clone()).unwrap_or_default(),
            exemplar: self.exemplar,
        }
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
    let median = changes[changes.len() / 2];
    let bars = bars(&changes);
    let is_finite = [least, median, most].iter().all(|number| number.is_finite());
    is_finite.then_some(NumberChange { relative, least, median, most, bars })
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

/// A value on one line: numbers with three significant digits, text truncated.
fn value_text(value: Option<&Value>) -> String {
    let text = match value {
        None => return "(nothing)".to_owned(),
        Some(Value::Number(number)) if number.is_f64() => {
            number.as_f64().map(short).unwrap_or_default()
        }
        Some(value) => value.to_string(),
    };
    ellipsize(&text, WIDTH)
}

/// The first line of a reason with `#` for its numbers, so that panics that differ only in an index
/// are one.
pub(crate) fn without_numbers(reason: &str) -> String {
    let mut out = String::new();
    let mut in_number = false;
    for c in reason.lines().next().unwrap_or_default().chars() {
        if c.is_ascii_digit() {
            if !in_number {
                out.push('#');
            }
            in_number = true;
        } else {
            in_number = false;
            out.push(c);
        }
    }
    // The source line of a panic stays, because it identifies the panic.
    match reason.lines().next().and_then(|line| line.rsplit_once(", at ")) {
        Some((_, place)) if !place.contains(' ') => match out.rsplit_once(", at ") {
            Some((message, _)) => format!("{message}, at {place}"),
            None => out,
        },
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(case: &str, changes: &[(&str, Value, Value)]) -> Failure {
        let differences = changes
            .iter()
            .map(|(path, old, new)| Difference {
                pointer: (*path).to_owned(),
                path: (*path).to_owned(),
                old: Some(old.clone()),
                new: Some(new.clone()),
                note: None,
            })
            .collect();
        Failure {
            name: format!("m::f::{case}"),
            model: "m::f".to_owned(),
            kind: FailureKind::Differs,
            file: format!("fixtures/m/f/{case}.json"),
            line: 1,
            reason: String::new(),
            differences,
            left_out: 0,
            env: None,
            input: None,
            recorded: None,
            now: None,
            digest: String::new(),
            printed: String::new(),
            micros: 0,
        }
    }

    fn clusters(failures: &[Failure]) -> Vec<Cluster> {
        let mut clusters = Clusters::default();
        for failure in failures {
            clusters.add(failure);
        }
        clusters.finish()
    }

    #[test]
    fn numbers_that_change_at_one_path_are_one_cluster_with_its_range() {
        let found = clusters(&[
            failure("a", &[("/energy", 100.into(), 103.into())]),
            failure("b", &[("/energy", 1000.into(), 1029.into())]),
            failure(
                "c",
                &[("/energy", 10.0.into(), 10.34.into()), ("/felt", true.into(), false.into())],
            ),
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].place(), found[0].cases, found[0].example()), ("/energy", 3, "a"));
        assert_eq!(found[0].by(), "median +3 % (+2.9 % .. +3.4 %)");
        assert_eq!((found[1].place(), found[1].by().as_str()), ("/felt", "true -> false"));
    }

    #[test]
    fn many_changes_have_a_histogram() {
        let all: Vec<Failure> = (0..40_i64)
            .map(|at| failure(&at.to_string(), &[("/n", 0.into(), (at % 16).into())]))
            .collect();
        let change = clusters(&all)[0].change.clone().unwrap();
        assert_eq!(change.bars.iter().sum::<u64>(), 40);
        let shown = change.histogram().unwrap();
        assert!(shown.starts_with("0 \u{2588}") && shown.ends_with("\u{2586} +15"), "{shown}");
        assert_eq!(clusters(&all[..2])[0].change.as_ref().unwrap().histogram(), None);
    }

    #[test]
    fn a_change_from_zero_is_told_as_a_difference() {
        let found = clusters(&[
            failure("a", &[("/n", 0.into(), 2.into())]),
            failure("b", &[("/n", 1.into(), 5.into())]),
        ]);
        assert_eq!(found[0].by(), "median +4 (+2 .. +4)");
    }

    #[test]
    fn a_change_of_sign_is_told_as_a_difference() {
        let found = clusters(&[failure("a", &[("/n", (-2).into(), 3.into())])]);
        assert_eq!(found[0].by(), "+5");
    }

    #[test]
    fn values_that_are_no_numbers_are_counted_by_what_became_what() {
        let level =
            |case: &str, new: &str| failure(case, &[("/level", "Green".into(), new.into())]);
        let found = clusters(&[level("a", "Red"), level("b", "Red"), level("c", "Orange")]);
        assert_eq!(found[0].by(), "\"Green\" -> \"Red\" in 2, \"Green\" -> \"Orange\"");
        let mixed = clusters(&[
            failure("a", &[("/x", 1.into(), 2.into())]),
            failure("b", &[("/x", "a".into(), 2.into())]),
            failure("c", &[("/x", 1.into(), 2.into())]),
        ]);
        assert_eq!(mixed[0].change, None);
    }

    #[test]
    fn panics_that_differ_in_a_number_are_one_and_keep_their_place() {
        let panic = |case: &str, index: u32| Failure {
            kind: FailureKind::Failed,
            reason: format!(
                "the model panicked: the len is 3 but the index is {index}, at src/lib.rs:10\nmore"
            ),
            ..failure(case, &[])
        };
        let same = clusters(&[panic("a", 7), panic("b", 7)]);
        assert_eq!(
            same[0].place(),
            "the model panicked: the len is 3 but the index is 7, at src/lib.rs:10"
        );
        let found = clusters(&[panic("a", 7), panic("b", 12)]);
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].place(),
            "the model panicked: the len is # but the index is #, at src/lib.rs:10"
        );
    }
}
