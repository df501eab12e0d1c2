//! What inputs catch and reach, and smaller inputs that do the same.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use athena_cases::case::CaseOutcome;
use athena_shrink::{ModelInput, ShrinkSettings, Variants, shrink};

use super::cover::{Candidate, cover};
use super::existing::ExistingCase;
use super::selection::Selection;
use crate::search::Finding;
use crate::size::{InputSize, hash};
use crate::subject::{Observation, Subject};

/// How many inputs are looked for that catch a mutant. Without a bound a slow model takes minutes.
pub(super) const WITNESSES: usize = 8;

/// The inputs that are tried to make one smaller.
const STEPS: usize = 400;

/// The bit that the items of a cover have if they are mutants.
pub(super) const MUTANT: u64 = 1 << 62;

/// The mutants among the items of a cover.
pub(super) fn mutants(items: &BTreeSet<u64>) -> Vec<u32> {
    let mutants = items.iter().filter(|item| is_mutant(**item));
    mutants.filter_map(|item| u32::try_from(item - MUTANT).ok()).collect()
}

pub(super) fn is_mutant(item: u64) -> bool {
    item & (MUTANT << 1) == 0 && item & MUTANT != 0
}

/// How often a mutant that has ended a process is run with another input: each run may end another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Risk {
    /// Until one has ended it too. So an existing case is known to catch it.
    Once,
    Never,
}

pub(super) struct Judge<'s, S> {
    pub(super) subject: &'s mut S,
    /// By item: how many inputs catch or reach it.
    pub(super) witnesses: BTreeMap<u64, usize>,
    /// Mutants that have ended a process with the input of an existing case.
    risked: BTreeSet<u32>,
    /// Such mutants that a shrunk input catches, with its hash.
    confirmed: BTreeSet<(u32, u64)>,
    pub(super) selection: Selection,
}

impl<'s, S: Subject> Judge<'s, S> {
    pub(super) fn new(subject: &'s mut S) -> Self {
        Self {
            subject,
            witnesses: BTreeMap::new(),
            risked: BTreeSet::new(),
            confirmed: BTreeSet::new(),
            selection: Selection::default(),
        }
    }

    /// What an input has, apart from what is covered. Mutants with enough witnesses are not run.
    fn judge(
        &mut self,
        input: &ModelInput,
        covered: &BTreeSet<u64>,
        witnesses: usize,
        risk: Risk,
    ) -> Option<(Candidate, Observation)> {
        if let Some(reason) = self.subject.fatal_reason(input) {
            Finding::new(input, reason).add_to(&mut self.selection.findings);
        }
        if !self.subject.is_valid(input) {
            return None;
        }
        let seen = self.subject.observe(input);
        self.selection.runs += seen.cost;
        let outcome = seen.result.as_ref().ok()?;
        let shown: usize = outcome.messages.iter().map(String::len).sum();
        // A large outcome is read too.
        let cost = InputSize::new(input).cost() + shown as u64 / 32;
        let mut items: BTreeSet<u64> =
            seen.items.iter().filter(|item| !covered.contains(item)).copied().collect();
        for &mutant in &seen.mutants {
            self.selection.reached.insert(mutant);
            let item = MUTANT + u64::from(mutant);
            let known = self.witnesses.get(&item).copied().unwrap_or(0);
            if covered.contains(&item) || known >= witnesses {
                continue;
            }
            let is_fatal = self.subject.is_fatal_mutant(mutant);
            let is_known = is_fatal
                && (self.subject.was_ended_by(mutant, input)
                    || self.confirmed.contains(&(mutant, hash(input))));
            if is_fatal && !is_known && (risk == Risk::Never || self.risked.contains(&mutant)) {
                continue;
            }
            if is_known {
                self.risked.insert(mutant);
            }
            self.selection.runs += seen.cost;
            if self.subject.catches(mutant, input, &seen) {
                items.insert(item);
            }
        }
        for item in &items {
            *self.witnesses.entry(*item).or_default() += 1;
        }
        Some((Candidate { items, cost }, seen))
    }

    /// The cases that pass, and those that fail without a mutant.
    pub(super) fn split(
        &mut self,
        cases: Vec<ExistingCase>,
    ) -> (Vec<ExistingCase>, Vec<ExistingCase>) {
        cases.into_iter().partition(|case| !case.fails(self.subject))
    }

    /// Whether the model has the same outcome again.
    pub(super) fn repeats(&mut self, input: &ModelInput, outcome: &CaseOutcome) -> bool {
        let again = self.subject.observe(input);
        self.selection.runs += again.cost;
        again.result.is_ok_and(|now| self.subject.is_equal(outcome, &now))
    }

