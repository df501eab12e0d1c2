//! Which cases have an outcome, on base and head, in both runs of each.

use std::collections::HashMap;
use std::path::Path;

use athena_protocol::{Entry, Failure, FailureKind, JsonText, LARGEST_OUTCOME, Observation};

use crate::error::Result;
use crate::runner_results::read_entries;

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revision {
    Base,
    Head,
}

#[derive(Debug, Default)]
pub(super) struct ObservedCases(pub(super) HashMap<String, ObservedCase>);

#[derive(Debug, Default)]
pub(super) struct ObservedCase {
    pub(super) model: String,
    base: [Option<bool>; 2],
    head: [Option<bool>; 2],
    /// The reason why head has no outcome.
    pub(super) failure: Option<Box<Failure>>,
    /// The reason why the base has no outcome.
    pub(super) reason: Option<String>,
    /// The outcome of the base, if head has none.
    pub(super) before: Option<JsonText>,
}

/// The status of a case before outcomes are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CaseStatus {
    Both,
    NewlyFailing,
    NewlyPassing,
    FailingOnBoth,
    /// An outcome in one run and none in the other.
    Unstable,
    /// Head can't read the case's file.
    Broken,
    /// Only the base knows the case.
    Unknown,
}

impl ObservedCases {
    /// Reads the observations of a run. Those of head must be read first: outcomes of the base are
    /// kept for cases that have none on head. `round` is 0 or 1.
    pub(super) fn read(
        &mut self,
        notes: &Path,
        program: Revision,
        round: usize,
        troubles: &mut Vec<String>,
    ) -> Result<()> {
        for entry in read_entries(notes)? {
            match entry? {
                Entry::Observed(observation) => self.add(observation, program, round),
                Entry::Trouble(text) if !troubles.contains(&text) => troubles.push(text),
                _ => {}
            }
        }
        Ok(())
    }

    fn add(&mut self, observation: Observation, program: Revision, round: usize) {
        let case = self.0.entry(observation.name).or_default();
        case.model = observation.model;
        let given = observation.outcome.is_some();
        match program {
            Revision::Head => {
                case.head[round] = Some(given);
                if let Some(failure) = observation.failure {
                    case.failure.get_or_insert(failure);
                }
            }
            Revision::Base => {
                case.base[round] = Some(given);
                if let Some(failure) = observation.failure {
                    case.reason.get_or_insert(failure.reason);
                }
                if case.failure.is_some() {
                    case.before = observation.outcome.as_deref().and_then(outcome);
                }
            }
        }
    }
}

impl ObservedCase {
    /// The status of the case. A case that did not run has no outcome.
    pub(super) fn status(&self) -> CaseStatus {
        if self.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Broken) {
            return CaseStatus::Broken;
        }
        if self.head == [None, None] {
            return CaseStatus::Unknown;
        }
        let has_outcomes = |runs: &[Option<bool>; 2]| runs.map(|run| run == Some(true));
        match (has_outcomes(&self.base), has_outcomes(&self.head)) {
            ([true, true], [true, true]) => CaseStatus::Both,
            ([true, true], [false, false]) => CaseStatus::NewlyFailing,
            ([false, false], [true, true]) => CaseStatus::NewlyPassing,
            ([false, false], [false, false]) => CaseStatus::FailingOnBoth,
            _ => CaseStatus::Unstable,
        }
    }
}

/// The outcome in a report. `None` if it is too large.
pub(super) fn outcome(text: &str) -> Option<JsonText> {
    if text.len() > LARGEST_OUTCOME { None } else { JsonText::new(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(base: [bool; 2], head: [bool; 2]) -> CaseStatus {
        let case =
            ObservedCase { base: base.map(Some), head: head.map(Some), ..ObservedCase::default() };
        case.status()
    }

    #[test]
    fn a_case_is_newly_failing_only_where_both_runs_of_both_agree() {
        assert_eq!(case([true; 2], [true; 2]), CaseStatus::Both);
        assert_eq!(case([true; 2], [false; 2]), CaseStatus::NewlyFailing);
        assert_eq!(case([false; 2], [true; 2]), CaseStatus::NewlyPassing);
        assert_eq!(case([false; 2], [false; 2]), CaseStatus::FailingOnBoth);
        assert_eq!(case([true; 2], [true, false]), CaseStatus::Unstable);
        assert_eq!(case([false, true], [false; 2]), CaseStatus::Unstable);
    }

    #[test]
    fn what_the_base_did_not_run_is_never_unchanged() {
        let case = ObservedCase { head: [Some(true); 2], ..ObservedCase::default() };
        assert_eq!(case.status(), CaseStatus::NewlyPassing);
        let case = ObservedCase { base: [Some(true); 2], ..ObservedCase::default() };
        assert_eq!(case.status(), CaseStatus::Unknown);
    }
}
