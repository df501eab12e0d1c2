//! The command line. Types only: `command/` carries the verbs out.

mod build;
mod convert;
mod decide;
mod deny;
mod diff;
#[cfg(test)]
mod examples;
mod forwarded;
mod help;
mod import;
mod manifest;
mod output;
#[cfg(test)]
mod reference;
mod report;
mod run;
mod schema;
mod setup;
mod shrink;
mod strength;
mod test;
mod verb_examples;

use std::ffi::OsString;

use athena_protocol::args::value;
use athena_protocol::{Collect, RecordArgs, Serve, Status, Submit, Work};
use clap::{Args, FromArgMatches as _, Parser, Subcommand, ValueEnum};

pub(crate) use self::build::ReportLocation;
pub(crate) use self::decide::{Accept, Pending, Reject, Review};
pub(crate) use self::diff::Diff;
pub(crate) use self::import::Import;
pub(crate) use self::manifest::{ManifestKind, Mpijob, Print};
pub(crate) use self::report::{Merge, ReportCommand, ReportVerb, Show};
pub(crate) use self::run::{Built, MpiVerb, RunVerb};
pub(crate) use self::schema::{ImportSchema, SchemaVerb};
pub(crate) use self::setup::{Init, New};
pub(crate) use self::shrink::Shrink;
pub(crate) use self::strength::{DeniedMutants, StrengthVerb};
pub(crate) use self::test::{TestVerb, Watch};
use crate::finding_kind::FindingKind;
use crate::options::{BuildOptions, OutputOptions};

/// Reads the command line of this process; ends it on wrong usage, `--help` and `--version`.
pub(crate) fn parse() -> Cli {
    let arguments: Vec<OsString> = without_subcommand(std::env::args_os()).collect();
    if arguments.iter().skip(1).eq(["help", "cargo"]) {
        let _ = help::cargo_flags().print_help();
        std::process::exit(0);
    }
    let matches = command().get_matches_from(arguments);
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The command line with its help.
pub(crate) fn command() -> clap::Command {
    help::command()
}

/// Run, record and replay typed functions
#[derive(Debug, Parser)]
#[command(name = "cargo athena", bin_name = "cargo athena", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 success, 1 a model failed or a case differs, 2 wrong usage, \
                        message, environment or case file, 3 the build failed, 4 nothing to run."
)]
pub(crate) struct Cli {
    /// Verb
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// What to look at in a queue.
#[derive(Debug, Subcommand)]
pub(crate) enum QueueVerb {
    /// Count what waits, what is in flight, and what is dead
    Status(Built<Status>),
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Set a package up: the dependency, a runner, a first model
    Init(Init),
    /// Create a package with a model
    New(New),
    /// List the models, with their messages and numbers of cases
    List(List),
    /// Run a model on messages, and print each outcome as a line of JSON
    Run(Box<RunVerb>),
    /// Record a model's outcomes as test cases
    Record(Built<RecordArgs>),
    /// Import cases from the suites of other projects: JSON, JSON Lines, CSV or YAML
    Import(Box<Import>),
    /// Replay the recorded cases
    Test(TestVerb),
    /// Compare the outcomes of a commit and the working tree on the same inputs
    Diff(Diff),
    /// Replay whenever sources or cases change, affected and failed cases first
    Watch(Watch),
    /// Find a smaller input that fails in the same way as a case
    Shrink(Shrink),
    /// Report which small changes of the code no recorded case would notice
    Strength(Box<StrengthVerb>),
    /// Report gaps in the recorded cases: models without cases, untested values, duplicates
    Doctor(Doctor),
    /// Review the cases that failed, and accept or reject their new outcomes
    Review(Review),
    /// Accept the new outcomes of cases that failed
    Accept(Accept),
    /// Reject new outcomes: keep the recorded ones, and stop listing them as pending
    Reject(Reject),
    /// List the failed cases that are neither accepted nor rejected
    Pending(Pending),
    /// Show the report of the last run in full, or merge the reports of partitions
    Report(ReportCommand),
    /// Serve models over HTTP and gRPC, as in production
    Serve(Built<Serve>),
    /// Run models on the messages of a queue, as in production
    Work(Built<Work>),
    /// Put messages into a queue
    Submit(Built<Submit>),
    /// Print the outcomes of a queue, one per line, until none is left
    Collect(Built<Collect>),
    /// Look at a queue
    #[command(subcommand)]
    Queue(QueueVerb),
    /// Run a model over the ranks of an MPI job, as on a cluster
    Mpi(Box<MpiVerb>),
    /// Print a manifest that runs a model on a cluster
    Manifest(Print),
    /// Print the schema of a model's messages, or import one from .proto files
    Schema(SchemaVerb),
    /// Move the cases of a model that was renamed
    Mv(Mv),
    /// Convert cases of an older format to the current one
    Migrate(Migrate),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page, or that of one verb
    Man(Man),
}

/// `cargo athena completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// `cargo athena man`
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// Verb
    pub(crate) verb: Option<String>,
}

