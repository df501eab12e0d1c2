//! The details of a failure for the report.

use athena_protocol::{JsonText, LARGEST_OUTCOME, MOST_DIFFERENCES};
use serde_json::Value;

use super::messages::FailureDetail;
use crate::align::aligned;
use athena_cases::case::{Case, CaseOutcome};
use athena_cases::hash;
use athena_core::display::truncate;
use athena_protocol::Difference;
use athena_structure::description::TypeDescription;

/// The maximum size in bytes of the JSON of a value in a difference.
const LARGEST_VALUE: usize = 4 << 10;

/// The differences, and both outcomes: fields in declared order, and values that do not differ as recorded.
pub(super) fn failure_detail(
    described: &TypeDescription,
    differences: &[Difference],
    old: &CaseOutcome,
    new: &CaseOutcome,
) -> FailureDetail {
    let aligned = aligned(described, old, new);
    let (before, after) = aligned.as_ref().map_or((old, new), |(old, new)| (old, new));
    let shown = differences.iter().take(MOST_DIFFERENCES);
    FailureDetail {
        differences: shown.map(difference).collect(),
        left_out: differences.len().saturating_sub(MOST_DIFFERENCES) as u64,
        recorded: whole(before),
        now: whole(after),
        digest: digest(new),
        ..FailureDetail::default()
    }
}

/// The input of a case, its environment if it has one, and the value of the field `label` of the input:
/// what is not too large.
pub(super) fn of_input(case: &Case<'_>, label: Option<&str>) -> FailureDetail {
    let input = JsonText::new(case.input.get());
    let fits = |text: &JsonText| text.as_str().len() <= LARGEST_OUTCOME;
    FailureDetail {
        env: JsonText::new(case.env.get()).filter(|env| env.has_members() && fits(env)),
        label: label.zip(input.as_ref()).and_then(|(key, input)| input.label(key)),
        input: input.filter(fits),
        ..FailureDetail::default()
    }
}

/// The hash that identifies an outcome.
pub fn digest(outcome: &CaseOutcome) -> String {
    outcome.to_text().map(|text| hash::texts(&[&text])).unwrap_or_default()
}

fn whole(outcome: &CaseOutcome) -> Option<JsonText> {
    let text = outcome.to_text().ok().filter(|text| text.len() <= LARGEST_OUTCOME)?;
    JsonText::new(&text)
}

fn difference(difference: &Difference) -> Difference {
    let shorten =
        |text: Option<String>, value: &mut Option<Value>, declared: &mut Option<JsonText>| {
            if let Some(text) = text.filter(|text| text.len() > LARGEST_VALUE) {
                *value = Some(Value::String(format!("{} ..", truncate(&text, LARGEST_VALUE))));
                *declared = None;
            }
        };
    let mut short = difference.clone();
    shorten(difference.old_json(), &mut short.old, &mut short.old_text);
    shorten(difference.new_json(), &mut short.new, &mut short.new_text);
    short
}
