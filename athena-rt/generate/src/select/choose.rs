//! Existing cases first, at no cost; then a cover of the rest; each chosen input is shrunk, and the shrunk
//! ones are covered again.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use athena_cases::case::CaseOutcome;
use athena_shrink::{ModelInput, ShrinkSettings, Variants, shrink};
use serde::{Deserialize, Serialize};

use super::cover::{Candidate, cover};
use crate::search::Finding;
use crate::shapes::OUTCOME;
use crate::size::{InputSize, hash};
use crate::subject::{Observation, Subject};

/// How many inputs are looked for that catch a mutant. Without a bound a slow model takes minutes.
const WITNESSES: usize = 8;

/// The inputs that are tried to make one smaller.
const STEPS: usize = 400;

/// How many cases may be chosen for the kind of their outcome alone.
const KINDS: usize = 20;

/// The mutants among the items of a cover.
const MUTANT: u64 = 1 << 62;

/// What is selected from.
#[derive(Clone, Debug, Default)]
pub(crate) struct SelectionPlan {
    /// Inputs of cases that were not generated for this suite.
    pub(crate) fixed: Vec<ModelInput>,
    /// Inputs of the cases of this suite.
    pub(crate) recorded: Vec<ModelInput>,
    /// Inputs that the search has kept.
    pub(crate) pool: Vec<ModelInput>,
    /// Inputs without an outcome.
    pub(crate) findings: Vec<Finding>,
    /// The most new cases.
    pub(crate) most: usize,
}

/// A chosen input.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Choice {
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
    pub(crate) outcome: CaseOutcome,
    /// The mutant that the fewest others catch. `None` if it is chosen for what it reaches.
    pub(crate) catches: Option<u32>,
    /// The site that it is chosen for. `None` if it is chosen for a mutant, or for its outcome only.
    pub(crate) reaches: Option<u32>,
}

impl Choice {
    pub(crate) fn input(&self) -> ModelInput {
        ModelInput { env: self.env.clone(), message: self.message.clone() }
    }
}

/// What was selected.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Selection {
    pub(crate) chosen: Vec<Choice>,
    /// The recorded inputs that catch and reach nothing that others do not, by index.
    pub(crate) unneeded: Vec<usize>,
    pub(crate) reached: BTreeSet<u32>,
    pub(crate) caught: BTreeSet<u32>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) runs: u64,
}

/// Selects from the inputs that were kept. Inputs for which `is_rejected` are never chosen.
pub(crate) fn select<S: Subject>(
    subject: &mut S,
    plan: SelectionPlan,
    variants: &Variants,
    is_rejected: &dyn Fn(&S, &ModelInput) -> bool,
) -> Selection {
    let mut judge = Judge {
        subject,
        witnesses: BTreeMap::new(),
        risked: BTreeSet::new(),
        confirmed: BTreeSet::new(),
        selection: Selection::default(),
    };
    let mut covered = BTreeSet::new();
    for input in &plan.fixed {
        if let Some((candidate, _)) = judge.judge(input, &covered, 1, Risk::Once) {
            covered.extend(candidate.items);
        }
    }
    judge.witnesses.clear();
    let recorded: Vec<Candidate> = plan
        .recorded
        .iter()
        .map(|input| {
            let judged = judge.judge(input, &covered, WITNESSES, Risk::Once);
            judged.map(|it| it.0).unwrap_or_default()
        })
        .collect();
    let needed = cover(&recorded, &covered, usize::MAX);
    let recorded_kinds = needed.iter().filter(|(_, needs)| is_kind(needs)).count();
    let needed: BTreeSet<usize> = needed.into_iter().map(|(at, _)| at).collect();
    judge.selection.unneeded = (0..recorded.len()).filter(|at| !needed.contains(at)).collect();
    covered.extend(recorded.iter().flat_map(|candidate| candidate.items.iter().copied()));
    judge.witnesses.clear();
    let mut pool = plan.pool;
    pool.retain(|input| !is_rejected(judge.subject, input));
    let chosen = judge.cover(&pool, &covered, plan.most);
    let mut small: Vec<ModelInput> = Vec::new();
    for (at, needs, _) in chosen {
        let shrunk = judge.shrink(&pool[at], &needs, variants, is_rejected);
        if !small.contains(&shrunk) {
            small.push(shrunk);
        }
    }
    judge.witnesses.clear();
    let mut chosen = judge.cover(&small, &covered, plan.most);
    let mut left = kinds_left(recorded_kinds, !judge.selection.reached.is_empty());
    chosen.retain(|(_, needs, _)| {
        let is_kept = !is_kind(needs) || left > 0;
        left = left.saturating_sub(usize::from(is_kind(needs)));
        is_kept
    });
    let mutants = |items: &BTreeSet<u64>| -> Vec<u32> {
        let mutants = items.iter().filter(|item| is_mutant(**item));
        mutants.filter_map(|item| u32::try_from(item - MUTANT).ok()).collect()
    };
    judge.selection.caught = mutants(&covered).into_iter().collect();
    for (at, needs, seen) in chosen {
        judge.selection.caught.extend(mutants(&needs));
        let Ok(outcome) = seen.result else { continue };
        let caught = needs.iter().filter(|item| is_mutant(**item));
        let rarest = caught.min_by_key(|item| (judge.witnesses.get(item).copied(), **item));
        let site = needs.iter().find(|item| **item < MUTANT);
        let ModelInput { env, message } = small[at].clone();
        judge.selection.chosen.push(Choice {
            env,
            message,
            outcome,
            catches: rarest.and_then(|item| u32::try_from(item - MUTANT).ok()),
            reaches: site.and_then(|item| u32::try_from(item >> 4).ok()),
        });
    }
    for finding in plan.findings {
        judge.shrink_finding(finding, variants).add_to(&mut judge.selection.findings);
    }
    judge.selection
}

