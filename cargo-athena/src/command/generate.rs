//! `cargo athena record --generate`

use std::io::{IsTerminal as _, stderr};
use std::path::PathBuf;

use athena_protocol::{
    Answer, Environments, Exit, Generate, Generated, GeneratedSuite, GenerationArgs, Record,
    RecordArgs, Verb,
};
use cargo_metadata::Metadata;

use super::generate_report::print_generated;
use crate::catalog::Catalog;
use crate::cli::Built;
use crate::console::print_status;
use crate::error::{Error, Result};
use crate::literals::{literals, source_packages};
use crate::mutants::{MutantBuild, RewriteOptions};
use crate::options::{BuildOptions, OutputOptions};
use crate::pending::refuse_in_ci;
use crate::session::Session;
use crate::style::Style;
use crate::target::GENERATE_FEATURE;
use crate::workspace::metadata;

/// The default suite, seed, number of cases and effort.
const SUITE: &str = "generated";
const SEED: u64 = 1;
const CASES: u64 = 200;
const EFFORT: u64 = 1;

/// Generates cases of each model, and has the plain runner record them. The whole command is checked before
/// anything is searched for.
#[allow(clippy::needless_pass_by_value, reason = "as every verb")]
pub(crate) fn run(verb: Built<RecordArgs>, output: OutputOptions) -> Result<Exit> {
    let RecordArgs { names, generation, record } = verb.args;
    // The empty name is that of the only model.
    let models = if names.models.is_empty() { vec![String::new()] } else { names.models };
    if !generation.dry_run {
        refuse_in_ci(record.force, "generate")?;
    }
    let style = Style::for_stderr(output.color);
    let metadata = metadata(&verb.build.manifest)?;
    // The plain runner checks the request, and searches if the code can't be built with mutants.
    let build = BuildOptions { runtime_feature: Some(GENERATE_FEATURE), ..verb.build.clone() };
    let session = Session::open(build.clone(), output.clone())?;
    if !session.is_quiet() {
        print_status(
            "These cases state what the model does today, not what it should do: read them before you commit.",
        );
    }
    let catalog = session.catalog(false)?;
    let suite = record.suite.clone().unwrap_or_else(|| SUITE.to_owned());
    let searches = searches(&models, &catalog, &metadata, &record, &generation, &suite)?;
    let recording = |search: &ModelSearch| {
        let package = catalog.models[search.model].info.package.clone();
        Record {
            model: search.request.model.clone(),
            environments: search.request.environments.clone(),
            suite: Some(suite.clone()),
            schemas: session.schemas(&catalog, None, vec![package]),
            ..record.clone()
        }
    };
    if !generation.reject.is_empty() {
        let [search] = &searches[..] else {
            return Err(Error::usage("--reject needs exactly one model and one environment").help(
                "cases of different suites may have the same name: run the command once for each",
            ));
        };
        let chosen =
            GeneratedSuite { rejected: generation.reject.clone(), ..GeneratedSuite::default() };
        return write(&session, &catalog, search.model, &chosen, recording(search));
    }
    for ModelSearch { request, .. } in &searches {
        search(&session, &catalog, Generate { check_only: true, ..request.clone() })?;
    }
    // In a file or a pipe it would only be noise.
    let is_watched = !session.is_quiet() && stderr().is_terminal();
    let tell = |what: &str| {
        if is_watched {
            print_status(&format!("{} {what}", style.note("now:")));
        }
    };
    tell("building the package with its mutants");
    let mutants = mutants(&session, &build, &output, style);
    let mut exits = Vec::new();
    for one in &searches {
        tell(&format!("searching inputs of {}, for up to a minute", one.request.model));
        let sites = mutants.iter().flat_map(sites).collect();
        let request = Generate { sites, ..one.request.clone() };
        let generated = match &mutants {
            Some(mutants) => search(&mutants.session, &mutants.catalog, request)?,
            None => search(&session, &catalog, request)?,
        };
        if !session.is_quiet() {
            print_generated(&one.request.model, &generated, generation.dry_run, style);
        }
        let removed = if generation.prune { generated.unneeded.clone() } else { Vec::new() };
        let chosen =
            GeneratedSuite { cases: generated.cases, removed, ..GeneratedSuite::default() };
        exits.push(
            if generation.dry_run || (chosen.cases.is_empty() && chosen.removed.is_empty()) {
                Exit::Success
            } else {
                write(&session, &catalog, one.model, &chosen, recording(one))?
            },
        );
    }
    Ok(Exit::worst(exits))
}

