//! One model: its existing cases, the search, the selection, and the names and reasons of the new cases.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use athena_cases::case::{Case, CaseOutcome};
use athena_cases::layout::{self, REJECTED, Stem};
use athena_cases::{environments, store};
use athena_core::environment::{Variables, mask_secrets, set, strip_secrets};
use athena_core::error::{Error, Result};
use athena_core::registry::{Entry, Registry};
use athena_protocol::json::text::compact;
use athena_protocol::{Generate, Generated, GeneratedCase, GenerationFinding, Test};
use athena_replay::harness::{SelectedCases, selected_cases};
use athena_shrink::ModelInput;
use athena_strength::Launch;

use crate::messages::{SearchSettings, StoredInput};
use crate::process::ROLE;
use crate::random::Random;
use crate::run::Search;
use crate::search::Finding;
use crate::select::{Choice, ExistingCase, NameGiver, Reasons};
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
            seeds: existing.seeds.clone(),
            fatal: Vec::new(),
            watches_threads: false,
            is_careful: false,
        },
        seed: seed(request.seed, &entry.id),
        effort: request.effort.max(1),
        jobs: request.jobs.unwrap_or(cores).clamp(1, 8),
        watches_threads: AtomicBool::new(false),
    };
    if request.check_only {
        return search.check().map(|()| Generated::default());
    }
    let mut found = search.run()?;
    let Existing { fixed, recorded, rejected, broken, .. } = &existing;
    let most = usize::try_from(request.cases).unwrap_or(usize::MAX).saturating_sub(recorded.len());
    let selection = search.select(&mut found, fixed, recorded, rejected, most)?;
    let reasons = Reasons::read(&request.sites)?;
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
        reason: reasons.reason(choice),
        outcome: choice.outcome.to_text().ok(),
    });
    let findings = selection.findings.iter().map(|finding: &Finding| GenerationFinding {
        env: variables(&finding.input()),
        input: message(entry, &finding.input()),
        reason: finding.reason.clone(),
    });
    let unneeded = selection.unneeded.iter().filter_map(|name| name.strip_prefix(&existing.prefix));
    Ok(Generated {
        cases: cases.collect(),
        findings: findings.collect(),
        unneeded: unneeded.map(str::to_owned).collect(),
        failing: broken.iter().cloned().chain(selection.failing).collect(),
        recorded: recorded.len() as u64,
        reached: selection.reached.len() as u64,
        caught: selection.caught.len() as u64,
        runs: found.merged.runs + selection.runs,
        keeps_state: selection.keeps_state,
        leaves_threads: found.leaves_threads || selection.leaves_threads,
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
    /// Inputs to begin with: those of all cases but the generated ones of this suite.
    seeds: Vec<StoredInput>,
    /// All cases but the generated ones of this suite, and those that are known to fail.
    fixed: Vec<ExistingCase>,
    /// The generated cases of this suite.
    recorded: Vec<ExistingCase>,
    /// What the names of this suite's cases begin with.
    prefix: String,
    /// The names of cases that can't be read.
    broken: Vec<String>,
    /// The names of the suite's cases.
    names: BTreeSet<String>,
    /// The hashed names of cases that were rejected.
    rejected: Vec<String>,
}

impl Existing {
    fn read(registry: &Registry, fixtures: &Path, entry: &Entry, stem: &Stem) -> Result<Self> {
        let test = Test { models: Some(vec![entry.id.clone()]), ..Test::default() };
        let SelectedCases { cases, broken } = selected_cases(registry, fixtures, &test)?;
        let mut existing = Self {
            seeds: Vec::new(),
            fixed: Vec::new(),
            recorded: Vec::new(),
            prefix: format!("{}::{stem}/", entry.id),
            broken: broken.into_iter().map(|(name, _)| name).collect(),
            names: BTreeSet::new(),
            rejected: Vec::new(),
        };
        for case in cases {
            let own = case.name.strip_prefix(&existing.prefix);
            existing.names.extend(own.map(str::to_owned));
            let is_own = own.is_some();
            let Some((read, env, message)) = read_case(&case.text, &entry.id) else {
                existing.broken.push(case.name);
                continue;
            };
            let is_generated = is_own && read.generated.is_some();
            if !is_generated {
                existing.seeds.push(StoredInput { env: env.clone(), message: message.clone() });
            }
            // It fails as it should: nothing is to be done, and it catches nothing.
            if read.known_failure.is_some() {
                continue;
            }
            let outcome = Case::parse(&case.text, &entry.id).ok().map(|read| {
                let recorded = read.recorded(entry.model.source().many);
                let messages = recorded.messages.iter().map(|message| compact(message)).collect();
                CaseOutcome { messages, ..recorded }
            });
            let case = ExistingCase { name: case.name, env, message, outcome };
            let list = if is_generated { &mut existing.recorded } else { &mut existing.fixed };
            list.push(case);
        }
        let folder = layout::folder(fixtures, &entry.id);
        let rejected = store::read(&folder.join(format!("{stem}.{REJECTED}")))?.unwrap_or_default();
        existing.rejected = rejected.lines().map(|line| line.trim().to_owned()).collect();
        Ok(existing)
    }
}

/// A case with its variables and its message.
fn read_case<'a>(
    text: &'a str,
    model: &str,
) -> Option<(Case<'a>, BTreeMap<String, String>, serde_json::Value)> {
    let case = Case::parse_input(text, model).ok()?;
    let variables = case.variables().ok()?;
    let message = athena_protocol::json::parse(case.input.get()).ok()?;
    Some((case, variables.into_iter().collect(), message))
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
