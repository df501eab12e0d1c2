//! The inputs that were kept.

use std::collections::{BTreeMap, BTreeSet};

use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};

use crate::numbers::NumberMap;
use crate::shapes::OUTCOME;
use crate::size::{InputSize, hash};

/// An input that was kept, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
    /// What the model did with it.
    pub(crate) features: Vec<u64>,
    /// The kinds of its outcome.
    pub(crate) kinds: Vec<u64>,
    /// The mutants that no earlier input had caught.
    pub(crate) caught: Vec<u32>,
    /// Of the mutants that it reaches and nothing catches, the one that the fewest inputs have reached.
    pub(crate) rarest: Option<u32>,
    pub(crate) size: InputSize,
}

impl Entry {
    pub(crate) fn input(&self) -> ModelInput {
        ModelInput { env: self.env.clone(), message: self.message.clone() }
    }
}

/// For how many shapes of outcomes the smallest input is kept. Outcomes with lists in lists have shapes without end,
/// which lead nowhere new and make every round longer.
const SHAPES: usize = 500;

/// What a case can be selected for, apart from mutants.
fn items(entry: &Entry) -> impl Iterator<Item = u64> {
    let code = entry.features.iter().filter(|feature| **feature & OUTCOME == 0);
    code.map(|feature| feature >> 4 << 4).chain(entry.kinds.iter().copied())
}

/// The inputs that were kept, and for what each is the best.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corpus {
    pub(crate) entries: Vec<Entry>,
    /// By feature: the smallest input.
    best: NumberMap<u64, usize>,
    /// By mutant: the first input that catches it.
    caught: NumberMap<u32, usize>,
    known: BTreeSet<u64>,
    /// How many shapes of outcomes have an input.
    shapes: usize,
    /// The pieces of code that have run, and the kinds of outcomes.
    items: BTreeSet<u64>,
}

impl Corpus {
    /// Whether an input of this size is the smallest with one of its features.
    pub(crate) fn is_smallest(&self, features: &[u64], size: InputSize) -> bool {
        features.iter().any(|feature| match self.best.get(feature) {
            Some(&known) => size < self.entries[known].size,
            None => feature & OUTCOME == 0 || self.shapes < SHAPES,
        })
    }

    /// Whether an input reaches new code or has a new kind of outcome.
    pub(crate) fn has_new(&self, items: &[u64]) -> bool {
        items.iter().any(|item| !self.items.contains(item))
    }

    pub(crate) fn is_caught(&self, mutant: u32) -> bool {
        self.caught.contains_key(&mutant)
    }

    /// Adds an input if it is the best for anything. Returns whether a case can be there for it: it catches a new mutant,
    /// reaches new code or has a new kind of outcome. How often code runs only leads to others. `None` if it is not
    /// added.
    pub(crate) fn add(&mut self, mut entry: Entry) -> Option<bool> {
        entry.caught.retain(|mutant| !self.caught.contains_key(mutant));
        let new: Vec<u64> = items(&entry).filter(|item| !self.items.contains(item)).collect();
        let is_new = !entry.caught.is_empty() || !new.is_empty();
        if !is_new && !self.is_smallest(&entry.features, entry.size) {
            return None;
        }
        if !self.known.insert(hash(&entry.input())) {
            return None;
        }
        let here = self.entries.len();
        for feature in &entry.features {
            match self.best.get(feature) {
                Some(&known) if entry.size >= self.entries[known].size => {}
                Some(_) => drop(self.best.insert(*feature, here)),
                None => {
                    let is_shape = feature & OUTCOME != 0;
                    if !is_shape || self.shapes < SHAPES {
                        self.shapes += usize::from(is_shape);
                        self.best.insert(*feature, here);
                    }
                }
            }
        }
        for item in new {
            self.items.insert(item);
            // Code that runs has a feature; a kind of outcome may have none any more.
            if item & OUTCOME != 0 {
                self.best.entry(item).or_insert(here);
            }
        }
        for mutant in &entry.caught {
            self.caught.insert(*mutant, here);
        }
        self.entries.push(entry);
        Some(is_new)
    }

    /// The inputs that are the best for something, the smallest first.
    pub(crate) fn pool(&self) -> Vec<ModelInput> {
        let best: BTreeSet<usize> =
            self.best.values().chain(self.caught.values()).copied().collect();
        let mut pool: Vec<&Entry> = best.into_iter().map(|at| &self.entries[at]).collect();
        pool.sort_by_key(|entry| (entry.size, hash(&entry.input())));
        pool.into_iter().map(Entry::input).collect()
    }
}
