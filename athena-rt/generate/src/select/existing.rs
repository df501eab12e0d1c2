//! Recorded cases: they come first. One that fails now catches nothing.

use std::collections::BTreeMap;

use athena_cases::case::CaseOutcome;
use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};

use crate::subject::Subject;

/// A recorded case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ExistingCase {
    /// Its name: `model id::case`.
    pub(crate) name: String,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
    /// `None` if the case has no outcome that can be read.
    pub(crate) outcome: Option<CaseOutcome>,
}

impl ExistingCase {
    pub(crate) fn input(&self) -> ModelInput {
        ModelInput { env: self.env.clone(), message: self.message.clone() }
    }

    /// Whether it fails without a mutant, as in a replay.
    pub(crate) fn fails(&self, subject: &mut impl Subject) -> bool {
        let input = self.input();
        let Some(recorded) = &self.outcome else { return true };
        if !subject.is_valid(&input) {
            return true;
        }
        let now = subject.observe(&input).result;
        now.is_err() || now.is_ok_and(|now| !subject.is_equal(recorded, &now))
    }
}
