//! One model: its existing cases, the search, the selection, and the names and reasons of the new cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use athena_cases::case::{Case, CaseOutcome};
use athena_cases::layout::{self, REJECTED, Stem};
use athena_cases::{environments, store};
use athena_core::environment::{Variables, mask_secrets, set, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::registry::{Entry, Registry};
use athena_protocol::{
    Generate, Generated, GeneratedCase, GenerationFinding, RewrittenCrate, Test,
};
use athena_replay::harness::selected_cases;
use athena_shrink::ModelInput;
use athena_strength::Launch;

use crate::messages::{SearchSettings, StoredInput};
use crate::process::ROLE;
use crate::random::Random;
use crate::run::Search;
use crate::search::Finding;
use crate::select::{Choice, NameGiver, reason};
use crate::values::{Pools, ValueGenerator, to_text};

/// The default time limit of a run, in milliseconds.
const TIMEOUT_MS: u64 = 5_000;

/// How many values are tried for a variable that must be set.
const VALUES: usize = 200;

/// Searches for inputs of a model that its recorded cases leave out. Writes nothing.
///
/// # Errors
///
/// The model's type has no value that can be made; a variable must be set; a case can't be read; no process
/// can be started.
pub fn generate(registry: &Registry, fixtures: &Path, request: &Generate) -> Result<Generated> {
    let entry = registry.find(&request.model)?;
    let chosen = environments::resolve(entry, fixtures, &request.environments)?;
    let chosen = chosen.into_iter().next();
    let name = chosen.as_ref().and_then(|chosen| chosen.name.clone());
    let is_named = name.is_some() || !request.environments.files.is_empty();
    let given = match chosen {
        Some(chosen) if is_named => chosen.variables,
        // The process environment is this machine's.
        _ => request.environments.set.clone(),
    };
    let base = required(entry, request, given)?;
    let stem = Stem::new_suite(&request.suite, name.as_deref())?;
    let existing = Existing::read(registry, fixtures, entry, &stem)?;
    let declared = entry.model.variables();
    let varied = declared.iter().filter(|variable| {
        !variable.secret && !base.iter().any(|(name, _)| name == variable.name && is_named)
    });
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut launch = Launch::new(registry, ROLE, request.timeout_ms.unwrap_or(TIMEOUT_MS))?;
    launch.config.memory_limit = request.memory_limit.or(launch.config.memory_limit);
    let search = Search {
        launch,
        settings: SearchSettings {
            model: entry.id.clone(),
            sites: request.sites.clone(),
            literals: request.literals.clone(),
            base: base.clone(),
            varied: varied.map(|variable| variable.name.to_owned()).collect(),
            seeds: existing.fixed.clone(),
            fatal: Vec::new(),
            is_careful: false,
        },
        seed: seed(request.seed, &entry.id),
        effort: request.effort.max(1),
        jobs: request.jobs.unwrap_or(cores).clamp(1, 8),
    };
    if request.check_only {
        return search.check().map(|()| Generated::default());
    }
    let mut found = search.run()?;
    let recorded: Vec<StoredInput> =
        existing.recorded.iter().map(|(_, input)| input.clone()).collect();
    let most = usize::try_from(request.cases).unwrap_or(usize::MAX).saturating_sub(recorded.len());
    let selection =
        search.select(&mut found, &existing.fixed, &recorded, &existing.rejected, most)?;
    let mutants = reasons(request)?;
    let variables = |input: &ModelInput| {
        let mut variables = base.clone();
        for (name, value) in &input.env {
            set(&mut variables, name, value);
        }
        strip_secrets(&declared, &variables)
    };
    let names = names(entry, request, &selection.chosen, &existing.names);
    let cases = selection.chosen.iter().zip(names).map(|(choice, name)| GeneratedCase {
        name,
        env: variables(&choice.input()),
        input: message(entry, &choice.input()),
        reason: mutants.reason(choice),
    });
    let findings = selection.findings.iter().map(|finding: &Finding| GenerationFinding {
        env: variables(&finding.input()),
        input: message(entry, &finding.input()),
        reason: finding.reason.clone(),
    });
    let unneeded = selection.unneeded.iter().filter_map(|at| existing.recorded.get(*at));
    Ok(Generated {
        cases: cases.collect(),
        findings: findings.collect(),
        unneeded: unneeded.map(|(name, _)| name.clone()).collect(),
        recorded: recorded.len() as u64,
        reached: selection.reached.len() as u64,
        caught: selection.caught.len() as u64,
        runs: found.merged.runs + selection.runs,
        out_of_time: found.out_of_time,
    })
}

/// A seed for each model: two of one program have other numbers.
fn seed(seed: u64, model: &str) -> u64 {
    let bytes = model.bytes().map(u64::from);
    let seeds: Vec<u64> = std::iter::once(seed).chain(bytes).collect();
    Random::new(&seeds).next_u64()
}

fn message(entry: &Entry, input: &ModelInput) -> String {
    let text = to_text(&input.message);
    athena_structure::redact(&text, &entry.model.input_type()).unwrap_or(text)
}

/// The variables with a value for each that must be set.
fn required(entry: &Entry, request: &Generate, mut variables: Variables) -> Result<Variables> {
    let declared = entry.model.variables();
    let described = entry.model.input_type();
    let mut generator = ValueGenerator::new(
        &described,
        Pools::new(&request.literals),
        Random::new(&[request.seed]),
    );
    let is_set =
        |variables: &Variables, name: &str| variables.iter().any(|(known, _)| known == name);
    for variable in declared.iter().filter(|variable| variable.required && !variable.secret) {
        if is_set(&variables, variable.name) {
            continue;
        }
        // Others may be missing too: only an error about this one counts.
        let is_read = |value: &str| {
            let mut tried = mask_secrets(&declared, &variables);
            set(&mut tried, variable.name, value);
            let read = entry.model.read_env(tried);
            read.err()
                .is_none_or(|error| !error.to_string().contains(&format!("{}=", variable.name)))
        };
        let simple = ["0", "1", "a", "false", "1s", ""].into_iter().map(str::to_owned);
        let texts = request.literals.texts.iter().cloned();
        let mut values: Vec<String> = simple.chain(texts).collect();
        values.extend((0..VALUES).filter_map(|_| generator.variable(variable)));
        let Some(value) = values.into_iter().find(|value| is_read(value)) else {
            return Err(Error::usage(format!(
                "{} has no generated cases: no value was found for the variable {}: {}",
                entry.id, variable.name, variable.kind
            ))
            .help(format!("give one: -e {}=..", variable.name)));
        };
        set(&mut variables, variable.name, &value);
    }
    entry.model.read_env(mask_secrets(&declared, &variables))?;
    Ok(variables)
}

/// The cases that the model has.
struct Existing {
    /// Inputs of all cases but the generated ones of this suite.
    fixed: Vec<StoredInput>,
    /// The generated cases of this suite: name and input.
    recorded: Vec<(String, StoredInput)>,
    /// The names of the suite's cases.
    names: BTreeSet<String>,
    /// The hashed names of cases that were rejected.
    rejected: Vec<String>,
}

impl Existing {
    fn read(registry: &Registry, fixtures: &Path, entry: &Entry, stem: &Stem) -> Result<Self> {
        let test = Test { models: Some(vec![entry.id.clone()]), ..Test::default() };
        let cases = selected_cases(registry, fixtures, &test)?.cases;
        let prefix = format!("{}::{stem}/", entry.id);
        let mut existing = Self {
            fixed: Vec::new(),
            recorded: Vec::new(),
            names: BTreeSet::new(),
            rejected: Vec::new(),
        };
        for case in cases {
            let Ok(read) = Case::parse_input(&case.text, &entry.id) else { continue };
            let Ok(variables) = read.variables() else { continue };
            let Ok(message) = athena_protocol::json::parse(read.input.get()) else { continue };
            let env: BTreeMap<String, String> = variables.into_iter().collect();
            let input = StoredInput { env, message };
            let name = case.name.strip_prefix(&prefix);
            if let Some(name) = name {
                existing.names.insert(name.to_owned());
            }
            match name.filter(|_| read.generated.is_some()) {
                Some(name) => existing.recorded.push((name.to_owned(), input)),
                None => existing.fixed.push(input),
            }
        }
        let folder = layout::folder(fixtures, &entry.id);
        let rejected = store::read(&folder.join(format!("{stem}.{REJECTED}")))?.unwrap_or_default();
        existing.rejected = rejected.lines().map(|line| line.trim().to_owned()).collect();
        Ok(existing)
    }
}

fn names(
    entry: &Entry,
    request: &Generate,
    chosen: &[Choice],
    taken: &BTreeSet<String>,
) -> Vec<String> {
    let (input, output) = (entry.model.input_type(), entry.model.output_type());
    let giver = NameGiver { input: &input, output: &output, texts: &request.literals.texts };
    let cases: Vec<(ModelInput, &CaseOutcome)> =
        chosen.iter().map(|choice| (choice.input(), &choice.outcome)).collect();
    giver.names(&cases, taken)
}

/// The names of mutants and the functions of sites.
struct Reasons {
    mutants: BTreeMap<u32, String>,
    functions: BTreeMap<u32, String>,
}

impl Reasons {
    fn reason(&self, choice: &Choice) -> String {
        if let Some(name) = choice.catches.and_then(|id| self.mutants.get(&id)) {
            return reason(name);
        }
        let function = choice.reaches.and_then(|site| self.functions.get(&site));
        match function.filter(|function| !function.is_empty()) {
            Some(function) => format!("reaches a branch of {function} that no other case reaches"),
            None => "has an outcome of another kind than the other cases".to_owned(),
        }
    }
}

fn reasons(request: &Generate) -> Result<Reasons> {
    let mut reasons = Reasons { mutants: BTreeMap::new(), functions: BTreeMap::new() };
    for path in &request.sites {
        let text = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
        let one: RewrittenCrate = serde_json::from_slice(&text).map_err(|error| {
            Error::failure(format!("{} can't be read: {error}", path.display()))
        })?;
        reasons.mutants.extend(one.mutants.into_iter().map(|mutant| (mutant.id, mutant.name)));
        reasons.functions.extend(one.sites.into_iter().map(|site| (site.id, site.function)));
    }
    Ok(reasons)
}
