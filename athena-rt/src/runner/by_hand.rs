//! The command line of a runner that is started by hand, in production or by `cargo run`.

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use athena_protocol::{
    Answer, Environments, Exit, Format, Messages, Record, Reply, Request, Rerecord, Run, Schema,
    SchemaFormat, Schemas, Test, Verb,
};
use clap::{Args, Parser, Subcommand};

use super::collect::TypedCollect;
use super::mpi::TypedMpi;
use super::serve::TypedServe;
use super::submit::TypedSubmit;
use super::work::TypedWork;
use super::{Start, list, place, recorded, verb};
use athena_core::environment::Setting;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::say;

/// Runs the models of this program.
#[derive(Debug, Parser)]
#[command(version, disable_help_subcommand = true)]
struct Line {
    #[command(subcommand)]
    verb: Option<Typed>,
    /// The folder of recorded cases [default: fixtures in the workspace's root].
    #[arg(long, global = true, value_name = "DIR")]
    fixtures: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Typed {
    /// Run a model; the verb may be left out where there is one model.
    Run(TypedRun),
    /// List the models.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Keep a run as a case.
    Record(TypedRecord),
    /// Replay the recorded cases.
    Test(TypedTest),
    /// Answer messages over HTTP.
    Serve(TypedServe),
    /// Run models on the messages of a queue.
    Work(TypedWork),
    /// Put messages into a queue.
    Submit(TypedSubmit),
    /// Print the outcomes of a queue, a line each, until none is left.
    Collect(TypedCollect),
    /// Run a model on many messages, over the ranks of an MPI job.
    Mpi(TypedMpi),
    /// Print the schema of a model's messages.
    Schema {
        /// The model's id, or its end.
        model: String,
        /// proto, json-schema or text.
        #[arg(long, value_name = "FORMAT", default_value = "proto", value_parser = schema_format)]
        format: SchemaFormat,
    },
}

#[derive(Debug, Default, Args)]
struct Input {
    /// The message: a file, - for standard input, or JSON.
    #[arg(long, value_name = "FILE|-|JSON", conflicts_with = "messages")]
    message: Option<String>,
    /// Many messages, a line each: a file, or - for standard input.
    #[arg(long, value_name = "FILE|-")]
    messages: Option<PathBuf>,
    /// Set a variable.
    #[arg(short = 'e', long = "env", value_name = "K=V", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Set variables from a file.
    #[arg(long, value_name = "FILE")]
    env_file: Vec<PathBuf>,
    /// How messages come in: json or protobuf.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    input_format: Format,
    /// Use a named environment, `fixtures/environments/NAME.env`, in place of the process's.
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,
}

#[derive(Debug, Default, Args)]
struct TypedRun {
    /// The model's id, or its end.
    model: Option<String>,
    #[command(flatten)]
    input: Input,
    /// Run the inputs of recorded cases whose name contains this.
    #[arg(long, value_name = "FILTER", conflicts_with_all = ["message", "messages"])]
    case: Option<String>,
    /// Where messages that fail go.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// How many threads.
    #[arg(short, long)]
    jobs: Option<NonZeroUsize>,
    /// How outcomes go out: json or protobuf.
    #[arg(long, value_name = "FORMAT", default_value = "json", value_parser = format)]
    output_format: Format,
}

#[derive(Debug, Args)]
struct TypedRecord {
    /// The model's id, or its end.
    #[arg(required_unless_present_any = ["rerecord", "from_capture"])]
    model: Option<String>,
    #[command(flatten)]
    input: Input,
    /// The case's name [default: a hash].
    #[arg(long, value_name = "NAME")]
    case: Option<String>,
    /// Keep all in one suite.
    #[arg(long, value_name = "NAME")]
    suite: Option<String>,
    /// Run what was captured in production, and keep each model's in a suite of the file's name.
    #[arg(long, value_name = "FILE", conflicts_with_all = GIVEN)]
    from_capture: Option<PathBuf>,
    /// Record even where CI is set.
    #[arg(long)]
    force: bool,
    /// Renew the schema lock even over a change that breaks someone.
    #[arg(long)]
    accept_breaking: bool,
    /// Renew recorded cases whose name contains this, or all.
    #[arg(long, value_name = "FILTER", num_args = 0.., conflicts_with = "model")]
    rerecord: Option<Vec<String>>,
}

/// What a captured message brings along.
const GIVEN: [&str; 8] =
    ["message", "messages", "case", "set", "env_file", "environment", "input_format", "rerecord"];

#[derive(Debug, Args)]
struct TypedTest {
    /// Only cases whose name contains one of these.
    filters: Vec<String>,
    /// Filters are whole names.
    #[arg(long)]
    exact: bool,
    /// Leave out cases whose name contains this.
    #[arg(long, value_name = "FILTER")]
    skip: Vec<String>,
    /// How many threads.
    #[arg(short, long)]
    jobs: Option<NonZeroUsize>,
    /// Stop at the first failure.
    #[arg(long)]
    fail_fast: bool,
    /// Show what models print.
    #[arg(long, visible_alias = "nocapture")]
    no_capture: bool,
    /// How long a case may take, such as 500ms or 2s [default: 60s].
    #[arg(long, value_parser = duration)]
    timeout: Option<Duration>,
    /// A schema lock that wants renewing fails.
    #[arg(long)]
    locked_schema: bool,
}

/// Runs what the command line says.
pub(super) fn run(start: &Start) -> Result<Exit> {
    let line = Line::parse();
    let folders = place::folders(line.fixtures);
    let registry = Registry::collect()?;
    let verb = match line.verb {
        None => Verb::Run(typed_run(&registry, TypedRun::default())?),
        Some(Typed::Run(run)) => Verb::Run(typed_run(&registry, run)?),
        Some(Typed::Record(record)) => typed_record(record),
        Some(Typed::Test(test)) => Verb::Test(Test {
            filters: test.filters,
            exact: test.exact,
            skip: test.skip,
            jobs: test.jobs.map(Into::into),
            fail_fast: test.fail_fast,
            timeout_ms: test.timeout.map(millis),
            no_capture: test.no_capture,
            locked_schema: test.locked_schema,
            schemas: Schemas { packages: vec![start.package.to_owned()], ..Schemas::default() },
            ..Test::default()
        }),
        Some(Typed::Serve(serve)) => Verb::Serve(serve.into()),
        Some(Typed::Work(work)) => Verb::Work(work.into()),
        Some(Typed::Submit(submit)) => Verb::Submit(submit.into()),
        Some(Typed::Collect(collect)) => Verb::Collect(collect.into()),
        Some(Typed::Mpi(mpi)) => Verb::Mpi(mpi.into()),
        Some(Typed::Schema { model, format }) => Verb::Schema(Schema { model, format }),
        Some(Typed::List { json }) => {
            print_list(&registry, &folders.fixtures, json)?;
            return Ok(Exit::Success);
        }
    };
    let is_test = matches!(verb, Verb::Test(_));
    let request = Request {
        color: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        fixtures: folders.fixtures,
        artifacts: folders.artifacts,
        package_root: place::package_root(),
        ..Request::new("", verb)
    };
    let Reply { exit, answer, .. } = verb::run(&request)?;
    if let Answer::Test(summary) = answer {
        summary.schema_notes.iter().for_each(|note| say(note));
    }
    if is_test && exit == Exit::Nothing.code() {
        let Verb::Test(test) = &request.verb else { return Ok(Exit::Nothing) };
        return Err(recorded::nothing(&registry, &request.fixtures, test));
    }
    Ok(Exit::of(exit))
}

fn typed_run(registry: &Registry, typed: TypedRun) -> Result<Run> {
    let model = match (typed.model, registry.entries()) {
        (Some(model), _) => model,
        (None, [only]) => only.id.clone(),
        (None, []) => {
            return Err(
                Error::nothing("this program has no model").help(athena_core::registry::NO_MODEL)
            );
        }
        (None, many) => {
            let ids: Vec<&str> = many.iter().map(|entry| entry.id.as_str()).collect();
            return Err(Error::usage(format!("which model? There are: {}", ids.join(", ")))
                .help("run MODEL, or --help"));
        }
    };
    let messages = match typed.case {
        Some(filter) => Messages::Cases(filter),
        None => typed.input.messages(),
    };
    Ok(Run {
        model,
        messages,
        input_format: typed.input.input_format,
        output_format: typed.output_format,
        environments: environments(typed.input),
        rejects: typed.rejects,
        jobs: typed.jobs.map(Into::into),
        terminal: std::io::stdout().is_terminal(),
    })
}

fn typed_record(typed: TypedRecord) -> Verb {
    if let Some(filters) = typed.rerecord {
        return Verb::Rerecord(Rerecord {
            filters,
            force: typed.force,
            accept_breaking: typed.accept_breaking,
            ..Rerecord::default()
        });
    }
    Verb::Record(Record {
        model: typed.model.unwrap_or_default(),
        messages: typed.input.messages(),
        input_format: typed.input.input_format,
        environments: environments(typed.input),
        case: typed.case,
        suite: typed.suite,
        from_capture: typed.from_capture,
        force: typed.force,
        accept_breaking: typed.accept_breaking,
        ..Record::default()
    })
}

impl Input {
    fn messages(&self) -> Messages {
        messages(self.message.as_deref(), self.messages.as_deref())
    }
}

/// Where `--message` and `--messages` say messages come from.
pub(super) fn messages(message: Option<&str>, lines: Option<&Path>) -> Messages {
    match (message, lines) {
        (_, Some(path)) if path.as_os_str() == "-" => Messages::StdinLines,
        (_, Some(path)) => Messages::Lines(path.to_owned()),
        (Some("-"), _) => Messages::Stdin,
        (Some(text), _) if text.trim_start().starts_with(['{', '[', '"']) => {
            Messages::Text(text.to_owned())
        }
        (Some(path), _) => Messages::File(PathBuf::from(path)),
        (None, None) => Messages::Default,
    }
}

fn environments(input: Input) -> Environments {
    Environments { named: input.environment, files: input.env_file, set: input.set }
}

pub(super) fn pair(text: &str) -> std::result::Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a setting is NAME=VALUE".to_owned()),
    }
}

