//! Greedy cover: the input with most that is new for what it costs its reader comes next.

use std::collections::BTreeSet;

/// What an input catches or reaches, and what it costs its reader.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidate {
    pub(crate) items: BTreeSet<u64>,
    pub(crate) cost: u64,
}

/// The chosen candidates, at most this many, each with the items that it is chosen for.
pub(crate) fn cover(
    candidates: &[Candidate],
    covered: &BTreeSet<u64>,
    most: usize,
) -> Vec<(usize, BTreeSet<u64>)> {
    let all = candidates.iter().flat_map(|candidate| &candidate.items);
    let mut open: BTreeSet<u64> = all.filter(|item| !covered.contains(item)).copied().collect();
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    let mut chosen = Vec::new();
    while !open.is_empty() && chosen.len() < most {
        // Of equal ones the first.
        let mut best: Option<(u64, u64, usize)> = None;
        left.retain(|&at| {
            let new = candidates[at].items.iter().filter(|item| open.contains(item)).count() as u64;
            let cost = candidates[at].cost.max(1);
            if new > 0 && best.is_none_or(|(most, least, _)| new * least > most * cost) {
                best = Some((new, cost, at));
            }
            new > 0
        });
        let Some((.., at)) = best else { break };
        let new: BTreeSet<u64> = candidates[at].items.intersection(&open).copied().collect();
        open.retain(|item| !new.contains(item));
        left.retain(|&other| other != at);
        chosen.push((at, new));
    }
    chosen
}
