//! The errors of calls that have no outcome, as one.

use athena_cases::case::CaseOutcome;
use athena_core::display;
use athena_core::error::{Error, Result};

/// The error of a recording of which some messages can't be recorded.
pub(super) fn none_recorded(errors: &[Error], calls: usize) -> Error {
    let message =
        format!("{} of {} can't be recorded:", errors.len(), display::plural(calls, "message"));
    let error = one_of(errors, calls, &message);
    if errors.len() == calls {
        return error;
    }
    error.help(
        "to record the others: add --rejects rejects.jsonl, which takes what can't be recorded",
    )
}

/// The errors of some of these calls as one. An error that has nothing to do with the message stays as it is.
pub(super) fn one_of(errors: &[Error], calls: usize, message: &str) -> Error {
    match errors {
        [only] if calls == 1 => only.clone(),
        [first, _, ..] if errors.iter().all(|error| error == first) => first.clone(),
        _ => Error::of_several(message, errors),
    }
}

/// All outcomes, or all errors.
pub(super) fn all_or_errors(
    results: impl Iterator<Item = Result<CaseOutcome>>,
) -> Result<Vec<CaseOutcome>, Vec<Error>> {
    let (mut outcomes, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(outcome) => outcomes.push(outcome),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(outcomes) } else { Err(errors) }
}
