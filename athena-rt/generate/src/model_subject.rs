//! A model as the subject of a search, as it is or in a program with mutants.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use athena_cases::case::CaseOutcome;
use athena_core::environment::{ErasedEnv, Variables, mask_secrets, set};
use athena_core::invoke::{Failure, invoke};
use athena_core::model::Message;
use athena_core::outcome::Outcome;
use athena_core::registry::Entry;
use athena_process::{Response, Responses, Watchdog};
use athena_protocol::Catch;
use athena_replay::differences::differences;
use athena_shrink::ModelInput;
use athena_strength::verdict::{self, Mutants, Observed, Verdict};
use athena_structure::description::TypeDescription;
use serde::{Deserialize, Serialize};

use crate::numbers::{NumberMap, combine};
use crate::shapes::OutcomeShapes;
use crate::size::{hash, hash_text};
use crate::subject::{Observation, Subject};
use crate::values::to_text;

/// How many sites an input may run unmutated. One that runs more is a finding.
const FUEL: u64 = 50_000_000;

/// How long a mutant may run, in milliseconds, and how many times as long as the model as it is.
const MUTANT_TIME: u64 = 1_000;
const MUTANT_FACTOR: u64 = 50;

/// How much memory a mutant may take, in bytes, beside this many times what the process takes without mutants. One that
/// takes memory on and on has to fill it each time.
const MUTANT_MEMORY: u64 = 256 << 20;
const MEMORY_FACTOR: u64 = 4;

/// The number of sites that count as one run.
const SITES: u64 = 200;

/// The facts of how many different runs are remembered.
const FACTS: usize = 10_000;

/// How many environments are remembered.
const ENVIRONMENTS: usize = 64;

/// The number of the response that names what runs next.
pub(crate) const NOTE: u64 = u64::MAX;

/// A run of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct RunId {
    /// The hash of the input.
    pub(crate) input: u64,
    /// 0 for the model as it is.
    pub(crate) mutant: u32,
}

/// A run that ended its process: not to be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FatalRun {
    pub(crate) id: RunId,
    /// How the process ended.
    pub(crate) reason: String,
}

/// Who notices how a run ends.
pub(crate) struct Watch {
    /// Every run is reported here before it begins.
    pub(crate) careful: Option<Responses>,
    pub(crate) watchdog: Arc<Watchdog>,
    /// The time limit of a run, in milliseconds. Between runs the process is busy without a limit, or a selection of
    /// minutes would look like a process that is gone.
    pub(crate) limit: Option<u64>,
}

/// A model in this process.
pub(crate) struct ModelSubject {
    entry: Entry,
    input: Option<TypeDescription>,
    output: TypeDescription,
    shapes: OutcomeShapes,
    mutants: Option<Mutants>,
    /// The variables that every input has.
    base: Variables,
    environments: HashMap<String, Option<Rc<Environment>>>,
    prepared: Option<Rc<Prepared>>,
    /// Runs that have ended a process, with the reason.
    fatal: HashMap<RunId, String>,
    fatal_mutants: HashSet<u32>,
    /// Mutants that a site has stopped, with any input.
    endless_mutants: HashSet<u32>,
    watch: Watch,
    /// By a hash of the sites, with how often each has run.
    site_facts: NumberMap<u64, SiteFacts>,
    keeps_state: bool,
}

/// What is computed from the sites that a run reached.
#[derive(Clone)]
struct SiteFacts {
    features: Vec<u64>,
    items: Vec<u64>,
    mutants: Vec<u32>,
}

/// The model under some variables.
struct Environment {
    env: ErasedEnv,
    judged: Option<verdict::Subject>,
}

/// An input that the model can be called with.
struct Prepared {
    input: ModelInput,
    hash: u64,
    text: String,
    environment: Rc<Environment>,
}

