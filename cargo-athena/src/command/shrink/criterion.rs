//! The effect that a smaller input must keep, and the check for it.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use athena_protocol::{Compare, Entry, Failure, FailureKind, Test, Verb};
use tempfile::TempDir;

use super::baseline::BaselineProgram;
use super::find_case::RecordedCase;
use super::program::{InputOutcome, ModelProgram, ObservedInputs};
use crate::error::{Error, Result};
use crate::report::places;
use crate::runner_results::read_entries;
use crate::scratch::temporary_folder;
use athena_shrink::ModelInput;

/// The effect of an input.
pub(super) enum Criterion {
    Fails(Box<Failure>),
    /// The outcome differs from that of the base.
    Differs(Box<Failure>),
}

/// The effect of an input that was tried alone.
pub(super) enum FinalOutcome {
    /// The outcomes are equal, or there is an outcome and no base.
    Same,
    /// The model has no outcome.
    Failed(Box<Failure>),
    /// The outcomes differ.
    Differs(Box<Failure>),
}

/// Runs inputs in one or two programs.
pub(super) struct Evaluator {
    pub(super) head: ModelProgram,
    pub(super) base: Option<BaselineProgram>,
    limits: Test,
    folder: TempDir,
}

impl Criterion {
    pub(super) fn failure(&self) -> &Failure {
        match self {
            Self::Fails(failure) | Self::Differs(failure) => failure,
        }
    }

    /// Whether each failing input uses up the whole timeout.
    pub(super) fn is_slow(&self) -> bool {
        self.failure().kind == FailureKind::TimedOut
    }

    /// Whether an outcome has this effect.
    pub(super) fn is(&self, last: &FinalOutcome) -> bool {
        match (self, last) {
            (Self::Fails(first), FinalOutcome::Failed(now)) => is_same_way(first, now),
            (Self::Differs(first), FinalOutcome::Differs(now)) => is_same_place(first, now),
            _ => false,
        }
    }
}

impl Evaluator {
    pub(super) fn new(head: ModelProgram, limits: Test) -> Result<Self> {
        Ok(Self { head, base: None, limits, folder: temporary_folder()? })
    }

    /// A temporary folder.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets the base to compare with.
    pub(super) fn against(&mut self, base: BaselineProgram) {
        self.base = Some(base);
    }

    /// The failure of an input. `None` if the model has an outcome.
    pub(super) fn fails(&self, input: &ModelInput) -> Result<Option<Criterion>> {
        let mut observed = self.observe(&self.head, std::slice::from_ref(input), "head")?;
        Ok(match observed.seen.pop() {
            Some(InputOutcome::Failed(failure)) => Some(Criterion::Fails(failure)),
            _ => None,
        })
    }

    /// The difference between the outcomes.
    ///
    /// # Errors
    ///
    /// The outcomes are equal, or the base has none.
    pub(super) fn differs(&self, input: &ModelInput, case: &str) -> Result<Criterion> {
        let Some(BaselineProgram { side: base, name, .. }) = &self.base else {
            return Err(Error::usage("no base to compare with"));
        };
        let observed = self.observe(base, std::slice::from_ref(input), "base")?;
        if let Some(InputOutcome::Failed(failure)) = observed.seen.first() {
            return Err(Error::failure(format!("{case} has an outcome here but not on {name}"))
                .cause(failure.reason.lines().next().unwrap_or_default()));
        }
        match self.look(input)? {
            FinalOutcome::Differs(failure) => Ok(Criterion::Differs(failure)),
            _ => Err(Error::failure(format!(
                "{case} does not fail: its outcome is the same as on {name}"
            ))),
        }
    }

    /// Whether a case has its recorded outcome.
    pub(super) fn is_as_recorded(&self, case: &RecordedCase) -> Result<bool> {
        let request = Test {
            models: Some(vec![case.model.clone()]),
            filters: vec![case.name.clone()],
            exact: true,
            report: Some(self.folder().join("recorded.jsonl")),
            ..self.limits.clone()
        };
        let fixtures = self.head.session.fixtures();
        self.head.ask(fixtures, Verb::Observe(request.clone()))?;
        let report = self.folder().join("compared.jsonl");
        let compare = Compare {
            new: request.report.unwrap_or_default(),
            report: report.clone(),
            ..Compare::default()
        };
        self.head.ask(fixtures, Verb::Compare(compare))?;
        for entry in read_entries(&report)? {
            if matches!(entry?, Entry::Passed(_)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Runs one input.
    pub(super) fn look(&self, input: &ModelInput) -> Result<FinalOutcome> {
        let inputs = std::slice::from_ref(input);
        let mut head = self.observe(&self.head, inputs, "head")?;
        if let (1, Some(InputOutcome::Failed(failure))) = (head.seen.len(), head.seen.pop()) {
            return Ok(FinalOutcome::Failed(failure));
        }
        head.seen.push(InputOutcome::Outcome);
        let Some(base) = &self.base else { return Ok(FinalOutcome::Same) };
        let base = self.observe(&base.side, inputs, "base")?;
        let found = self.head.compare(&base, &head, self.folder())?.remove(&0);
        Ok(found.map_or(FinalOutcome::Same, |failure| FinalOutcome::Differs(Box::new(failure))))
    }

    /// Whether each input has the effect.
    pub(super) fn judge(&self, inputs: &[ModelInput], target: &Criterion) -> Result<Vec<bool>> {
        let head = self.observe(&self.head, inputs, "head")?;
        match (target, &self.base) {
            (Criterion::Fails(first), _) => {
                let is_same = |seen: &InputOutcome| match seen {
                    InputOutcome::Failed(now) => is_same_way(first, now),
                    InputOutcome::Outcome => false,
                };
                Ok(head.seen.iter().map(is_same).collect())
            }
            (Criterion::Differs(first), Some(base)) => {
                let base = self.observe(&base.side, inputs, "base")?;
                let differ = self.head.compare(&base, &head, self.folder())?;
                let is_same =
                    |at: usize| differ.get(&at).is_some_and(|now| is_same_place(first, now));
                Ok((0..inputs.len()).map(is_same).collect())
            }
            (Criterion::Differs(_), None) => Ok(vec![false; inputs.len()]),
        }
    }

    fn observe(
        &self,
        side: &ModelProgram,
        inputs: &[ModelInput],
        name: &str,
    ) -> Result<ObservedInputs> {
        side.observe(inputs, &self.limits, self.folder(), name)
    }
}

/// Whether two failures have the same reason, ignoring numbers.
fn is_same_way(one: &Failure, other: &Failure) -> bool {
    one.kind == other.kind && places(one) == places(other)
}

/// Whether two differences share a place.
fn is_same_place(one: &Failure, other: &Failure) -> bool {
    let known: BTreeSet<Cow<'_, str>> = places(one);
    places(other).iter().any(|place| known.contains(place))
}
