//! Greedy cover: the input with most that is new for what it costs its reader comes next.

use std::cmp::Ordering;
use std::collections::{BTreeSet, BinaryHeap, HashSet};

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
    let mut covered: HashSet<u64> = covered.iter().copied().collect();
    let offer = |at: usize, items: Vec<u64>| {
        let cost = candidates[at].cost.max(1);
        (!items.is_empty()).then_some(Offer { items, cost, at })
    };
    let open = |items: &BTreeSet<u64>| {
        items.iter().filter(|item| !covered.contains(item)).copied().collect::<Vec<u64>>()
    };
    let all = candidates.iter().enumerate();
    let mut offers: BinaryHeap<Offer> =
        all.filter_map(|(at, candidate)| offer(at, open(&candidate.items))).collect();
    let mut chosen = Vec::new();
    while chosen.len() < most {
        let Some(Offer { mut items, at, .. }) = offers.pop() else { break };
        let before = items.len();
        items.retain(|item| !covered.contains(item));
        // What an offer brings only gets less: one that brings what it did is the best of all.
        if items.len() < before {
            offers.extend(offer(at, items));
            continue;
        }
        covered.extend(&items);
        chosen.push((at, items.into_iter().collect()));
    }
    chosen
}

/// A candidate with what was new in it when it was last looked at. The greatest has most for its cost; of equal ones
/// the first.
struct Offer {
    items: Vec<u64>,
    cost: u64,
    at: usize,
}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        let value = |mine: &Self, other: &Self| mine.items.len() as u64 * other.cost;
        value(self, other).cmp(&value(other, self)).then(other.at.cmp(&self.at))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Offer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Offer {}
