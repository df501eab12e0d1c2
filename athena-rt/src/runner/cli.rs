//! The command line of a runner that is started by hand, in production or by `cargo run`.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;

use athena_protocol::{
    Answer, Collect, Exit, ModelInfo, Mpi, Record, RecordArgs, Reply, Request, Rerecord, Run,
    RunArgs, Schema, Schemas, Serve, Status, Submit, Test, Verb, Work,
};
use clap::{Args, CommandFactory as _, Parser, Subcommand};

use athena_core::context::Folders;
use athena_core::display::plural;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;

use super::{Start, list, paths, replay_verbs, stdout, verb};

/// Run the models of this program.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    verb: Option<RunnerVerb>,
    #[command(flatten)]
    folder: CaseFolder,
}

/// Where the cases are.
#[derive(Debug, Args)]
#[group(skip)]
struct CaseFolder {
    /// Folder of recorded cases [default: fixtures in the workspace's root]
    #[arg(long, global = true, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one")]
enum RunnerVerb {
    /// Run a model; the verb may be left out if there is one model
    Run(RunVerb),
    /// List the models
    List {
        /// Format of the list
        #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
        format: String,
    },
    /// Record a run as a case
    Record(RecordArgs),
    /// Replay the recorded cases
    Test(Test),
    /// Serve models over HTTP and gRPC
    Serve(Serve),
    /// Run models on the messages of a queue
    Work(Work),
    /// Put messages into a queue
    Submit(Submit),
    /// Print the outcomes of a queue, one per line, until none is left
    Collect(Collect),
    /// Look at a queue
    #[command(subcommand)]
    Queue(QueueVerb),
    /// Run a model on many messages, over the ranks of an MPI job
    Mpi(Mpi),
    /// Print the schema of a model's messages
    Schema(Schema),
}

/// `run`
#[derive(Debug, Args)]
#[group(skip)]
struct RunVerb {
    #[command(flatten)]
    run: RunArgs,
    /// Print a message that the model accepts, and do not run it
    #[arg(long)]
    example: bool,
}

/// What to look at.
#[derive(Debug, Subcommand)]
enum QueueVerb {
    /// Count what waits, what is in flight, and what is dead
    Status(Status),
}

impl Cli {
    /// The command line of this process.
    fn read(start: &Start) -> Self {
        let arguments = with_verb(std::env::args_os());
        if arguments.get(verb_index(&arguments)).is_some_and(|verb| verb == "test") {
            let TestCli { verb: TestOnly::Test(test), folder } =
                parse(TestCli::command(), start, arguments);
            return Self { verb: Some(RunnerVerb::Test(test)), folder };
        }
        parse(with_brokers(Self::command()), start, arguments)
    }
}

/// The same command line with one verb: to build the flags of the others takes as long as the replay of some hundred
/// cases.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true)]
struct TestCli {
    #[command(subcommand)]
    verb: TestOnly,
    #[command(flatten)]
    folder: CaseFolder,
}

#[derive(Debug, Subcommand)]
enum TestOnly {
    /// Replay the recorded cases
    Test(Test),
}

/// Reads a command line of this program; ends the process on wrong usage, `--help` and `--version`.
fn parse<C: Parser>(command: clap::Command, start: &Start, arguments: Vec<OsString>) -> C {
    let matches = named(command, start).get_matches_from(arguments);
    C::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The command line under the name and version of the user's program.
fn named(command: clap::Command, start: &Start) -> clap::Command {
    let version = format!("{} (athena-rt {})", start.version, env!("CARGO_PKG_VERSION"));
    // clap keeps it as long as the program runs.
    command.name(start.package).version(&*version.leak())
}

/// Where the verb is, or would be.
fn verb_index(arguments: &[OsString]) -> usize {
    // The only flag with a value that may stand before a verb.
    match arguments.get(1).and_then(|argument| argument.to_str()) {
        Some("--fixtures") => 3,
        Some(flag) if flag.starts_with("--fixtures=") => 2,
        _ => 1,
    }
}

/// The arguments, with `run` in front of flags that no verb precedes.
fn with_verb(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let at = verb_index(&arguments);
    let of_the_program = ["-h", "--help", "-V", "--version"];
    let first = arguments.get(at).and_then(|argument| argument.to_str());
    if first.is_some_and(|flag| flag.starts_with('-') && !of_the_program.contains(&flag)) {
        arguments.insert(at, "run".into());
    }
    arguments
}

/// The command line whose help names the brokers of this program.
#[cfg(feature = "queue")]
fn with_brokers(command: clap::Command) -> clap::Command {
    let forms = athena_queue::url_forms();
    let about = |verb: &'static str, flag: &'static str, noun: &str| {
        let help = format!("Queue of {noun}: {forms}");
        move |command: clap::Command| {
            command.mut_subcommand(verb, |verb| verb.mut_arg(flag, |arg| arg.help(help)))
        }
    };
    let command = about("work", "from", "messages")(command);
    let command = about("submit", "to", "messages")(command);
    about("collect", "from", "outcomes")(command)
}

#[cfg(not(feature = "queue"))]
fn with_brokers(command: clap::Command) -> clap::Command {
    command
}

/// Runs what the command line says.
pub(super) fn run(start: &Start) -> Result<Exit> {
    let cli = Cli::read(start);
    let folders = paths::folders(start, cli.folder.fixtures);
    let registry = Registry::collect()?;
    let verb = match cli.verb {
        None => Verb::Run(with_terminal(Run::default())),
        Some(RunnerVerb::Run(RunVerb { run, example })) => {
            Verb::Run(Run { example, ..with_terminal(run.into()) })
        }
        Some(RunnerVerb::Record(args)) => {
            if let Some(rerecord) = args.rerecord() {
                let rerecord = of_models(&registry, rerecord)?;
                return ask(Verb::Rerecord(rerecord), &folders).map(|(exit, _)| exit);
            }
            if args.generation.generate {
                let models = args.names.models.join(" ");
                let help = format!("generate with: cargo athena record --generate {models}");
                return Err(Error::usage(
                    "a runner alone generates no cases: it does not know the code",
                )
                .help(help.trim_end()));
            }
            let records = records(args)?.into_iter();
            let exits = records.map(|record| Ok(ask(Verb::Record(record), &folders)?.0));
            return exits.collect::<Result<Vec<_>>>().map(Exit::worst);
        }
        Some(RunnerVerb::Test(test)) => {
            let packages = vec![start.package.to_owned()];
            Verb::Test(Test { schemas: Schemas { packages, ..Schemas::default() }, ..test })
        }
        Some(RunnerVerb::Serve(serve)) => Verb::Serve(serve),
        Some(RunnerVerb::Work(work)) => Verb::Work(work),
        Some(RunnerVerb::Submit(submit)) => Verb::Submit(submit),
        Some(RunnerVerb::Collect(collect)) => Verb::Collect(collect),
        Some(RunnerVerb::Queue(QueueVerb::Status(status))) => Verb::QueueStatus(status),
        Some(RunnerVerb::Mpi(mpi)) => {
            Verb::Mpi(Mpi { terminal: std::io::stderr().is_terminal(), ..mpi })
        }
        Some(RunnerVerb::Schema(schema)) => Verb::Schema(schema),
        Some(RunnerVerb::List { format }) => {
            print_list(&registry, &folders.fixtures, format == "json")?;
            return Ok(Exit::Success);
        }
    };
    if let Verb::Test(test) = &verb {
        let test = test.clone();
        let (exit, answer) = ask(verb, &folders)?;
        let Answer::Test(summary) = answer else { return Ok(exit) };
        return match exit {
            Exit::Nothing => {
                Err(replay_verbs::nothing(&registry, &folders.fixtures, &test, &summary))
            }
            exit => {
                if test.filters.is_empty() && test.skip.is_empty() {
                    let fixtures = &folders.fixtures;
                    replay_verbs::note_unlinked(&registry, fixtures, start.package, &summary);
                }
                Ok(exit)
            }
        };
    }
    ask(verb, &folders).map(|(exit, _)| exit)
}

/// Runs a verb in these folders.
fn ask(verb: Verb, folders: &Folders) -> Result<(Exit, Answer)> {
    let request = Request {
        color: std::io::stdout().is_terminal() && !athena_protocol::is_no_color(),
        fixtures: folders.fixtures.clone(),
        artifacts: folders.artifacts.clone(),
        package_root: paths::package_root(),
        ..Request::new("", verb)
    };
    let Reply { exit, answer, .. } = verb::run(&request)?;
    if let Answer::Test(summary) = &answer {
        summary.schema_notes.iter().chain(&summary.vacuous).for_each(|note| print_stderr(note));
    }
    Ok((Exit::of(exit), answer))
}

fn with_terminal(run: Run) -> Run {
    Run { terminal: std::io::stdout().is_terminal(), ..run }
}

/// The request with the ids of its models instead of their names.
fn of_models(registry: &Registry, request: Rerecord) -> Result<Rerecord> {
    let find = |name: &String| {
        let found = registry.find(name).map(|entry| entry.id.clone());
        let help =
            "to record cases again by their names, write those behind the flag: record --rerecord";
        found.map_err(|error| error.help(format!("{help} {name}")))
    };
    let models = request.models.iter().map(find).collect::<Result<_>>()?;
    Ok(Rerecord { models, is_whole: true, ..request })
}

/// The requests for the models that are named: one, except for a capture, which may have messages
/// of any number of them.
fn records(RecordArgs { names, record, .. }: RecordArgs) -> Result<Vec<Record>> {
    let models = names.models;
    if record.from_capture.is_none() && models.len() > 1 {
        return Err(Error::usage("record takes one model").help(format!(
            "to record existing cases again, by their names: record --rerecord {}",
            models.join(" ")
        )));
    }
    if models.is_empty() {
        return Ok(vec![record]);
    }
    Ok(models.into_iter().map(|model| Record { model, ..record.clone() }).collect())
}

fn print_list(registry: &Registry, fixtures: &std::path::Path, json: bool) -> Result<()> {
    let models = list::describe(registry, fixtures);
    if json {
        let text = serde_json::to_string_pretty(&models)
            .map_err(|error| Error::failure(error.to_string()))?;
        return stdout::print(&format!("{text}\n"));
    }
    let line = |model: ModelInfo| {
        let cases = plural(model.cases, "case");
        format!("{}  {}:{}  {cases}\n", model.id, model.file, model.line)
    };
    stdout::print(&models.into_iter().map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// The request that arguments mean, as JSON.
    fn request(arguments: &[String]) -> std::result::Result<Value, String> {
        let arguments = ["runner".to_owned()].into_iter().chain(arguments.iter().cloned());
        let cli = Cli::try_parse_from(arguments.clone()).map_err(|error| error.to_string());
        if arguments.clone().nth(1).is_some_and(|verb| verb == "test") {
            let read = TestCli::try_parse_from(arguments).map_err(|error| error.to_string());
            let of_all = cli.as_ref().map(|cli| format!("{:?}", cli.verb));
            let of_one = read.as_ref().map(|TestCli { verb, .. }| format!("Some({verb:?})"));
            assert_eq!(of_one, of_all);
        }
        let request = match cli?.verb.expect("a verb") {
            RunnerVerb::Run(args) => serde_json::to_value(Run::from(args.run)),
            RunnerVerb::Record(args) => match args.rerecord() {
                Some(rerecord) => serde_json::to_value(rerecord),
                None => serde_json::to_value(args.record),
            },
            RunnerVerb::Test(test) => serde_json::to_value(test),
            RunnerVerb::Serve(serve) => serde_json::to_value(serve),
            RunnerVerb::Work(work) => serde_json::to_value(work),
            RunnerVerb::Submit(submit) => serde_json::to_value(submit),
            RunnerVerb::Collect(collect) => serde_json::to_value(collect),
            RunnerVerb::Mpi(mpi) => serde_json::to_value(mpi),
            RunnerVerb::Schema(schema) => serde_json::to_value(schema),
            RunnerVerb::Queue(QueueVerb::Status(status)) => serde_json::to_value(status),
            RunnerVerb::List { .. } => Ok(Value::Null),
        };
        request.map_err(|error| error.to_string())
    }

    /// `cargo athena` is tested with the same table.
    #[test]
    fn arguments_mean_what_the_table_of_both_programs_says() {
        let table = include_str!("../../protocol/tests/arguments.jsonl");
        athena_protocol::args::table::check(table, request);
    }

    #[test]
    fn the_model_may_be_left_out() {
        assert_eq!(request(&["run".to_owned()]).expect("a run")["model"], "");
    }

    #[test]
    fn run_may_be_left_out_before_its_flags() {
        let completed = |arguments: &str| {
            let arguments = ["runner"].into_iter().chain(arguments.split(' ')).map(OsString::from);
            let all = with_verb(arguments).into_iter().skip(1);
            all.map(|text| text.into_string().expect("text")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(completed("--message {}"), "run --message {}");
        assert_eq!(completed("--fixtures a --message {}"), "--fixtures a run --message {}");
        assert_eq!(completed("--fixtures=a -m {}"), "--fixtures=a run -m {}");
        for same in ["--help", "-V", "list --format json", "--fixtures a list", "--fixtures"] {
            assert_eq!(completed(same), same);
        }
    }

    #[test]
    fn the_version_is_that_of_the_program() {
        static MARKER: [u8; athena_protocol::MARKER_LENGTH] = crate::runner::marker();
        let start = Start {
            marker: &MARKER,
            package: "orders",
            version: "3.2.1",
            module: "orders",
            manifest_dir: None,
            workspace_root: "",
            is_test: false,
            is_test_target: false,
        };
        assert!(
            named(Cli::command(), &start).render_version().starts_with("orders 3.2.1 (athena-rt ")
        );
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        with_brokers(Cli::command()).debug_assert();
        TestCli::command().debug_assert();
    }
}
