//! What can be typed. Types only: what it means is in `command/`.

mod build;
mod capture;
mod decide;
mod diff;
#[cfg(test)]
mod examples;
mod manifest;
mod mpi;
mod queue;
mod report;
mod run;
mod serve;
mod setup;
mod shrink;
mod test;
mod value;

use std::ffi::OsString;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::build::{Build, Manifest, Place};
pub(crate) use self::capture::CaptureArgs;
pub(crate) use self::decide::{Accept, Keep, Pending, Reject, Review, Which};
pub(crate) use self::diff::Diff;
pub(crate) use self::manifest::{ManifestKind, Mpijob, Print};
pub(crate) use self::mpi::Mpi;
pub(crate) use self::queue::{Collect, Submit, Work};
pub(crate) use self::report::{Forms, Merge, Report, ReportKind, ReportVerb, Show, TestFormat};
pub(crate) use self::run::{Environment, MessageFormat, Record, Run};
pub(crate) use self::serve::Serve;
pub(crate) use self::setup::{Init, New, Source};
pub(crate) use self::shrink::Shrink;
pub(crate) use self::test::{Test, Watch};
use crate::finding_kind::FindingKind;

/// Reads the command line of this process; ends it on wrong usage, `--help` and `--version`.
pub(crate) fn parse() -> Cli {
    Cli::parse_from(without_subcommand(std::env::args_os()))
}

/// Run, record and replay typed functions.
#[derive(Debug, Parser)]
#[command(name = "cargo athena", bin_name = "cargo athena", version, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all well, 1 a model failed or a case differs, 2 wrong usage, \
                        message, environment or case file, 3 the build failed, 4 nothing to run."
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Make a package's models runnable: the dependency, a runner, a model to start from.
    Init(Init),
    /// Make a new package with a model in it.
    New(New),
    /// List the models, what they take and how many cases they have.
    List(List),
    /// Run a model on messages; a line of JSON comes out per state.
    Run(Run),
    /// Keep runs of a model as cases.
    Record(Record),
    /// Replay the recorded cases.
    Test(Test),
    /// Run a commit and the working tree on the same inputs: what does this change do?
    Diff(Diff),
    /// Replay again whenever sources or cases change: what is affected, and what failed first.
    Watch(Watch),
    /// Find a smaller input that fails as a case does.
    Shrink(Shrink),
    /// Tell what the recordings lack: models without cases, values never tried, duplicates.
    Doctor(Doctor),
    /// Look through what failed, and accept or reject it.
    Review(Review),
    /// Keep the new outcomes of cases that differ.
    Accept(Accept),
    /// Keep the recorded outcomes of cases that differ: they are pending no more.
    Reject(Reject),
    /// List the failing cases that nobody has decided on.
    Pending(Pending),
    /// Show the report of the last run whole, or merge those of partitions.
    Report(Report),
    /// Answer messages over HTTP, as the runner does in production.
    Serve(Serve),
    /// Run models on the messages of a queue, as the runner does in production.
    Work(Work),
    /// Put messages into a queue.
    Submit(Submit),
    /// Print the outcomes of a queue, a line each, until none is left.
    Collect(Collect),
    /// Run a model over the ranks of an MPI job, as on a cluster.
    Mpi(Box<Mpi>),
    /// Print a manifest that runs a model on a cluster.
    Manifest(Print),
    /// Print the schema of what a model takes and gives.
    Schema(Schema),
    /// Rename a model's cases after the model was renamed.
    Mv(Mv),
    /// Bring cases of an older format up to date.
    Migrate(Migrate),
}

/// How much is printed, and how.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Output {
    /// Colours in what is printed.
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub(crate) color: Option<Color>,
    /// Say more of the build; twice for more still.
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Print errors and outcomes only.
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// `cargo athena doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Only models whose id contains one of these; a model is judged by all of its cases.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Exit with 1 where something of this kind is found; several with commas.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_enum)]
    pub(crate) deny: Vec<FindingKind>,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena list`
#[derive(Debug, Args)]
pub(crate) struct List {
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// `cargo athena schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The model's id, or as much of its end as tells it from the others.
    pub(crate) model: String,
    /// As what.
    #[arg(long, value_enum, default_value_t = SchemaFormat::Proto)]
    pub(crate) format: SchemaFormat,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// How a schema is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaFormat {
    /// A `.proto` file, in proto2.
    Proto,
    /// JSON Schema, draft 2020-12.
    JsonSchema,
    /// For people.
    Text,
}