impl ModelSubject {
    /// `fatal` is not run again.
    pub(crate) fn new(
        entry: &Entry,
        shapes: OutcomeShapes,
        mutants: Option<Mutants>,
        base: Variables,
        fatal: &[FatalRun],
        watch: Watch,
    ) -> Self {
        let input = entry.model.input_type();
        Self {
            entry: entry.clone(),
            input: athena_structure::has_secrets(&input).then_some(input),
            output: entry.model.output_type(),
            shapes,
            mutants,
            base,
            environments: HashMap::new(),
            prepared: None,
            fatal: fatal.iter().map(|run| (run.id, run.reason.clone())).collect(),
            fatal_mutants: fatal.iter().map(|run| run.id.mutant).filter(|&it| it > 0).collect(),
            endless_mutants: HashSet::new(),
            watch,
            site_facts: NumberMap::default(),
            keeps_state: false,
        }
    }

    /// The message as the model is called with it: with placeholders for secrets.
    pub(crate) fn text(&self, input: &ModelInput) -> String {
        self.redacted(to_text(&input.message))
    }

    /// Whether calls wait for their threads.
    pub(crate) fn watches_threads(&self) -> bool {
        self.mutants.as_ref().is_some_and(Mutants::watches_threads)
    }

    fn redacted(&self, text: String) -> String {
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

    /// What is computed from the sites of a run. Most runs reach the same sites as an earlier one.
    fn site_facts(&mut self, key: u64, sites: &[(u32, u32)]) -> SiteFacts {
        if let Some(known) = self.site_facts.get(&key) {
            return known.clone();
        }
        let feature = |(site, count): &(u32, u32)| u64::from(*site) << 4 | bucket(*count);
        let mutants = self.mutants.iter().flat_map(|all| {
            let at = sites.iter().flat_map(|(site, _)| all.at_site(*site));
            // One beside `unsafe` code may break the memory of the process.
            at.copied().filter(|id| all.get(*id).is_some_and(|mutant| !mutant.isolated))
        });
        let facts = SiteFacts {
            features: sites.iter().map(feature).collect(),
            items: sites.iter().map(|(site, _)| u64::from(*site) << 4).collect(),
            mutants: mutants.collect(),
        };
        if self.site_facts.len() >= FACTS {
            self.site_facts.clear();
        }
        self.site_facts.insert(key, facts.clone());
        facts
    }

    fn prepare(&mut self, input: &ModelInput) -> Option<Rc<Prepared>> {
        if let Some(prepared) = self.prepared.as_ref().filter(|known| known.input == *input) {
            return Some(Rc::clone(prepared));
        }
        let environment = self.environment(input)?;
        let plain = to_text(&input.message);
        let hash = hash_text(&input.env, &plain);
        let text = self.redacted(plain);
        self.entry.model.check(Message::Json(&text)).ok()?;
        let prepared = Rc::new(Prepared { input: input.clone(), hash, text, environment });
        self.prepared = Some(Rc::clone(&prepared));
        Some(prepared)
    }

    /// Reports what runs next, and begins to watch it. `millis` is what the model as it is takes.
    fn begin(&self, input: u64, mutant: u32, millis: u64) {
        let Watch { careful, watchdog, limit } = &self.watch;
        if let Some(responses) = careful {
            let body = serde_json::to_vec(&RunId { input, mutant }).unwrap_or_default();
            responses.send(&Response::Done { id: NOTE, nanos: 0, status: 0, body: &body });
        }
        // A mutant that runs on and on is common, and costs its whole time each time.
        let own = MUTANT_TIME.max(millis.saturating_mul(MUTANT_FACTOR));
        let already = limit.filter(|_| mutant > 0).map_or(0, |limit| limit.saturating_sub(own));
        let memory =
            || watchdog.most_memory().saturating_mul(MEMORY_FACTOR).saturating_add(MUTANT_MEMORY);
        watchdog.limit_memory((mutant > 0).then(memory));
        watchdog.begin_late(0, input, mutant.into(), already);
    }

    /// The run has ended.
    fn end(&self) {
        self.watch.watchdog.pause(0);
        self.watch.watchdog.limit_memory(None);
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
        !self.was_ended_by(0, input) && self.prepare(input).is_some()
    }

    fn fatal_reason(&self, input: &ModelInput) -> Option<String> {
        let id = || RunId { input: hash(input), mutant: 0 };
        if self.fatal.is_empty() { None } else { self.fatal.get(&id()).cloned() }
    }

    fn is_fatal_mutant(&self, mutant: u32) -> bool {
        self.fatal_mutants.contains(&mutant)
    }

    fn is_endless_mutant(&self, mutant: u32) -> bool {
        self.endless_mutants.contains(&mutant)
    }

    fn was_ended_by(&self, mutant: u32, input: &ModelInput) -> bool {
        let is_possible =
            if mutant == 0 { !self.fatal.is_empty() } else { self.is_fatal_mutant(mutant) };
        is_possible && self.fatal.contains_key(&RunId { input: hash(input), mutant })
    }

    fn observe(&mut self, input: &ModelInput) -> Observation {
        let failed = |reason: &str| Observation {
            result: Err(reason.to_owned()),
            features: Vec::new(),
            key: 0,
            items: Vec::new(),
            mutants: Vec::new(),
            cost: 1,
            fuel: 0,
            millis: 0,
        };
        if let Some(reason) = self.fatal_reason(input) {
            return failed(&reason);
        }
        let Some(prepared) = self.prepare(input) else {
            return failed("the message can't be read");
        };
        self.begin(prepared.hash, 0, 0);
        let started = Instant::now();
        let (result, sites) = self.run(&prepared);
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.end();
        let mut runs = 0;
        let mut key = 0;
        for (site, count) in &sites {
            runs += u64::from(*count);
            key = combine(key, u64::from(*site) << 4 | bucket(*count));
        }
        let SiteFacts { mut features, mut items, mutants } = self.site_facts(key, &sites);
        if let Ok(outcome) = &result {
            let shape = self.shapes.shape(outcome, &prepared.text);
            features.push(shape.whole);
            key = combine(key, shape.whole);
            // Without rewritten code nothing else says that two outcomes are of different kinds.
            items.extend(sites.is_empty().then_some(shape.whole));
            items.extend(shape.kinds);
        }
        let (cost, fuel) = (1 + runs / SITES, verdict::fuel(runs));
        Observation { result, features, key, items, mutants, cost, fuel, millis }
    }

    fn is_equal(&self, recorded: &CaseOutcome, now: &CaseOutcome) -> bool {
        recorded == now || differences(&self.output, recorded, now).is_empty()
    }

    fn keeps_state(&self) -> bool {
        self.keeps_state
    }

    fn millis(&self) -> u64 {
        self.watch.watchdog.now()
    }

    fn leaves_threads(&self) -> bool {
        self.mutants.as_ref().is_some_and(Mutants::ignores_threads)
    }

    fn catches(&mut self, mutant: u32, input: &ModelInput, seen: &Observation) -> bool {
        let Ok(outcome) = &seen.result else { return false };
        // It ended the process: a replay fails.
        if self.was_ended_by(mutant, input) {
            return true;
        }
        let Some(prepared) = self.prepare(input) else { return false };
        let (Some(mutants), Some(judged)) = (&self.mutants, &prepared.environment.judged) else {
            return false;
        };
        let Some(mutant) = mutants.get(mutant) else { return false };
        self.begin(prepared.hash, mutant.id, seen.millis);
        let expected = Observed::Outcome(outcome.clone());
        let id = mutant.id;
        let verdict = mutants.catches(mutant, judged, &prepared.text, &expected, seen.fuel);
        self.end();
        if verdict == Verdict::Caught(Catch::Timeout) {
            self.endless_mutants.insert(id);
        }
        self.keeps_state |= verdict == Verdict::Missed { reached: false };
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