/// Whether an input is there for nothing but the kind of its outcome.
fn is_kind(needs: &BTreeSet<u64>) -> bool {
    needs.iter().all(|item| item & OUTCOME != 0)
}

/// How many more cases may be there for the kind of their outcome alone: errors may have very many texts. Where no
/// code has mutants, kinds are all that there is.
fn kinds_left(recorded: usize, has_mutants: bool) -> usize {
    match recorded {
        _ if !has_mutants => usize::MAX,
        0 => KINDS,
        // A second run does not add what the first has left out.
        known => (KINDS / 2).saturating_sub(known),
    }
}

fn is_mutant(item: u64) -> bool {
    item & (MUTANT << 1) == 0 && item & MUTANT != 0
}

/// How often a mutant that has ended a process is run with another input: each run may end another.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Risk {
    /// Until one has ended it too. So an existing case is known to catch it.
    Once,
    Never,
}

struct Judge<'s, S> {
    subject: &'s mut S,
    /// By item: how many inputs catch or reach it.
    witnesses: BTreeMap<u64, usize>,
    /// Mutants that have ended a process with the input of an existing case.
    risked: BTreeSet<u32>,
    /// Such mutants that a shrunk input catches, with its hash.
    confirmed: BTreeSet<(u32, u64)>,
    selection: Selection,
}

impl<S: Subject> Judge<'_, S> {
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

    fn cover(
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
    fn shrink(
        &mut self,
        input: &ModelInput,
        needs: &BTreeSet<u64>,
        variants: &Variants,
        is_rejected: &dyn Fn(&S, &ModelInput) -> bool,
    ) -> ModelInput {
        let fatal: Vec<u32> = needs
            .iter()
            .filter(|item| is_mutant(**item))
            .filter_map(|item| u32::try_from(item - MUTANT).ok())
            .filter(|mutant| self.subject.is_fatal_mutant(*mutant))
            .collect();
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
                // One that ends processes does so probably wherever its code runs: it is asked at the end.
                let is_caught = |subject: &mut S| {
                    fatal.contains(&mutant) || subject.catches(mutant, smaller, &seen)
                };
                seen.mutants.contains(&mutant) && is_caught(self.subject)
            })
        };
        let small = smallest(input, variants, &mut does);
        if fatal.is_empty() || small == *input {
            return small;
        }
        let seen = self.subject.observe(&small);
        let is_confirmed = fatal.iter().all(|mutant| self.subject.catches(*mutant, &small, &seen));
        if !is_confirmed {
            return input.clone();
        }
        self.confirmed.extend(fatal.into_iter().map(|mutant| (mutant, hash(&small))));
        small
    }

    /// A smaller input with the same finding. What ends its process is not repeated.
    fn shrink_finding(&mut self, finding: Finding, variants: &Variants) -> Finding {
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