/// `cargo athena doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Only models whose id contains one of these texts
    #[arg(value_name = "FILTER", value_parser = value::filter)]
    pub(crate) filters: Vec<String>,
    /// Exit with code 1 if a finding of this kind exists; separate several with commas
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_enum)]
    pub(crate) deny: Vec<FindingKind>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Show the fields of the messages, the variables and where each model is
    #[arg(short, long, conflicts_with = "format")]
    pub(crate) long: bool,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// The format of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Plain text for people
    Text,
    /// JSON for programs
    Json,
}

/// `cargo athena mv`
#[derive(Debug, Args)]
pub(crate) struct Mv {
    /// Model id of the existing cases
    pub(crate) old: String,
    /// New id of the model, or a unique suffix of it
    pub(crate) new: String,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// `cargo athena migrate`
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Print what would change without changing it
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

/// Cargo hands a subcommand its own name as the first argument.
fn without_subcommand(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments.enumerate().filter(|(at, text)| *at != 1 || text != "athena").map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use serde_json::Value;

    use super::*;

    fn read(arguments: &[&str]) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(without_subcommand(arguments.iter().map(OsString::from)))
    }

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Cli::command().debug_assert();
    }

    #[test]
    fn it_is_the_same_through_cargo_and_by_itself() {
        for arguments in [
            &["cargo-athena", "athena", "run", "athena"][..],
            &["cargo-athena", "run", "athena"][..],
        ] {
            let Verb::Run(run) = read(arguments).unwrap().verb else { panic!("another verb") };
            let run = athena_protocol::Run::from(run.args);
            assert_eq!(run.model, "athena");
        }
    }

    #[test]
    fn example_without_a_name_is_a_message_and_with_one_a_target_of_cargo() {
        let run = |arguments: &[&str]| match read(arguments).unwrap().verb {
            Verb::Run(run) => (run.example, run.build.example),
            _ => panic!("another verb"),
        };
        assert_eq!(run(&["x", "run", "m", "--example"]), (true, Vec::new()));
        assert_eq!(run(&["x", "run", "--example", "a"]), (false, vec!["a".to_owned()]));
        assert_eq!(run(&["x", "run", "m"]), (false, Vec::new()));
        assert!(read(&["x", "test", "--example"]).is_err());
    }

    /// The request that arguments mean, as JSON.
    fn request(arguments: &[String]) -> Result<Value, String> {
        // The number of ranks is `cargo athena`'s own.
        let ranks: &[&str] = if arguments[0] == "mpi" { &["--ranks", "3"] } else { &[] };
        let arguments = arguments.iter().map(String::as_str).chain(ranks.iter().copied());
        let arguments: Vec<&str> = ["cargo-athena"].into_iter().chain(arguments).collect();
        let cli = read(&arguments).map_err(|error| error.to_string())?;
        let request = match cli.verb {
            Verb::Run(verb) => serde_json::to_value(athena_protocol::Run::from(verb.args)),
            Verb::Record(verb) => match verb.args.rerecord() {
                Some(rerecord) => serde_json::to_value(rerecord),
                None => serde_json::to_value(verb.args.record),
            },
            Verb::Test(verb) => serde_json::to_value(verb.test),
            Verb::Serve(verb) => serde_json::to_value(verb.args),
            Verb::Work(verb) => serde_json::to_value(verb.args),
            Verb::Submit(verb) => serde_json::to_value(verb.args),
            Verb::Collect(verb) => serde_json::to_value(verb.args),
            Verb::Queue(QueueVerb::Status(verb)) => serde_json::to_value(verb.args),
            Verb::Mpi(verb) => serde_json::to_value(verb.mpi.args),
            Verb::Schema(SchemaVerb::Show(verb)) => serde_json::to_value(verb.args),
            other => panic!("{other:?}"),
        };
        request.map_err(|error| error.to_string())
    }

    /// A runner is tested with the same table.
    #[test]
    fn arguments_mean_what_the_table_of_both_programs_says() {
        let table = include_str!("../../../athena-rt/protocol/tests/arguments.jsonl");
        athena_protocol::args::table::check(table, request);
    }

    #[test]
    fn a_timeout_needs_a_unit() {
        assert!(read(&["x", "diff", "--base", "HEAD", "--timeout", "2"]).is_err());
        assert!(read(&["x", "shrink", "case", "--timeout", "0s"]).is_err());
    }

    #[test]
    fn reports_are_kinds_with_files_between_commas_or_repeated() {
        let arguments =
            ["x", "test", "--report", "junit=a.xml,html=b.html", "--report", "json=c=d.json"];
        let Verb::Test(test) = read(&arguments).unwrap().verb else { panic!("another verb") };
        let files: Vec<String> = test
            .formats
            .files
            .iter()
            .map(|(kind, file)| format!("{}:{}", kind.name(), file.display()))
            .collect();
        assert_eq!(files, ["junit:a.xml", "html:b.html", "json:c=d.json"]);
        for (wrong, says) in [
            ("html", "write it as KIND=FILE, where KIND is one of junit, markdown, html, json"),
            ("pdf=a", "`pdf` is not a kind of report; the kinds are junit, markdown, html, json"),
            ("html=", "name the file: html=FILE"),
            ("html=a,b", "write it as KIND=FILE"),
        ] {
            let error = read(&["x", "test", "--report", wrong]).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
