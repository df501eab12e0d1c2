//! Existing cases first, at no cost; then a cover of the rest; each chosen input is shrunk, and the shrunk
//! ones are covered again.

use std::collections::BTreeSet;

use athena_shrink::{ModelInput, Variants};

use super::cover::{Candidate, cover};
use super::judge::{Judge, MUTANT, WITNESSES, is_mutant, mutants};
use super::selection::{Choice, Selection, SelectionPlan};
use crate::shapes::OUTCOME;
use crate::size::hash;
use crate::subject::Subject;

/// How many cases may be chosen for the kind of their outcome alone.
const KINDS: usize = 20;

/// Selects from the inputs that were kept. Inputs for which `is_rejected` are never chosen.
pub(crate) fn select<S: Subject>(
    subject: &mut S,
    plan: SelectionPlan,
    variants: &Variants,
    is_rejected: &dyn Fn(&S, &ModelInput) -> bool,
) -> Selection {
    let mut judge = Judge::new(subject);
    let (fixed, failing) = judge.split(plan.fixed);
    let mut covered = BTreeSet::new();
    for case in &fixed {
        covered.extend(judge.existing(case, &covered, 1).items);
    }
    // What ends its process or has no outcome is a finding.
    for case in &failing {
        judge.existing(case, &covered, 0);
    }
    judge.witnesses.clear();
    let (passing, held) = judge.split(plan.recorded);
    let recorded: Vec<Candidate> =
        passing.iter().map(|case| judge.existing(case, &covered, WITNESSES)).collect();
    let needed = cover(&recorded, &covered, usize::MAX);
    let mut recorded_kinds = needed.iter().filter(|(_, needs)| is_kind(needs)).count();
    let needed: BTreeSet<usize> = needed.into_iter().map(|(at, _)| at).collect();
    let unneeded = passing.iter().enumerate().filter(|(at, _)| !needed.contains(at));
    judge.selection.unneeded = unneeded.map(|(_, case)| case.name.clone()).collect();
    covered.extend(recorded.iter().flat_map(|candidate| candidate.items.iter().copied()));
    judge.selection.caught = mutants(&covered).into_iter().collect();
    judge.witnesses.clear();
    // A generated case that fails catches nothing, and keeps its place: recorded again, it catches what it did. A
    // second case for the same would be one too many.
    for case in &held {
        let items = judge.existing(case, &covered, 1).items;
        recorded_kinds += usize::from(!items.is_empty() && is_kind(&items));
        covered.extend(items);
    }
    judge.witnesses.clear();
    let taken: BTreeSet<u64> = failing.iter().map(|case| hash(&case.input())).collect();
    let is_rejected = |subject: &S, input: &ModelInput| {
        (!taken.is_empty() && taken.contains(&hash(input))) || is_rejected(subject, input)
    };
    let is_rejected: &dyn Fn(&S, &ModelInput) -> bool = &is_rejected;
    judge.selection.failing = failing.into_iter().chain(held).map(|case| case.name).collect();
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
    for (at, needs, seen) in chosen {
        judge.selection.caught.extend(mutants(&needs));
        let Ok(outcome) = seen.result else { continue };
        judge.selection.keeps_state |= !judge.repeats(&small[at], &outcome);
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
    judge.selection.keeps_state |= judge.subject.keeps_state();
    judge.selection.leaves_threads = judge.subject.leaves_threads();
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
