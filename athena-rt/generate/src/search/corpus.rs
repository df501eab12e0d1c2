//! The inputs that were kept.

use std::collections::{BTreeMap, BTreeSet};

use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};

use crate::numbers::NumberMap;
use crate::size::{InputSize, hash};

/// An input that was kept, and why.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
    /// What the model did with it.
    pub(crate) features: Vec<u64>,
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

/// The inputs that were kept, and for what each is the best.
#[derive(Clone, Debug, Default)]
pub(crate) struct Corpus {
    pub(crate) entries: Vec<Entry>,
    /// By feature: the smallest input.
    best: NumberMap<u64, usize>,
    /// By mutant: the first input that catches it.
    caught: NumberMap<u32, usize>,
    known: BTreeSet<u64>,
}

impl Corpus {
    /// Whether an input of this size is the smallest with one of its features.
    pub(crate) fn is_smallest(&self, features: &[u64], size: InputSize) -> bool {
        features.iter().any(|feature| {
            self.best.get(feature).is_none_or(|&known| size < self.entries[known].size)
        })
    }

    /// Whether a feature of an input is new.
    pub(crate) fn has_new(&self, features: &[u64]) -> bool {
        features.iter().any(|feature| !self.best.contains_key(feature))
    }

    pub(crate) fn is_caught(&self, mutant: u32) -> bool {
        self.caught.contains_key(&mutant)
    }

    /// Adds an input if it is the best for anything. Returns whether it has a new feature or catches a new
    /// mutant; `None` if it is not added.
    pub(crate) fn add(&mut self, mut entry: Entry) -> Option<bool> {
        entry.caught.retain(|mutant| !self.caught.contains_key(mutant));
        let is_new = !entry.caught.is_empty() || self.has_new(&entry.features);
        if !is_new && !self.is_smallest(&entry.features, entry.size) {
            return None;
        }
        if !self.known.insert(hash(&entry.input())) {
            return None;
        }
        let here = self.entries.len();
        for feature in &entry.features {
            let is_best =
                self.best.get(feature).is_none_or(|&known| entry.size < self.entries[known].size);
            if is_best {
                self.best.insert(*feature, here);
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
