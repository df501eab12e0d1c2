//! One part of a round.

use std::collections::HashSet;

use athena_core::environment::Variable;
use athena_shrink::ModelInput;
use serde::{Deserialize, Serialize};

use super::SHARDS;
use super::corpus::{Corpus, Entry};
use crate::numbers::NumberMap;
use crate::random::Random;
use crate::shapes::OUTCOME;
use crate::size::{InputSize, hash};
use crate::subject::{Observation, Subject};
use crate::values::ValueGenerator;

/// How many of the last kept inputs are recent.
const RECENT: usize = 30;

/// How many inputs may be made for each that runs: most may be known, or not be read by the model.
const ATTEMPTS: u64 = 20;

/// How many inputs the next parent may be picked from.
const PICKED: usize = 12;

/// Which part of which round.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct RoundPlan {
    pub(crate) seed: u64,
    pub(crate) round: u64,
    pub(crate) shard: u64,
    /// The number of runs.
    pub(crate) budget: u64,
    /// With how many inputs that end the process it stops: each costs a process, and nobody reads more of them.
    pub(crate) fatal: u64,
    /// How long it may take, in milliseconds, without the time for which the process has no core.
    pub(crate) millis: u64,
}

/// What a part of a round has found.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct RoundResult {
    pub(crate) kept: Vec<Entry>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) runs: u64,
    /// How long it has taken, in milliseconds, as for the plan.
    pub(crate) millis: u64,
    /// Whether threads of the model outlive its calls.
    pub(crate) leaves_threads: bool,
}

/// An input without an outcome.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Finding {
    pub(crate) env: std::collections::BTreeMap<String, String>,
    pub(crate) message: serde_json::Value,
    pub(crate) reason: String,
    pub(crate) size: InputSize,
}

impl Finding {
    pub(crate) fn new(input: &ModelInput, reason: String) -> Self {
        let ModelInput { env, message } = input.clone();
        Self { env, message, reason, size: InputSize::new(input) }
    }

    pub(crate) fn input(&self) -> ModelInput {
        ModelInput { env: self.env.clone(), message: self.message.clone() }
    }

    /// Where it happens: findings at one place are one. Their texts may have values in them.
    pub(crate) fn place(&self) -> &str {
        self.reason.rsplit_once(", at ").map_or(&self.reason, |(_, place)| place)
    }

    /// Adds a finding, unless a smaller one at its place is known.
    pub(crate) fn add_to(self, findings: &mut Vec<Self>) {
        match findings.iter_mut().find(|known| known.place() == self.place()) {
            Some(known) if self.size < known.size => *known = self,
            Some(_) => {}
            None => findings.push(self),
        }
    }
}

/// Runs parts of rounds.
pub(crate) struct Searcher<'a, S> {
    pub(crate) subject: S,
    /// Pools to begin with.
    pub(crate) generator: ValueGenerator<'a>,
    /// The variables that vary.
    pub(crate) variables: Vec<Variable>,
    /// Inputs to begin with.
    pub(crate) seeds: Vec<ModelInput>,
}

impl<S: Subject> Searcher<'_, S> {
    /// Runs a part of a round, from the corpus of the rounds before it.
    pub(crate) fn run(&mut self, plan: RoundPlan, corpus: &Corpus) -> RoundResult {
        let random = Random::new(&[plan.seed, plan.round, plan.shard]);
        let mut generator = self.generator.with_random(random);
        corpus.entries.iter().for_each(|entry| generator.learn(&entry.message));
        let mut part = Part {
            subject: &mut self.subject,
            generator,
            variables: &self.variables,
            known: corpus.entries.len(),
            chosen: vec![0; corpus.entries.len()],
            corpus: corpus.clone(),
            tried: HashSet::new(),
            reached: NumberMap::default(),
            smallest: NumberMap::default(),
            open: NumberMap::default(),
            inputs: 0,
            costs: 0,
            result: RoundResult::default(),
            runs: 0,
            fatal: 0,
        };
        if plan.round == 0 {
            let own = self.seeds.iter().zip(0_u64..).filter(|(_, at)| at % SHARDS == plan.shard);
            for (seed, _) in own {
                if part.fatal < plan.fatal {
                    part.try_input(seed.clone());
                }
            }
        }
        let mut attempts = plan.budget * ATTEMPTS;
        let end = part.runs + plan.budget;
        let started = part.subject.millis();
        while part.runs < end && attempts > 0 && part.fatal < plan.fatal {
            attempts -= 1;
            let input = part.next_input();
            part.try_input(input);
            part.result.millis = part.subject.millis().saturating_sub(started);
            if part.result.millis > plan.millis {
                break;
            }
        }
        part.result.runs = part.runs;
        part.result.leaves_threads = part.subject.leaves_threads();
        part.result.kept = part.corpus.entries.split_off(part.known);
        part.result
    }
}

struct Part<'a, 's, S> {
    subject: &'s mut S,
    generator: ValueGenerator<'a>,
    variables: &'s [Variable],
    corpus: Corpus,
    /// The entries of earlier rounds.
    known: usize,
    /// How often each entry was mutated.
    chosen: Vec<u32>,
    tried: HashSet<u64>,
    /// How many inputs have reached each mutant that is not caught yet.
    reached: NumberMap<u32, u32>,
    /// The size of the smallest input with exactly these features, by their hash: most inputs do what another did.
    smallest: NumberMap<u64, InputSize>,
    /// The mutants that such inputs reach and nothing catches.
    open: NumberMap<u64, Vec<u32>>,
    /// The inputs that have run, and what they have cost.
    inputs: u64,
    costs: u64,
    result: RoundResult,
    runs: u64,
    /// Inputs with which the model ends its process.
    fatal: u64,
}

