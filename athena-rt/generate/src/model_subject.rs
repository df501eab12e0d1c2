//! A model as the subject of a search, as it is or in a program with mutants.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use athena_cases::case::CaseOutcome;
use athena_core::environment::{ErasedEnv, Variables, mask_secrets, set};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_process::{Response, Responses, Watchdog};
use athena_shrink::ModelInput;
use athena_strength::verdict::{self, Mutants, Observed, Verdict};
use athena_structure::description::TypeDescription;
use serde::{Deserialize, Serialize};

use crate::shapes::OutcomeShapes;
use crate::size::hash;
use crate::subject::{Observation, Subject};
use crate::values::to_text;

/// How many sites an input may run unmutated. One that runs more is a finding.
const FUEL: u64 = 50_000_000;

/// The number of sites that count as one run.
const SITES: u64 = 200;

/// How many environments are remembered.
const ENVIRONMENTS: usize = 64;

/// The number of the response that names what runs next.
pub(crate) const NOTE: u64 = u64::MAX;

/// A run that ended its process: not to be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) input: u64,
    /// 0 for the model as it is.
    pub(crate) mutant: u32,
    pub(crate) env: std::collections::BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
}

/// A model in this process.
pub(crate) struct ModelSubject {
    entry: Entry,
    input: Option<TypeDescription>,
    shapes: OutcomeShapes,
    mutants: Option<Mutants>,
    /// The variables that every input has.
    base: Variables,
    environments: HashMap<String, Option<Rc<Environment>>>,
    prepared: Option<Rc<Prepared>>,
    fatal: HashSet<(u64, u32)>,
    responses: Option<Responses>,
    watchdog: Arc<Watchdog>,
}

/// The model under some variables.
struct Environment {
    env: ErasedEnv,
    judged: Option<verdict::Subject>,
}

/// An input that the model can be called with.
struct Prepared {
    input: ModelInput,
    text: String,
    environment: Rc<Environment>,
}

impl ModelSubject {
    /// `fatal` is not run again; with `responses` every run is reported before it begins.
    pub(crate) fn new(
        entry: &Entry,
        shapes: OutcomeShapes,
        mutants: Option<Mutants>,
        base: Variables,
        fatal: &[Note],
        (responses, watchdog): (Option<Responses>, Arc<Watchdog>),
    ) -> Self {
        let input = entry.model.input_type();
        Self {
            entry: entry.clone(),
            input: athena_structure::has_secrets(&input).then_some(input),
            shapes,
            mutants,
            base,
            environments: HashMap::new(),
            prepared: None,
            fatal: fatal.iter().map(|note| (note.input, note.mutant)).collect(),
            responses,
            watchdog,
        }
    }

    /// The message as the model is called with it: with placeholders for secrets.
    pub(crate) fn text(&self, input: &ModelInput) -> String {
        let text = to_text(&input.message);
        let redacted = self.input.as_ref().and_then(|input| athena_structure::redact(&text, input));
        redacted.unwrap_or(text)
    }

    /// The variables of an input.
    pub(crate) fn variables(&self, input: &ModelInput) -> Variables {
        let mut variables = self.base.clone();
        for (name, value) in &input.env {
            set(&mut variables, name, value);
        }
        variables
    }

    fn environment(&mut self, input: &ModelInput) -> Option<Rc<Environment>> {
        let variables = self.variables(input);
        let key = format!("{variables:?}");
        if let Some(known) = self.environments.get(&key) {
            return known.clone();
        }
        let masked = mask_secrets(&self.entry.model.variables(), &variables);
        let judged =
            self.mutants.as_ref().map(|_| verdict::Subject::new(self.entry.clone(), &variables));
        let environment = match (self.entry.model.read_env(masked), judged.transpose()) {
            (Ok(env), Ok(judged)) => Some(Rc::new(Environment { env, judged })),
            _ => None,
        };
        if self.environments.len() >= ENVIRONMENTS {
            self.environments.clear();
        }
        self.environments.insert(key, environment.clone());
        environment
    }

    fn prepare(&mut self, input: &ModelInput) -> Option<Rc<Prepared>> {
        if let Some(prepared) = self.prepared.as_ref().filter(|known| known.input == *input) {
            return Some(Rc::clone(prepared));
        }
        let environment = self.environment(input)?;
        let text = self.text(input);
        self.entry.model.check(Message::Json(&text)).ok()?;
        let prepared = Rc::new(Prepared { input: input.clone(), text, environment });
        self.prepared = Some(Rc::clone(&prepared));
        Some(prepared)
    }