/// `cargo athena mv`
#[derive(Debug, Args)]
pub(crate) struct Mv {
    /// The id the cases have now.
    pub(crate) old: String,
    /// The id they are to have, or an end of it: that of a model that is there.
    pub(crate) new: String,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena migrate`
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Say what would change, and change nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// Cargo hands a subcommand its own name as the first argument.
fn without_subcommand(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments.enumerate().filter(|(at, text)| *at != 1 || text != "athena").map(|(_, text)| text)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

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
            assert_eq!(run.model, "athena");
        }
    }

    #[test]
    fn settings_are_given_by_e_or_env() {
        let Verb::Run(run) = read(&["x", "run", "m", "-e", "A=1", "--env", "B=2"]).unwrap().verb
        else {
            panic!("another verb")
        };
        let set = run.environment.set.iter().map(|(key, value)| format!("{key}{value}"));
        assert_eq!(set.collect::<Vec<_>>(), ["A1", "B2"]);
    }

    #[test]
    fn recording_needs_a_model_and_renewing_does_not() {
        assert!(read(&["x", "record"]).is_err());
        assert!(read(&["x", "record", "--rerecord"]).is_ok());
        assert!(read(&["x", "record", "--rerecord", "a", "b"]).is_ok());
        assert!(read(&["x", "record", "--rerecord", "--message", "{}"]).is_err());
    }

    #[test]
    fn a_timeout_without_a_unit_is_refused() {
        assert!(read(&["x", "test", "--timeout", "2s"]).is_ok());
        assert!(read(&["x", "test", "--timeout", "2"]).is_err());
        assert!(read(&["x", "test", "--timeout", "0s"]).is_err());
        assert!(read(&["x", "test", "--jobs", "0"]).is_err());
    }

    #[test]
    fn queues_are_named_and_limits_make_sense() {
        for right in [
            "work --from redis://h/t",
            "work a b --from nats://h/t --to nats://h/o --processes 2 --attempts 3 --backoff 0s",
            "work --from redis://h/t --capture f --sample 0.1% --max 10 --memory-limit 64MB",
            "submit m --to redis://h/t --messages - --rejects r",
            "submit m --to redis://h/t -m {}",
            "collect --from redis://h/o --keep --wait 0s --max 10",
            "collect --from redis://h/t --dead",
        ] {
            let arguments: Vec<&str> = ["x"].into_iter().chain(right.split(' ')).collect();
            assert!(read(&arguments).is_ok(), "{right}");
        }
        for (wrong, says) in [
            ("work", "--from <URL>"),
            ("work --from a --processes 0", "--processes <N>"),
            ("work --from a --lease 0s", "no sign of life"),
            ("work --from a --timeout 0s", "ends in no time"),
            ("work --from a --memory-limit 1KB", "16MB at least"),
            ("work --from a --sample 1%", "--capture <FILE>"),
            ("work --from a --capture f --sample 2", "write it as 100%, 1% or 0.05%"),
            ("work --from a --capture f --sample 0.00001%", "is the finest"),
            ("submit --to a", "<MODEL>"),
            ("submit m", "--to <URL>"),
            ("submit m --to a --message {} --messages f", "cannot be used with"),
            ("collect", "--from <URL>"),
            ("collect --from a --max 0", "--max <N>"),
            ("collect --from a --wait 1", "--wait <TIME>"),
        ] {
            let arguments: Vec<&str> = ["x"].into_iter().chain(wrong.split(' ')).collect();
            let error = read(&arguments).unwrap_err().to_string();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }

    #[test]
    fn reports_are_kinds_with_files_between_commas_or_repeated() {
        let arguments =
            ["x", "test", "--report", "junit=a.xml,html=b.html", "--report", "json=c=d.json"];
        let Verb::Test(test) = read(&arguments).unwrap().verb else { panic!("another verb") };
        let files: Vec<String> = test
            .forms
            .report
            .iter()
            .map(|(kind, file)| format!("{}:{}", kind.name(), file.display()))
            .collect();
        assert_eq!(files, ["junit:a.xml", "html:b.html", "json:c=d.json"]);
        for (wrong, says) in [
            ("html", "write it as KIND=FILE, where KIND is one of junit, markdown, html, json"),
            ("pdf=a", "`pdf` is no kind of report: there are junit, markdown, html, json"),
            ("html=", "name the file: html=FILE"),
            ("html=a,b", "write it as KIND=FILE"),
        ] {
            let error = read(&["x", "test", "--report", wrong]).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
