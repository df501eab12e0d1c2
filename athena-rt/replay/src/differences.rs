//! Compares outcomes: the messages and the error of a model.

use serde_json::Value;

use super::align::OutcomeValues;
use super::compare::{compare, compare_many};
use super::declared;
use athena_cases::case::CaseOutcome;
use athena_core::outcome::ErrorOutcome;
use athena_protocol::{Difference, JsonText, json};
use athena_structure::description::TypeDescription;

/// The differences between two outcomes of one model.
pub fn differences(
    described: &TypeDescription,
    old: &CaseOutcome,
    new: &CaseOutcome,
) -> Vec<Difference> {
    parsed_differences(described, (old, new), OutcomeValues::parse(old, new).as_ref())
}

/// [`differences`] of outcomes that were parsed; `None` if they can't be read.
pub(crate) fn parsed_differences(
    described: &TypeDescription,
    (old, new): (&CaseOutcome, &CaseOutcome),
    values: Option<&OutcomeValues>,
) -> Vec<Difference> {
    let Some(OutcomeValues { old: before, new: after }) = values else {
        // Values that serde_json can't hold, such as 200 nested levels, are compared as text.
        let text = |recorded: &CaseOutcome| Some(Value::String(recorded.messages.join(" ")));
        return vec![Difference {
            pointer: String::new(),
            path: String::new(),
            old: text(old),
            new: text(new),
            note: Some("as text: nested too deeply to be compared by value".to_owned()),
            ..Difference::default()
        }];
    };
    let same_kind = old.many == new.many
        && old.error.is_some() == new.error.is_some()
        && (old.many || before.len() == after.len());
    if !same_kind {
        let whole = |recorded: &CaseOutcome| {
            recorded.to_json().ok().and_then(|text| json::parse(&text).ok())
        };
        return vec![Difference {
            pointer: String::new(),
            path: String::new(),
            old: whole(old),
            new: whole(new),
            old_text: old.to_json().ok().as_deref().and_then(JsonText::new),
            new_text: new.to_json().ok().as_deref().and_then(JsonText::new),
            ..Difference::default()
        }];
    }
    let mut found = match (&before[..], &after[..]) {
        ([before], [after]) if !old.many => compare(described, before, after),
        _ => compare_many(described, before, after),
    };
    put_in_order(described, old.many, (before, after), &mut found);
    if let (Some(before), Some(after)) = (&old.error, &new.error) {
        for (key, before, after) in
            [("kind", &before.kind, &after.kind), ("message", &before.message, &after.message)]
        {
            if before != after && before != ErrorOutcome::ANY {
                found.push(Difference {
                    pointer: format!("/error/{key}"),
                    path: format!("/error/{key}"),
                    old: Some(Value::String(before.clone())),
                    new: Some(Value::String(after.clone())),
                    ..Difference::default()
                });
            }
        }
    }
    found
}

/// Adds the texts of objects that are differences as a whole, with their fields in declared order.
fn put_in_order(
    described: &TypeDescription,
    many: bool,
    (before, after): (&[Value], &[Value]),
    found: &mut [Difference],
) {
    let has_fields =
        |value: &Option<Value>| matches!(value, Some(Value::Object(_) | Value::Array(_)));
    if !found.iter().any(|one| has_fields(&one.old) || has_fields(&one.new)) {
        return;
    }
    let whole = |values: &[Value]| {
        let text = |value: &Value| declared::to_text(&described.shapes, &described.shape, value);
        let texts: Vec<String> = values.iter().map(text).collect();
        if many { format!("[{}]", texts.join(",")) } else { texts.concat() }
    };
    let (before, after) = (whole(before), whole(after));
    for one in found {
        let text = |outcome: &str, value: &Option<Value>| {
            declared::in_order(outcome, &one.pointer, value.as_ref()?)
        };
        one.old_text = text(&before, &one.old);
        one.new_text = text(&after, &one.new);
    }
}
