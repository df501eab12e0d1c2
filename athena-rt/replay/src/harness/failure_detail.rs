//! The details of a failure for the report.

use athena_protocol::{LARGEST_OUTCOME, MOST_DIFFERENCES, json};
use serde_json::Value;

use super::messages::FailureDetail;
use athena_cases::case::CaseOutcome;
use athena_cases::hash;
use athena_core::display::truncate;
use athena_protocol::Difference;

/// The maximum size in bytes of the JSON of a value in a difference.
const LARGEST_VALUE: usize = 4 << 10;

/// The differences, and both outcomes.
pub(super) fn failure_detail(
    differences: &[Difference],
    old: &CaseOutcome,
    new: &CaseOutcome,
) -> FailureDetail {
    let shown = differences.iter().take(MOST_DIFFERENCES);
    FailureDetail {
        differences: shown.map(difference).collect(),
        left_out: differences.len().saturating_sub(MOST_DIFFERENCES) as u64,
        recorded: whole(old),
        now: whole(new),
        digest: digest(new),
        printed: String::new(),
    }
}

/// The hash that identifies an outcome.
pub fn digest(outcome: &CaseOutcome) -> String {
    outcome.to_text().map(|text| hash::texts(&[&text])).unwrap_or_default()
}

fn whole(outcome: &CaseOutcome) -> Option<Value> {
    let text = outcome.to_text().ok().filter(|text| text.len() <= LARGEST_OUTCOME)?;
    json::parse(&text).ok()
}

fn difference(difference: &Difference) -> Difference {
    let shortened = |value: &Option<Value>| {
        let value = value.as_ref()?;
        let text = json::digits::to_text(value);
        Some(if text.len() <= LARGEST_VALUE {
            value.clone()
        } else {
            Value::String(format!("{} ..", truncate(&text, LARGEST_VALUE)))
        })
    };
    Difference {
        pointer: difference.pointer.clone(),
        path: difference.path.clone(),
        old: shortened(&difference.old),
        new: shortened(&difference.new),
        note: difference.note.clone(),
    }
}