pub(super) fn format(text: &str) -> std::result::Result<Format, String> {
    match text {
        "json" => Ok(Format::Json),
        "protobuf" => Ok(Format::Protobuf),
        _ => Err("a format is json or protobuf".to_owned()),
    }
}

fn schema_format(text: &str) -> std::result::Result<SchemaFormat, String> {
    match text {
        "proto" => Ok(SchemaFormat::Proto),
        "json-schema" => Ok(SchemaFormat::JsonSchema),
        "text" => Ok(SchemaFormat::Text),
        _ => Err("a schema is written as proto, json-schema or text".to_owned()),
    }
}

/// A time as the protocol has it.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn duration(text: &str) -> std::result::Result<Duration, String> {
    match Duration::parse(text) {
        Ok(Duration::ZERO) => Err("no case ends in no time".to_owned()),
        parsed => parsed,
    }
}

fn print_list(registry: &Registry, fixtures: &std::path::Path, json: bool) -> Result<()> {
    let models = list::describe(registry, fixtures);
    if json {
        let text = serde_json::to_string_pretty(&models)
            .map_err(|error| Error::failure(error.to_string()))?;
        println!("{text}");
        return Ok(());
    }
    for model in models {
        println!("{}  {}:{}  {} cases", model.id, model.file, model.line, model.cases);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        super::Line::command().debug_assert();
    }
}
