//! The details of a failure for the report.

use athena_protocol::{JsonText, LARGEST_OUTCOME, MOST_DIFFERENCES};
use serde_json::Value;

use super::messages::FailureDetail;
use crate::align::{OutcomeValues, align_values};
use athena_cases::case::{Case, CaseOutcome};
use athena_cases::hash;
use athena_core::display::truncate;
use athena_protocol::Difference;
use athena_structure::description::TypeDescription;

/// The maximum size in bytes of the JSON of a value in a difference.
const LARGEST_VALUE: usize = 4 << 10;

/// The differences, and both outcomes: fields in declared order, and values that do not differ as recorded.
/// `values` are those of the outcomes; `None` if they can't be read.
pub(super) fn failure_detail(
    described: &TypeDescription,
    differences: Vec<Difference>,
    (old, new): (&CaseOutcome, &CaseOutcome),
    values: Option<OutcomeValues>,
) -> FailureDetail {
    let digest = digest(new);
    let aligned = values.map(|values| align_values(described, (old, new), values));
    let (before, after) = aligned.as_ref().map_or((old, new), |(old, new)| (old, new));
    let left_out = differences.len().saturating_sub(MOST_DIFFERENCES) as u64;
    let shown = differences.into_iter().take(MOST_DIFFERENCES);
    FailureDetail {
        differences: shown.map(shortened).collect(),
        left_out,
        recorded: whole(before),
        now: whole(after),
        digest,
        ..FailureDetail::default()
    }
}

/// The input of a case, its environment if it has one, and the value of the field `label` of the input:
/// what is not too large.
pub(super) fn of_input(case: &Case<'_>, label: Option<&str>) -> FailureDetail {
    let input = Some(JsonText::from(case.input));
    let fits = |text: &JsonText| text.as_str().len() <= LARGEST_OUTCOME;
    FailureDetail {
        env: Some(JsonText::from(case.env)).filter(|env| env.has_members() && fits(env)),
        label: label.zip(input.as_ref()).and_then(|(key, input)| input.label(key)),
        input: input.filter(fits),
        ..FailureDetail::default()
    }
}

/// The hash that identifies an outcome.
pub fn digest(outcome: &CaseOutcome) -> String {
    outcome.to_text().map(|text| digest_of_text(&text)).unwrap_or_default()
}

/// The hash that identifies an outcome, from its text.
pub(super) fn digest_of_text(outcome: &str) -> String {
    hash::texts(&[outcome])
}

fn whole(outcome: &CaseOutcome) -> Option<JsonText> {
    let text = outcome.to_text().ok().filter(|text| text.len() <= LARGEST_OUTCOME)?;
    JsonText::new(&text)
}

/// The difference, with the start of a value that is long.
fn shortened(mut difference: Difference) -> Difference {
    let shorten =
        |text: Option<String>, value: &mut Option<Value>, declared: &mut Option<JsonText>| {
            if let Some(text) = text.filter(|text| text.len() > LARGEST_VALUE) {
                *value = Some(Value::String(format!("{} ..", truncate(&text, LARGEST_VALUE))));
                *declared = None;
            }
        };
    if may_be_long(difference.old.as_ref()) {
        shorten(difference.old_json(), &mut difference.old, &mut difference.old_text);
    }
    if may_be_long(difference.new.as_ref()) {
        shorten(difference.new_json(), &mut difference.new, &mut difference.new_text);
    }
    difference
}

/// Whether the JSON of a value may be long: that of a number is not.
fn may_be_long(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::String(_) | Value::Array(_) | Value::Object(_)))
}
