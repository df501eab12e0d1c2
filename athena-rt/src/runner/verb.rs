//! The verbs of a runner.

use std::io::BufWriter;
use std::path::Path;

use athena_protocol::{Answer, Exit, Format, Messages, Migrate, Reply, Request, Run, Verb};

use super::move_cases::move_cases;
use super::{files, list, production, replay_verbs, schema, stdout, strength_verbs};
use athena_cases::index::Index;
use athena_cases::{environments, message_input, migrate, store};
use athena_core::context::{Context, Folders};
use athena_core::display::{display_path, plural};
use athena_core::error::{Error, Result};
use athena_core::model::Message;
use athena_core::progress::is_on_terminal;
use athena_core::registry::{Entry, Registry};
use athena_core::stdio::{self, print_stderr};
use athena_engine::exit_guard::ExitGuard;
use athena_engine::handler::Handler;
use athena_engine::local::{Stream, run_one};
use athena_engine::matrix;

/// Runs the verb of a request.
pub(super) fn run(request: &Request) -> Result<Reply> {
    let registry = Registry::collect()?;
    let Some(model) = request.verb.model().filter(|_| !request.packages.is_empty()) else {
        return run_in(request, &registry, &request.package_root);
    };
    let answer = Answer::List(list::describe(&registry, Path::new("")));
    let entry = match registry.find(model) {
        Ok(entry) => entry,
        // `cargo athena` reports it, with what it knows of other runners.
        Err(error) => return Ok(Reply { answer, ..Reply::new(error.exit().code()) }),
    };
    let package_root = request.packages.get(entry.model.source().package);
    let reply = run_in(request, &registry, package_root.unwrap_or(&request.package_root))?;
    Ok(Reply { answer, ..reply })
}

fn run_in(request: &Request, registry: &Registry, package_root: &Path) -> Result<Reply> {
    let context = Context {
        registry,
        fixtures: &request.fixtures,
        package_root,
        color: request.color,
        quiet: request.quiet,
    };
    let folders =
        Folders { fixtures: request.fixtures.clone(), artifacts: request.artifacts.clone() };
    files::check(&context, &request.verb)?;
    if runs_in_processes(&request.verb)
        && let Some(folder) = request.reply.parent()
    {
        athena_process::keep_temporary_files_in(folder);
    }
    if reads_cases(&request.verb) {
        store::recover(&request.fixtures)?;
    }
    let reply = |exit: Exit| Reply::new(exit.code());
    match &request.verb {
        Verb::List => {
            let models = list::describe(registry, &request.fixtures);
            let features = production::FEATURES.iter().map(|&feature| feature.to_owned()).collect();
            Ok(Reply { answer: Answer::List(models), features, ..Reply::new(0) })
        }
        Verb::Run(run) => run_model(&context, run).map(reply),
        Verb::Record(request) => replay_verbs::record(&context, request),
        Verb::Rerecord(request) => replay_verbs::rerecord(&context, request),
        Verb::Test(test) => replay_verbs::test(&context, &folders, test),
        Verb::Observe(test) => replay_verbs::observe(&context, &folders, test),
        Verb::Compare(compare) => replay_verbs::compare(&context, compare),
        Verb::Doctor(request) => replay_verbs::doctor(&context, request),
        Verb::Generate(request) => strength_verbs::generate(&context, request),
        Verb::Strength(request) => strength_verbs::strength(&context, request),
        Verb::Move(request) => move_cases(&context, request).map(|()| Reply::new(0)),
        Verb::Migrate(request) => migrate_cases(&context, request).map(|()| Reply::new(0)),
        Verb::Schema(request) => schema::print(registry, request).map(|()| Reply::new(0)),
        Verb::Serve(request) => production::serve(&context, request).map(reply),
        Verb::Work(request) => production::work(&context, request).map(reply),
        Verb::Submit(request) => production::submit(&context, request).map(reply),
        Verb::Collect(request) => production::collect(&context, request).map(reply),
        Verb::QueueStatus(request) => production::status(request).map(reply),
        Verb::Mpi(request) => production::mpi(&context, request).map(reply),
    }
}

/// Whether a verb reads or writes recorded cases.
fn reads_cases(verb: &Verb) -> bool {
    match verb {
        Verb::Run(run) => matches!(run.messages, Messages::Cases(_)),
        Verb::Record(_)
        | Verb::Rerecord(_)
        | Verb::Test(_)
        | Verb::Observe(_)
        | Verb::Doctor(_)
        | Verb::Generate(_)
        | Verb::Strength(_)
        | Verb::Move(_)
        | Verb::Migrate(_) => true,
        _ => false,
    }
}

/// Whether models run in processes only. Then what is temporary in this one is of this runtime.
fn runs_in_processes(verb: &Verb) -> bool {
    matches!(
        verb,
        Verb::Record(_)
            | Verb::Rerecord(_)
            | Verb::Test(_)
            | Verb::Observe(_)
            | Verb::Generate(_)
            | Verb::Strength(_)
    )
}