    /// What an existing case has, apart from what is covered.
    pub(super) fn existing(
        &mut self,
        case: &ExistingCase,
        covered: &BTreeSet<u64>,
        witnesses: usize,
    ) -> Candidate {
        let judged = self.judge(&case.input(), covered, witnesses, Risk::Once);
        judged.map(|(candidate, _)| candidate).unwrap_or_default()
    }

    pub(super) fn cover(
        &mut self,
        inputs: &[ModelInput],
        covered: &BTreeSet<u64>,
        most: usize,
    ) -> Vec<(usize, BTreeSet<u64>, Observation)> {
        let mut judged = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            if let Some((candidate, seen)) = self.judge(input, covered, WITNESSES, Risk::Never) {
                judged.push((at, candidate, seen));
            }
        }
        let candidates: Vec<Candidate> = judged.iter().map(|it| it.1.clone()).collect();
        let chosen = cover(&candidates, covered, most).into_iter();
        chosen.map(|(at, needs)| (judged[at].0, needs, judged[at].2.clone())).collect()
    }

    /// A smaller input that has what this one is needed for.
    pub(super) fn shrink(
        &mut self,
        input: &ModelInput,
        needs: &BTreeSet<u64>,
        variants: &Variants,
        is_rejected: &dyn Fn(&S, &ModelInput) -> bool,
    ) -> ModelInput {
        let mut fatal = mutants(needs);
        fatal.retain(|mutant| self.subject.is_fatal_mutant(*mutant));
        let mut endless = mutants(needs);
        endless.retain(|mutant| self.subject.is_endless_mutant(*mutant));
        let late: Vec<u32> = endless.iter().chain(&fatal).copied().collect();
        let small = self.shrink_with(input, needs, &late, variants, is_rejected);
        if late.is_empty() || small == *input {
            return small;
        }
        let seen = self.subject.observe(&small);
        let is_confirmed = late.iter().all(|mutant| self.subject.catches(*mutant, &small, &seen));
        if is_confirmed {
            self.confirmed.extend(fatal.into_iter().map(|mutant| (mutant, hash(&small))));
            return small;
        }
        if fatal.is_empty() {
            return self.shrink_with(input, needs, &[], variants, is_rejected);
        }
        input.clone()
    }

    /// The same without a run of the mutants in `late`: each of their runs is expensive, and what catches them does so
    /// probably wherever their code runs. They are asked at the end.
    fn shrink_with(
        &mut self,
        input: &ModelInput,
        needs: &BTreeSet<u64>,
        late: &[u32],
        variants: &Variants,
        is_rejected: &dyn Fn(&S, &ModelInput) -> bool,
    ) -> ModelInput {
        let mut does = |smaller: &ModelInput| {
            if is_rejected(self.subject, smaller) || !self.subject.is_valid(smaller) {
                return false;
            }
            let seen = self.subject.observe(smaller);
            self.selection.runs += seen.cost;
            let (mutants, items): (Vec<u64>, Vec<u64>) =
                needs.iter().copied().partition(|item| is_mutant(*item));
            if seen.result.is_err() || items.iter().any(|item| !seen.items.contains(item)) {
                return false;
            }
            mutants.iter().all(|item| {
                self.selection.runs += seen.cost;
                let mutant = u32::try_from(item - MUTANT).unwrap_or_default();
                let is_caught = |subject: &mut S| {
                    late.contains(&mutant) || subject.catches(mutant, smaller, &seen)
                };
                seen.mutants.contains(&mutant) && is_caught(self.subject)
            })
        };
        smallest(input, variants, &mut does)
    }

    /// A smaller input with the same finding. What ends its process is not repeated.
    pub(super) fn shrink_finding(&mut self, finding: Finding, variants: &Variants) -> Finding {
        let start = finding.input();
        if !self.subject.is_valid(&start) {
            return finding;
        }
        let mut reason = finding.reason.clone();
        let mut does = |smaller: &ModelInput| {
            if !self.subject.is_valid(smaller) {
                return false;
            }
            let seen = self.subject.observe(smaller);
            let Err(now) = seen.result else { return false };
            let is_same = Finding::new(smaller, now.clone()).place() == finding.place();
            if is_same {
                reason = now;
            }
            is_same
        };
        let small = smallest(&start, variants, &mut does);
        Finding::new(&small, reason)
    }
}

fn smallest(
    start: &ModelInput,
    variants: &Variants,
    does: &mut dyn FnMut(&ModelInput) -> bool,
) -> ModelInput {
    let settings = ShrinkSettings { variants: variants.clone(), budget: STEPS, batch: 1 };
    let check = |inputs: &[ModelInput]| -> Result<Vec<bool>, Infallible> {
        Ok(inputs.iter().map(&mut *does).collect())
    };
    match shrink(start, &settings, check) {
        Ok(shrunk) => shrunk.input,
        Err(never) => match never {},
    }
}