impl<S: Subject> Part<'_, '_, S> {
    /// The next input: a mutation of one that was kept, or one from nothing.
    fn next_input(&mut self) -> ModelInput {
        let count = self.corpus.entries.len();
        let random = &mut self.generator.random;
        if count == 0 || random.one_in(12) {
            let mut input = ModelInput { message: self.generator.fresh(), ..ModelInput::default() };
            self.vary(&mut input);
            return input;
        }
        let at = match random.below(3) {
            0 => count - 1 - random.below(count.min(RECENT)),
            1 => {
                let (one, other) = (random.below(count), random.below(count));
                if self.chosen[one] <= self.chosen[other] { one } else { other }
            }
            _ => {
                // What reaches an open mutant that few inputs have reached: each gets its share of the tries.
                let picked: Vec<usize> = (0..PICKED).map(|_| random.below(count)).collect();
                let rarest =
                    picked.into_iter().min_by_key(|&at| (self.rarity(at), self.chosen[at]));
                rarest.unwrap_or(0)
            }
        };
        self.chosen[at] += 1;
        let mut input = self.corpus.entries[at].input();
        // An input that differs in a variable only shows what that variable does.
        if self.vary(&mut input) && self.generator.random.one_in(2) {
            return input;
        }
        self.generator.mutate(&mut input.message);
        if self.generator.random.one_in(4) {
            self.generator.mutate(&mut input.message);
        }
        input
    }

    /// How many inputs have reached the open mutant that an entry was noted for.
    fn rarity(&self, entry: usize) -> u32 {
        let open = self.corpus.entries[entry].rarest.filter(|it| !self.corpus.is_caught(*it));
        open.map_or(u32::MAX, |mutant| self.reached.get(&mutant).copied().unwrap_or(0))
    }

    /// Changes a variable of one input in five.
    fn vary(&mut self, input: &mut ModelInput) -> bool {
        if self.variables.is_empty() || !self.generator.random.one_in(5) {
            return false;
        }
        let Some(variable) = self.generator.random.pick(self.variables) else { return false };
        if input.env.contains_key(variable.name) && self.generator.random.one_in(4) {
            input.env.remove(variable.name);
            return true;
        }
        let Some(value) = self.generator.variable(variable) else { return false };
        input.env.insert(variable.name.to_owned(), value);
        true
    }

    /// Whether an input is the smallest with one of its features, or has what no other has. After one with the same features no larger one is.
    fn is_kept(&mut self, seen: &Observation, size: InputSize) -> bool {
        match self.smallest.get(&seen.key) {
            Some(known) if *known <= size => false,
            _ => {
                self.smallest.insert(seen.key, size);
                self.corpus.is_smallest(&seen.features, size) || self.corpus.has_new(&seen.items)
            }
        }
    }

    fn try_input(&mut self, input: ModelInput) {
        if !self.tried.insert(hash(&input)) {
            return;
        }
        if let Some(reason) = self.subject.fatal_reason(&input) {
            self.fatal += 1;
            Finding::new(&input, reason).add_to(&mut self.result.findings);
            return;
        }
        if !self.subject.is_valid(&input) {
            return;
        }
        let seen = self.subject.observe(&input);
        self.runs += seen.cost;
        if let Err(reason) = seen.result {
            Finding::new(&input, reason).add_to(&mut self.result.findings);
            return;
        }
        let size = InputSize::new(&input);
        let is_kept = self.is_kept(&seen, size);
        let mut caught = Vec::new();
        // Where an input is not kept, its tries cost more than they bring: a cheap one has them, and of
        // expensive ones, few.
        self.inputs += 1;
        self.costs += seen.cost;
        let times = usize::try_from(2 * seen.cost * self.inputs / self.costs).unwrap_or(usize::MAX);
        let is_tried = is_kept || self.generator.random.one_in(times.max(1));
        let mut open = self.open.remove(&seen.key).unwrap_or_else(|| seen.mutants.clone());
        open.retain(|mutant| !self.corpus.is_caught(*mutant));
        for &mutant in &open {
            *self.reached.entry(mutant).or_default() += 1;
            if is_tried {
                self.runs += seen.cost;
                if self.subject.catches(mutant, &input, &seen) {
                    caught.push(mutant);
                }
            }
        }
        let rarest = || {
            let others = open.iter().copied().filter(|it| !caught.contains(it));
            others.min_by_key(|it| self.reached.get(it).copied())
        };
        let is_added = is_kept || !caught.is_empty();
        let rarest = if is_added { rarest() } else { None };
        self.open.insert(seen.key, open);
        if !is_added {
            return;
        }
        let ModelInput { env, message } = input;
        let kinds = seen.items.into_iter().filter(|item| item & OUTCOME != 0).collect();
        let entry = Entry { env, message, features: seen.features, kinds, caught, rarest, size };
        let message = entry.message.clone();
        if self.corpus.add(entry).is_some() {
            self.generator.learn(&message);
            self.chosen.push(0);
        }
    }
}
