//! A model for tests, without a process.

use athena_cases::case::CaseOutcome;
use athena_shrink::ModelInput;
use serde_json::{Value, json};

use crate::shapes::OUTCOME;
use crate::subject::{Observation, Subject};

/// Says whether `n` is negative, small, or large; panics at -7. Its mutants differ at 10, from 1,000, and
/// below 0; one is reached and differs from 1,000 on.
#[derive(Debug, Default)]
pub(crate) struct FakeSubject {
    pub(crate) runs: u64,
    /// Runs that have ended a process: a mutant, or 0, with an `n`.
    pub(crate) fatal: Vec<(u32, i64)>,
    /// Whether each `n` has an outcome of its own kind.
    pub(crate) has_kinds: bool,
    /// Mutants that run on and on.
    pub(crate) endless: Vec<u32>,
    /// Their runs.
    pub(crate) endless_runs: u64,
    /// The milliseconds of a run.
    pub(crate) slowness: u64,
    /// Runs of a fatal mutant with other inputs.
    pub(crate) risked: Vec<(u32, i64)>,
}

pub(crate) fn input_of(message: Value) -> ModelInput {
    ModelInput { message, ..ModelInput::default() }
}

fn n(input: &ModelInput) -> i64 {
    input.message["n"].as_i64().unwrap_or(0)
}

fn classify(n: i64, mutant: u32) -> &'static str {
    match n {
        n if n < 0 && mutant != 3 => "negative",
        n if n < if mutant == 1 { 5_000 } else { 10 } => "small",
        n if n < 1_000 || mutant == 2 => "middle",
        _ if mutant == 4 => "huge",
        _ => "large",
    }
}

impl FakeSubject {
    pub(crate) fn outcome(n: i64, mutant: u32) -> CaseOutcome {
        let message = format!("{{\"class\":\"{}\"}}", classify(n, mutant));
        CaseOutcome { messages: vec![message], ..CaseOutcome::empty() }
    }
}

impl Subject for FakeSubject {
    fn is_valid(&mut self, input: &ModelInput) -> bool {
        input.message["n"].is_i64() && !self.was_ended_by(0, input)
    }

    fn fatal_reason(&self, input: &ModelInput) -> Option<String> {
        self.was_ended_by(0, input).then(|| "the process ended".to_owned())
    }

    fn is_fatal_mutant(&self, mutant: u32) -> bool {
        self.fatal.iter().any(|(known, _)| *known == mutant)
    }

    fn is_endless_mutant(&self, mutant: u32) -> bool {
        self.endless.contains(&mutant)
    }

    fn was_ended_by(&self, mutant: u32, input: &ModelInput) -> bool {
        self.fatal.iter().any(|known| *known == (mutant, n(input)))
    }

    fn observe(&mut self, input: &ModelInput) -> Observation {
        self.runs += 1;
        let n = n(input);
        let result = match n {
            -7 => Err("the model panicked: seven, at a.rs:1".to_owned()),
            n => Ok(Self::outcome(n, 0)),
        };
        let feature = match n {
            n if n < 0 => 1,
            n if n < 10 => 2,
            n if n < 1_000 => 3,
            _ => 4,
        };
        let mutants = match n {
            n if n < 0 => vec![3],
            n if n < 1_000 => vec![1, 2, 3],
            _ => vec![1, 2, 3, 4],
        };
        Observation {
            result,
            features: vec![feature],
            key: feature,
            items: if self.has_kinds { vec![OUTCOME | n.unsigned_abs()] } else { vec![] },
            mutants,
            cost: 1,
            fuel: 0,
            millis: 0,
        }
    }

    fn is_equal(&self, recorded: &CaseOutcome, now: &CaseOutcome) -> bool {
        recorded == now
    }

    fn keeps_state(&self) -> bool {
        false
    }

    fn millis(&self) -> u64 {
        self.runs * self.slowness
    }

    fn leaves_threads(&self) -> bool {
        false
    }

    fn catches(&mut self, mutant: u32, input: &ModelInput, seen: &Observation) -> bool {
        self.runs += 1;
        let n = n(input);
        if self.is_fatal_mutant(mutant) && !self.was_ended_by(mutant, input) {
            self.risked.push((mutant, n));
        }
        self.endless_runs += u64::from(self.endless.contains(&mutant));
        seen.result.as_ref().is_ok_and(|outcome| *outcome != Self::outcome(n, mutant))
    }
}

/// The type of its messages.
pub(crate) fn described() -> athena_structure::description::TypeDescription {
    use athena_structure::description::{Field, Shape, StructureShape, TypeDescription};
    TypeDescription::new(|shapes| {
        shapes.structure("fake", |_| StructureShape {
            name: "Fake",
            docs: "",
            open: false,
            reserved: &[],
            reserved_names: &[],
            fields: vec![
                Field::new("n", 1, Shape::Int { bits: 64, signed: true }).required(true),
                Field::new("text", 2, Shape::Text).default(json!("")),
            ],
        })
    })
}
