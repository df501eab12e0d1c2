//! Which cases have an outcome, on base and head, in both runs of each.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Failure, FailureKind, JsonText, LARGEST_OUTCOME, Observation};

use crate::error::Result;
use crate::runner_results::read_entries;

/// One of the two programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Revision {
    Base,
    Head,
}

/// The cases of all runs. Of one that has an outcome in each, memory holds a hash: there may be a million.
#[derive(Debug, Default)]
pub(super) struct ObservedCases {
    runs: HashMap<u64, Runs>,
    hasher: RandomState,
    /// The cases that have no outcome in some run, by name.
    others: BTreeMap<String, CaseWithout>,
}

/// In which runs a case was seen, and in which it has an outcome: a bit for each.
#[derive(Clone, Copy, Debug, Default)]
struct Runs {
    seen: u8,
    given: u8,
}

/// A case that has no outcome in some run.
#[derive(Debug, Default)]
pub(super) struct CaseWithout {
    pub(super) model: String,
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
        let given = observation.outcome.is_some();
        let hash = self.hasher.hash_one(&*observation.name);
        self.runs.entry(hash).or_default().add(program, round, given);
        if given && observation.failure.is_none() && !self.others.contains_key(&observation.name) {
            return;
        }
        let case = self.others.entry(observation.name).or_default();
        case.model = observation.model;
        match (program, observation.failure) {
            (Revision::Head, Some(failure)) => drop(case.failure.get_or_insert(failure)),
            (Revision::Base, Some(failure)) => drop(case.reason.get_or_insert(failure.reason)),
            (_, None) => {}
        }
        if program == Revision::Base && case.failure.is_some() {
            case.before = observation.outcome.as_deref().and_then(outcome);
        }
    }

    /// Reads the names of the cases that were not seen in some run. `results` are those of all runs.
    pub(super) fn find_unseen(&mut self, results: &[PathBuf]) -> Result<()> {
        if self.runs.values().all(|runs| runs.are_all_seen()) {
            return Ok(());
        }
        for results in results {
            for entry in read_entries(results)? {
                let Entry::Observed(Observation { name, model, .. }) = entry? else { continue };
                if !self.runs(&name).are_all_seen() {
                    self.others.entry(name).or_default().model = model;
                }
            }
        }
        Ok(())
    }

    /// The number of cases with an outcome in all runs.
    pub(super) fn count_of_both(&self) -> u64 {
        let with_outcome = self.runs.values().filter(|runs| runs.given == Runs::ALL).count();
        // What can't be read may have been seen before.
        let broken = self.others.keys().filter(|name| self.runs(name).given == Runs::ALL);
        let broken = broken.filter(|name| self.status(name) != CaseStatus::Both).count();
        (with_outcome - broken) as u64
    }

    /// The status of a case.
    pub(super) fn status(&self, name: &str) -> CaseStatus {
        let failure = self.others.get(name).and_then(|case| case.failure.as_ref());
        if failure.is_some_and(|failure| failure.kind == FailureKind::Broken) {
            return CaseStatus::Broken;
        }
        self.runs(name).status()
    }

    /// The cases that have no outcome in some run, by name, each with its status.
    pub(super) fn into_others(self) -> impl Iterator<Item = (String, CaseWithout, CaseStatus)> {
        let names: Vec<CaseStatus> = self.others.keys().map(|name| self.status(name)).collect();
        self.others.into_iter().zip(names).map(|((name, case), status)| (name, case, status))
    }

    fn runs(&self, name: &str) -> Runs {
        self.runs.get(&self.hasher.hash_one(name)).copied().unwrap_or_default()
    }
}

impl Runs {
    const BASE: u8 = 0b0011;
    const HEAD: u8 = 0b1100;
    const ALL: u8 = Self::BASE | Self::HEAD;

    fn add(&mut self, program: Revision, round: usize, given: bool) {
        let bit = match program {
            Revision::Base => 0b0001,
            Revision::Head => 0b0100,
        } << round;
        self.seen |= bit;
        self.given = if given { self.given | bit } else { self.given & !bit };
    }

    fn are_all_seen(self) -> bool {
        self.seen == Self::ALL
    }

    /// The status of the case. A case that did not run has no outcome.
    fn status(self) -> CaseStatus {
        if self.seen & Self::HEAD == 0 {
            return CaseStatus::Unknown;
        }
        match (self.given & Self::BASE, self.given & Self::HEAD) {
            (Self::BASE, Self::HEAD) => CaseStatus::Both,
            (Self::BASE, 0) => CaseStatus::NewlyFailing,
            (0, Self::HEAD) => CaseStatus::NewlyPassing,
            (0, 0) => CaseStatus::FailingOnBoth,
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

    fn runs(base: [Option<bool>; 2], head: [Option<bool>; 2]) -> Runs {
        let mut runs = Runs::default();
        for (program, given) in [(Revision::Base, base), (Revision::Head, head)] {
            for (round, given) in given.into_iter().enumerate() {
                if let Some(given) = given {
                    runs.add(program, round, given);
                }
            }
        }
        runs
    }

    fn case(base: [bool; 2], head: [bool; 2]) -> CaseStatus {
        runs(base.map(Some), head.map(Some)).status()
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
        assert_eq!(runs([None; 2], [Some(true); 2]).status(), CaseStatus::NewlyPassing);
        assert_eq!(runs([Some(true); 2], [None; 2]).status(), CaseStatus::Unknown);
    }

    #[test]
    fn the_names_of_those_that_are_missing_somewhere_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, cases: &[(&str, bool)]| {
            let path = folder.path().join(name);
            let line = |(name, given): &(&str, bool)| {
                let entry = Entry::Observed(Observation {
                    name: (*name).to_owned(),
                    model: "m::f".to_owned(),
                    outcome: given.then(|| "{\"output\":1}".to_owned()),
                    ..Observation::default()
                });
                serde_json::to_string(&entry).unwrap() + "\n"
            };
            std::fs::write(&path, cases.iter().map(line).collect::<String>()).unwrap();
            path
        };
        let all = [("m::f::a", true), ("m::f::b", true), ("m::f::c", false)];
        let heads = [file("head-1", &all), file("head-2", &all)];
        let bases = [file("base-1", &all[1..]), file("base-2", &all)];
        let mut cases = ObservedCases::default();
        for (program, files) in [(Revision::Head, &heads), (Revision::Base, &bases)] {
            for (round, path) in files.iter().enumerate() {
                cases.read(path, program, round, &mut Vec::new()).unwrap();
            }
        }
        cases.find_unseen(&[heads, bases].concat()).unwrap();
        assert_eq!(cases.count_of_both(), 1);
        assert_eq!(cases.status("m::f::b"), CaseStatus::Both);
        let others: Vec<_> = cases.into_others().map(|(name, _, status)| (name, status)).collect();
        let wanted = [("m::f::a", CaseStatus::Unstable), ("m::f::c", CaseStatus::FailingOnBoth)];
        assert_eq!(others, wanted.map(|(name, status)| (name.to_owned(), status)));
    }
}
