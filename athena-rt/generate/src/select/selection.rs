//! What is selected from, and what was selected.

use std::collections::{BTreeMap, BTreeSet};

use athena_cases::case::CaseOutcome;
use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};

use super::existing::ExistingCase;
use crate::search::Finding;

/// What is selected from.
#[derive(Clone, Debug, Default)]
pub(crate) struct SelectionPlan {
    /// Cases that were not generated for this suite.
    pub(crate) fixed: Vec<ExistingCase>,
    /// Generated cases of this suite.
    pub(crate) recorded: Vec<ExistingCase>,
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
    /// The names of recorded cases that catch and reach nothing that others do not.
    pub(crate) unneeded: Vec<String>,
    /// The names of the cases that fail without a mutant.
    pub(crate) failing: Vec<String>,
    pub(crate) reached: BTreeSet<u32>,
    pub(crate) caught: BTreeSet<u32>,
    pub(crate) findings: Vec<Finding>,
    /// Whether a run differed from another of the same input.
    pub(crate) keeps_state: bool,
    /// Whether threads of the model outlive its calls.
    pub(crate) leaves_threads: bool,
    pub(crate) runs: u64,
}