    fn is_fatal(&self, input: &ModelInput, mutant: u32) -> bool {
        !self.fatal.is_empty() && self.fatal.contains(&(hash(input), mutant))
    }

    /// Reports what runs next, and begins to watch it.
    fn begin(&self, input: &ModelInput, mutant: u32) {
        if let Some(responses) = &self.responses {
            let ModelInput { env, message } = input.clone();
            let note = Note { input: hash(input), mutant, env, message };
            let body = serde_json::to_vec(&note).unwrap_or_default();
            responses.send(&Response::Done { id: NOTE, nanos: 0, status: 0, body: &body });
        }
        self.watchdog.begin(0, 0, 0);
    }

    /// Runs the model unmutated: its outcome, and the sites that ran.
    fn run(&self, prepared: &Prepared) -> (Result<CaseOutcome, String>, Vec<(u32, u32)>) {
        if let (Some(mutants), Some(judged)) = (&self.mutants, &prepared.environment.judged) {
            let seen = mutants.observe(judged, &prepared.text, FUEL);
            let result = match seen.outcome {
                Observed::Outcome(outcome) => Ok(outcome),
                Observed::Failed(failure) => Err(failure.to_string()),
                Observed::Endless => {
                    Err("the model does not end, or recurses without end".to_owned())
                }
            };
            return (result, seen.sites);
        }
        let mut outcome = Outcome::default();
        let (model, env) = (self.entry.model, &prepared.environment.env);
        let called = invoke(model, env, Message::Json(&prepared.text), &mut outcome);
        let failed = |failure: Failure| failure.to_string();
        (
            called.map(|()| CaseOutcome::new(model.source().many, &outcome)).map_err(failed),
            Vec::new(),
        )
    }
}

impl Subject for ModelSubject {
    fn is_valid(&mut self, input: &ModelInput) -> bool {
        !self.is_fatal(input, 0) && self.prepare(input).is_some()
    }

    fn observe(&mut self, input: &ModelInput) -> Observation {
        let failed = |reason: &str| Observation {
            result: Err(reason.to_owned()),
            features: Vec::new(),
            items: Vec::new(),
            mutants: Vec::new(),
            cost: 1,
            fuel: 0,
        };
        if self.is_fatal(input, 0) {
            return failed("the model ended its process");
        }
        let Some(prepared) = self.prepare(input) else {
            return failed("the message can't be read");
        };
        self.begin(input, 0);
        let (result, sites) = self.run(&prepared);
        self.watchdog.end(0);
        let mut features: Vec<u64> =
            sites.iter().map(|(site, count)| u64::from(*site) << 4 | bucket(*count)).collect();
        let mut items: Vec<u64> = sites.iter().map(|(site, _)| u64::from(*site) << 4).collect();
        if let Ok(outcome) = &result {
            let shape = self.shapes.shape(outcome);
            features.push(shape.whole);
            // Without rewritten code nothing else says that two outcomes are of different kinds.
            items.extend(sites.is_empty().then_some(shape.whole));
            items.extend(shape.kinds);
        }
        let runs: u64 = sites.iter().map(|(_, count)| u64::from(*count)).sum();
        let mutants = self.mutants.iter().flat_map(|all| {
            let at = sites.iter().flat_map(|(site, _)| all.at_site(*site));
            // One beside `unsafe` code may break the memory of the process.
            at.copied().filter(|id| all.get(*id).is_some_and(|mutant| !mutant.isolated))
        });
        let (mutants, fuel) = (mutants.collect(), verdict::fuel(runs));
        Observation { result, features, items, mutants, cost: 1 + runs / SITES, fuel }
    }

    fn catches(&mut self, mutant: u32, input: &ModelInput, seen: &Observation) -> bool {
        let Ok(outcome) = &seen.result else { return false };
        // It ended the process: a replay fails.
        if self.is_fatal(input, mutant) {
            return true;
        }
        let Some(prepared) = self.prepare(input) else { return false };
        let (Some(mutants), Some(judged)) = (&self.mutants, &prepared.environment.judged) else {
            return false;
        };
        let Some(mutant) = mutants.get(mutant) else { return false };
        self.begin(input, mutant.id);
        let expected = Observed::Outcome(outcome.clone());
        let verdict = mutants.catches(mutant, judged, &prepared.text, &expected, seen.fuel);
        self.watchdog.end(0);
        matches!(verdict, Verdict::Caught(_))
    }
}

/// Runs of a piece of code, in ranges.
fn bucket(count: u32) -> u64 {
    match count {
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4..=7 => 3,
        8..=15 => 4,
        16..=31 => 5,
        32..=127 => 6,
        _ => 7,
    }
}
