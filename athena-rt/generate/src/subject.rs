//! The model that is searched, as far as the search knows it.

use athena_cases::case::CaseOutcome;
use athena_shrink::ModelInput;

/// What a model did with an input.
#[derive(Clone, Debug)]
pub(crate) struct Observation {
    /// Its outcome, or the reason why there is none.
    pub(crate) result: Result<CaseOutcome, String>,
    /// What is worth keeping the smallest input for: how often a piece of code ran, the shape of the outcome.
    pub(crate) features: Vec<u64>,
    /// A hash of the features, on which the mutants depend as well.
    pub(crate) key: u64,
    /// What a case is selected for, apart from mutants: a piece of code that ran, a kind of outcome.
    pub(crate) items: Vec<u64>,
    /// The mutants whose code ran.
    pub(crate) mutants: Vec<u32>,
    /// The runs that it counts as.
    pub(crate) cost: u64,
    /// How long a mutant may run.
    pub(crate) fuel: u64,
    /// How long this took, in milliseconds.
    pub(crate) millis: u64,
}

/// A model under search.
pub(crate) trait Subject {
    /// Whether the model can be called with an input at all. Without a run of it.
    fn is_valid(&mut self, input: &ModelInput) -> bool;

    /// Why a run of the model as it is has ended a process: it is not repeated.
    fn fatal_reason(&self, input: &ModelInput) -> Option<String>;

    /// Whether a mutant has ended a process with any input. Each further run of it may cost another process.
    fn is_fatal_mutant(&self, mutant: u32) -> bool;

    /// Whether a mutant has run on and on with any input until it was stopped. Each further run of it is expensive.
    fn is_endless_mutant(&self, mutant: u32) -> bool;

    /// Whether a mutant has ended a process with this input.
    fn was_ended_by(&self, mutant: u32, input: &ModelInput) -> bool;

    /// Runs the model as it is.
    fn observe(&mut self, input: &ModelInput) -> Observation;

    /// Whether a recorded outcome is equal to another, as in a replay.
    fn is_equal(&self, recorded: &CaseOutcome, now: &CaseOutcome) -> bool;

    /// Whether code that an input reaches did not run under a mutant: the model knew the outcome from an earlier call.
    fn keeps_state(&self) -> bool;

    /// The time since the start, in milliseconds, without that for which this process had no core.
    fn millis(&self) -> u64;

    /// Whether threads of the model outlive its calls.
    fn leaves_threads(&self) -> bool;

    /// Whether the outcome under a mutant differs from the one observed.
    fn catches(&mut self, mutant: u32, input: &ModelInput, seen: &Observation) -> bool;
}