/// The search for inputs of one model under one environment.
struct ModelSearch {
    /// The model's index in the catalog.
    model: usize,
    request: Generate,
}

/// The searches of a command: each model once, under each environment, which has a suite of its own.
fn searches(
    names: &[String],
    catalog: &Catalog,
    metadata: &Metadata,
    record: &Record,
    generation: &GenerationArgs,
    suite: &str,
) -> Result<Vec<ModelSearch>> {
    let mut searches: Vec<ModelSearch> = Vec::new();
    for name in names {
        let info = &catalog.find(name)?.info;
        if searches.iter().any(|known| known.request.model == info.id) {
            continue;
        }
        let model = catalog.models.iter().position(|model| model.info.id == info.id);
        let folders = source_packages(metadata, &info.package);
        let literals = literals(folders.iter().map(PathBuf::as_path));
        searches.extend(one_by_one(&record.environments).into_iter().map(|environments| {
            let request = Generate {
                model: info.id.clone(),
                seed: generation.seed.unwrap_or(SEED),
                cases: generation.cases.unwrap_or(CASES),
                effort: generation.effort.unwrap_or(EFFORT),
                suite: suite.to_owned(),
                environments,
                literals: literals.clone(),
                timeout_ms: record.timeout_ms,
                jobs: generation.jobs,
                memory_limit: generation.memory_limit,
                ..Generate::default()
            };
            ModelSearch { model: model.unwrap_or_default(), request }
        }));
    }
    Ok(searches)
}

/// The program with mutants, which guide the search. Without it the outcomes do.
fn mutants(
    session: &Session,
    build: &BuildOptions,
    output: &OutputOptions,
    style: Style,
) -> Option<MutantBuild> {
    let note = |text: &str| print_status(&format!("{} {text}", style.note("note:")));
    match MutantBuild::new(session, build, output, &RewriteOptions::default()) {
        Ok(mutants) => {
            for (package, reason) in &mutants.failures {
                note(&format!("package {package} is searched without its mutants: {reason}"));
            }
            Some(mutants)
        }
        Err(error) => {
            error.print_as_warning(style);
            note(
                "the code is not built with mutants: the kinds of outcomes alone guide the search",
            );
            None
        }
    }
}

/// The files that describe what was rewritten; none without a mutant.
fn sites(mutants: &MutantBuild) -> Vec<PathBuf> {
    let has_mutants = mutants.crates.iter().any(|(_, one)| !one.mutants.is_empty());
    let files = mutants.crates.iter().map(|(path, _)| path.clone());
    files.filter(|_| has_mutants).collect()
}

/// The environments one after the other: each has its own suite.
fn one_by_one(all: &Environments) -> Vec<Environments> {
    let single = |name: &String| Environments { named: vec![name.clone()], ..all.clone() };
    match &all.named[..] {
        [] => vec![all.clone()],
        named => named.iter().map(single).collect(),
    }
}

fn search(session: &Session, catalog: &Catalog, request: Generate) -> Result<Generated> {
    let id = request.model.clone();
    let Some(model) = catalog.models.iter().position(|model| model.info.id == id) else {
        return Err(Error::failure(format!("{id} is not linked where the code has mutants")));
    };
    let reply = session.ask_for(catalog, model, Verb::Generate(request))?;
    match reply.answer {
        Answer::Generated(generated) if reply.exit == 0 => Ok(generated),
        // The runner has printed the reason.
        _ => {
            let error = format!("no cases of {id} were generated");
            Err(match Exit::of(reply.exit) {
                Exit::Usage => Error::usage(error),
                _ => Error::failure(error),
            })
        }
    }
}

/// Has the plain runner run the inputs twice and write them.
pub(super) fn write(
    session: &Session,
    catalog: &Catalog,
    model: usize,
    chosen: &GeneratedSuite,
    request: Record,
) -> Result<Exit> {
    let failed = || Error::failure("the generated inputs can't be handed over");
    let file = tempfile::NamedTempFile::new().map_err(|error| failed().cause(error))?;
    serde_json::to_writer(&file, chosen).map_err(|error| failed().cause(error))?;
    let request = Record { generated: Some(file.path().to_path_buf()), ..request };
    Ok(Exit::of(session.ask_for(catalog, model, Verb::Record(request))?.exit))
}