fn run_model(context: &Context<'_>, run: &Run) -> Result<Exit> {
    let entry = context.registry.find(&run.model)?;
    if run.example {
        return print_example(entry);
    }
    let chosen = environments::resolve(entry, context.fixtures, &run.environments)?;
    let out = stdio::take_stdout()
        .map_err(|error| Error::failure(format!("can't take standard output: {error}")))?;
    let mut out = BufWriter::with_capacity(64 << 10, out);
    let _guard = ExitGuard::new();
    let streams = matches!(run.messages, Messages::Lines(_) | Messages::StdinLines);
    if streams && chosen.len() > 1 {
        return Err(Error::usage("--messages can be combined with one environment only")
            .help("run it once for each, or use --case for a matrix over recorded inputs"));
    }
    if streams {
        let [first] = &chosen[..] else { return Err(Error::usage("no environment")) };
        let handler = Handler::new(entry, first.variables.clone())?;
        let (input, _) = message_input::lines(entry, &run.messages, run.input_format)?;
        let size = match &run.messages {
            Messages::Lines(path) => std::fs::metadata(path).map_or(0, |metadata| metadata.len()),
            _ => 0,
        };
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let stream = Stream {
            handler: &handler,
            threads: run.jobs.filter(|&jobs| jobs > 0).unwrap_or_else(cores),
            rejects: run.rejects.as_deref(),
            // Outcomes on the terminal show the progress themselves.
            progress: !run.terminal && !context.quiet && is_on_terminal(),
            size,
            input_format: run.input_format,
            output_format: run.output_format,
        };
        let streamed = stream.run(input, out)?;
        if let (1.., Some(rejects)) = (streamed.rejected, &run.rejects) {
            print_stderr(&format!(
                "{} of {} messages failed: {} has them",
                streamed.rejected,
                streamed.messages,
                rejects.display()
            ));
        }
        tracing::info!(messages = streamed.messages, rejected = streamed.rejected, "done");
        return Ok(if streamed.rejected > 0 { Exit::Failure } else { Exit::Success });
    }
    if let (Format::Protobuf, [chosen]) = (run.input_format, &chosen[..]) {
        let (bytes, origin) = message_input::bytes(&run.messages)?;
        let env = entry.model.read_env(chosen.variables.clone())?;
        let message = Message::Protobuf(&bytes);
        return run_one(entry, &env, message, &origin, run.output_format, &mut out)
            .map(|()| Exit::Success);
    }
    let messages = match run.input_format {
        Format::Json => {
            message_input::all(entry, context.fixtures, context.package_root, &run.messages)?
        }
        Format::Protobuf => message_input::all_protobuf(entry, &run.messages)?,
    };
    match (&chosen[..], &messages[..], &run.messages) {
        ([chosen], [message], messages) if !matches!(messages, Messages::Cases(_)) => {
            let env = entry.model.read_env(chosen.variables.clone())?;
            run_one(
                entry,
                &env,
                Message::Json(&message.text),
                &message.origin,
                run.output_format,
                &mut out,
            )
            .map(|()| Exit::Success)
        }
        _ => {
            let failed = matrix::run(entry, &chosen, &messages, run.terminal, &mut out)?;
            Ok(if failed > 0 { Exit::Failure } else { Exit::Success })
        }
    }
}

/// Prints a message that a model accepts, from its type.
fn print_example(entry: &Entry) -> Result<Exit> {
    let message = athena_structure::example(&entry.model.input_type());
    let text = serde_json::to_string_pretty(&athena_structure::DeclaredOrder(&message))
        .map_err(|error| Error::failure(error.to_string()))?;
    stdout::print(&format!("{text}\n"))?;
    Ok(Exit::Success)
}

fn migrate_cases(context: &Context<'_>, Migrate { dry_run }: &Migrate) -> Result<()> {
    let index = Index::read(context.fixtures, None);
    let mut transaction = if *dry_run { None } else { Some(store::begin(context.fixtures)?) };
    let mut changed = 0;
    let mut seen = 0_u64;
    for folder in index.folders.values() {
        let cases = folder.cases.iter().map(|stem| (stem.case_file(&folder.path), false));
        let suites = folder.suites.iter().map(|stem| (stem.suite_file(&folder.path), true));
        for (path, is_suite) in cases.chain(suites) {
            let old = store::read(&path)?.unwrap_or_default();
            let new = if is_suite { migrate::suite(&old) } else { migrate::file(&old) };
            let new = new.map_err(|error| error.context(display_path(&path)))?;
            seen += 1;
            if let Some(new) = new {
                changed += 1;
                match &mut transaction {
                    None => print_stderr(&format!("would change {}", display_path(&path))),
                    Some(transaction) => transaction.write(&path, Some(&old), &new),
                }
            }
        }
    }
    transaction.map_or(Ok(()), store::commit)?;
    if !context.quiet {
        print_stderr(&format!("{}, {changed} of an older format", plural(seen, "case file")));
    }
    Ok(())
}
