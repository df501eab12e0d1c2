//! The process that runs a model on inputs that it makes.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use athena_cases::case::{CaseNotes, CaseOutcome, NewCase};
use athena_core::environment::strip_secrets;
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_core::registry::{Entry, Registry};
use athena_process::{Parent, ProcessConfig};
use athena_shrink::{ModelInput, Variant, Variants};
use athena_strength::json_process::{answer_requests, run_on_model_stack};
use athena_strength::verdict::Mutants;
use athena_structure::description::{Definition, TypeDescription};
use serde_json::Value;

use crate::messages::{SearchRequest, SearchResponse, SearchSettings};
use crate::model_subject::{ModelSubject, Watch};
use crate::random::Random;
use crate::search::{Corpus, Searcher};
use crate::select::{SelectionPlan, select};
use crate::shapes::OutcomeShapes;
use crate::values::{Pools, ValueGenerator, find_valid, to_text};

/// The role of such a process.
pub const ROLE: &str = "generate";

/// The maximum time between two checks of the watchdog.
const TICK: Duration = Duration::from_millis(50);

/// Serves the supervisor until it sends no more.
pub fn run_generate_process(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let registry = registry.clone();
    run_on_model_stack(ROLE, move || serve(config, &registry))
}

fn serve(config: ProcessConfig, registry: &Registry) -> Result<()> {
    let limit = config.timeout_ms;
    let mut parent = Parent::connect(config)?;
    let responses = parent.responses();
    let watchdog = parent.watch_running(TICK);
    let described = OnceCell::new();
    let opened = parent.open(|settings: SearchSettings| {
        let entry = registry.find(&settings.model)?.clone();
        let mutants = match &settings.sites[..] {
            [] => None,
            sites => Some(Mutants::load(sites)?),
        };
        let described = described.get_or_init(|| entry.model.input_type());
        let generator =
            ValueGenerator::new(described, Pools::new(&settings.literals), Random::new(&[]));
        let base = base(&entry, &generator, &settings)?;
        Ok((settings, entry, mutants, described, generator, base))
    })?;
    let Some((settings, entry, mutants, described, mut generator, base)) = opened else {
        return Ok(());
    };
    if let Some(mutants) = mutants.as_ref().filter(|_| settings.watches_threads) {
        mutants.watch_threads();
    }
    let watches_threads = settings.watches_threads;
    let message = |message| ModelInput { message, ..ModelInput::default() };
    let mut seeds: Vec<ModelInput> = settings.seeds.iter().cloned().map(Into::into).collect();
    for seed in &seeds {
        generator.learn(&seed.message);
    }
    for example in generator.examples(&base) {
        generator.learn(&example);
    }
    seeds.extend(generator.boundaries(&base).into_iter().map(message));
    let watched = Arc::clone(&watchdog);
    let subject = ModelSubject::new(
        &entry,
        OutcomeShapes::new(entry.model.output_type(), &settings.literals.texts),
        mutants,
        settings.base,
        &settings.fatal,
        Watch { careful: settings.is_careful.then(|| responses.clone()), watchdog, limit },
    );
    let declared = entry.model.variables();
    let mut varied = declared.clone();
    varied.retain(|variable| settings.varied.iter().any(|name| name == variable.name));
    let mut searcher = Searcher { subject, generator, variables: varied, seeds };
    let variants = variants(described);
    let mut corpus = Corpus::default();
    let mut answer = |asked| match asked {
        SearchRequest::Round { plan, new } => {
            for entry in new {
                corpus.add(entry);
            }
            let result = searcher.run(plan, &corpus);
            if searcher.subject.watches_threads() && !watches_threads {
                return SearchResponse::Threaded;
            }
            SearchResponse::Round(result)
        }
        SearchRequest::Select { fixed, recorded, pool, findings, rejected, most } => {
            let plan = SelectionPlan {
                fixed,
                recorded,
                pool: pool.into_iter().map(ModelInput::from).collect(),
                findings,
                most,
            };
            let is_rejected = |subject: &ModelSubject, input: &ModelInput| {
                !rejected.is_empty() && {
                    let case = NewCase {
                        model: entry.id.clone(),
                        env: strip_secrets(&declared, &subject.variables(input)),
                        input: subject.text(input),
                        result: CaseOutcome::empty(),
                        notes: CaseNotes::default(),
                        generated: None,
                    };
                    case.hashed_name().is_ok_and(|name| rejected.contains(&name))
                }
            };
            let selection = select(&mut searcher.subject, plan, &variants, &is_rejected);
            if searcher.subject.watches_threads() && !watches_threads {
                return SearchResponse::Threaded;
            }
            SearchResponse::Selected(selection)
        }
    };
    answer_requests(&mut parent, |_, asked| {
        watched.pause(0);
        let response = answer(asked);
        watched.end(0);
        response
    })
}

/// The message that others are made from: that of a case, otherwise the simplest. Each example of a field must
/// be readable in it.
fn base(entry: &Entry, generator: &ValueGenerator<'_>, settings: &SearchSettings) -> Result<Value> {
    let refused =
        |reason: String| Error::usage(format!("{} has no generated cases: {reason}", entry.id));
    let mut check = |text: &str| entry.model.check(Message::Json(text));
    let base = match settings.seeds.first() {
        Some(seed) => seed.message.clone(),
        None => find_valid(generator, &mut check).map_err(|reason| {
            refused(reason).help(
                "give the field an `#[example(..)]`, or record one case by hand: the others are made from it",
            )
        })?,
    };
    if check(&to_text(&base)).is_ok() {
        for example in generator.examples(&base) {
            check(&to_text(&example)).map_err(|error| {
                refused(format!("the example of {} can't be read: {}", error.pointer, error.reason))
                    .help("correct the `#[example(..)]` of the field")
            })?;
        }
    }
    Ok(base)
}

/// The enums of a type, of which a simpler variant is a smaller input.
fn variants(described: &TypeDescription) -> Variants {
    let enums = described.shapes.iter().filter_map(|(_, definition)| match definition {
        Definition::Enumeration(owner) => Some(&owner.variants),
        Definition::Structure(_) => None,
    });
    let variant = |variant: &athena_structure::description::Variant| Variant {
        name: variant.name.to_owned(),
        has_data: variant.data.is_some(),
    };
    Variants::new(enums.map(|variants| variants.iter().map(variant).collect()).collect())
}
