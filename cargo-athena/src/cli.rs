//! What can be typed. Types only: what it means is in `command/`.

mod decide;
mod diff;
#[cfg(test)]
mod examples;
mod shrink;

use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use athena_protocol::Partition;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::deny::{self, Deny};

pub(crate) use self::decide::{Accept, Keep, Pending, Reject, Review, Which};
pub(crate) use self::diff::Diff;
pub(crate) use self::shrink::Shrink;

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

/// Which runners, and how they are built: as `cargo test` has it.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub(crate) struct Build {
    /// Only this package; may be repeated, `*` is any text.
    #[arg(short, long, value_name = "SPEC", help_heading = PACKAGES, conflicts_with = "workspace")]
    pub(crate) package: Vec<String>,
    /// All packages of the workspace.
    #[arg(long, help_heading = PACKAGES, alias = "all")]
    pub(crate) workspace: bool,
    /// Leave this package out; may be repeated.
    #[arg(long, value_name = "SPEC", help_heading = PACKAGES, requires = "workspace")]
    pub(crate) exclude: Vec<String>,
    /// Only this binary; may be repeated.
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) bin: Vec<String>,
    /// Only binaries.
    #[arg(long, help_heading = TARGETS)]
    pub(crate) bins: bool,
    /// Only this example; may be repeated.
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) example: Vec<String>,
    /// Only examples.
    #[arg(long, help_heading = TARGETS)]
    pub(crate) examples: bool,
    /// Only this test target; `athena` is the one that can be a runner.
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) test: Vec<String>,
    /// Features to build with, separated by commas or spaces.
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = FEATURES)]
    pub(crate) features: Vec<String>,
    /// Build with all features.
    #[arg(long, help_heading = FEATURES)]
    pub(crate) all_features: bool,
    /// Build without the default feature.
    #[arg(long, help_heading = FEATURES)]
    pub(crate) no_default_features: bool,
    /// Build optimised.
    #[arg(short, long, help_heading = COMPILATION, conflicts_with = "profile")]
    pub(crate) release: bool,
    /// Build with this profile.
    #[arg(long, value_name = "NAME", help_heading = COMPILATION)]
    pub(crate) profile: Option<String>,
    /// Build for this target; what is built must run here.
    #[arg(long, value_name = "TRIPLE", help_heading = COMPILATION)]
    pub(crate) target: Option<String>,
    /// Where what is built goes.
    #[arg(long, value_name = "DIR", help_heading = COMPILATION)]
    pub(crate) target_dir: Option<PathBuf>,
    /// How many compilers run at once.
    #[arg(long, value_name = "N", help_heading = COMPILATION)]
    pub(crate) build_jobs: Option<String>,
    #[command(flatten)]
    pub(crate) manifest: Manifest,
    /// The folder of cases; `fixtures` in the workspace's root by default.
    #[arg(long, value_name = "DIR", env = "ATHENA_FIXTURES", hide_env_values = true)]
    pub(crate) fixtures: Option<PathBuf>,
}

const PACKAGES: &str = "Packages";
const TARGETS: &str = "Targets";
const FEATURES: &str = "Features";
const COMPILATION: &str = "Build";
const MANIFEST: &str = "Manifest";

/// Where the workspace is, and how it may be changed.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub(crate) struct Manifest {
    /// The Cargo.toml to start from.
    #[arg(long, value_name = "PATH", help_heading = MANIFEST)]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Cargo.lock must not change.
    #[arg(long, help_heading = MANIFEST)]
    pub(crate) locked: bool,
    /// Don't touch the network.
    #[arg(long, help_heading = MANIFEST)]
    pub(crate) offline: bool,
    /// Both of these.
    #[arg(long, help_heading = MANIFEST)]
    pub(crate) frozen: bool,
    /// Where cargo and the runners are started, where that is another folder than this.
    #[arg(skip)]
    pub(crate) directory: Option<PathBuf>,
}

/// Under which variables a model runs. The process environment comes first, or in its place each
/// named environment; then files; then single settings.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub(crate) struct Environment {
    /// Set a variable; may be repeated.
    #[arg(short = 'e', long = "env", value_name = "KEY=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
    /// Set the variables of a file of KEY=VALUE lines; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Run under `fixtures/environments/NAME.env`; if repeated, under each.
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Vec<String>,
}

/// `cargo athena run`
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The model's id, or as much of its end as tells it from the others.
    pub(crate) model: String,
    /// The message: a file, `-` for standard input, or JSON; else `message.json` in the working
    /// directory, else in the package's root, else {}.
    #[arg(short, long, value_name = "FILE|-|JSON")]
    pub(crate) message: Option<String>,
    /// Take a message from each line of a file, or of standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["message", "case"])]
    pub(crate) messages: Option<PathBuf>,
    /// Take the inputs of recorded cases whose name contains this.
    #[arg(long, value_name = "FILTER", conflicts_with = "message")]
    pub(crate) case: Option<String>,
    /// Where messages that failed go, with line and reason; stderr by default.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// How many threads.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// How messages come in.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) input_format: MessageFormat,
    /// How outcomes go out.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) output_format: MessageFormat,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena record`
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The model's id, or as much of its end as tells it from the others; with --rerecord, texts
    /// one of which a case's name must contain.
    #[arg(value_name = "MODEL", required_unless_present = "rerecord")]
    pub(crate) model: Vec<String>,
    /// The message: a file, `-` for standard input, or JSON; else `message.json` in the working
    /// directory, else in the package's root, else {}.
    #[arg(short, long, value_name = "FILE|-|JSON")]
    pub(crate) message: Option<String>,
    /// Record each line of a file, or of standard input.
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["message", "case"])]
    pub(crate) messages: Option<PathBuf>,
    /// The case's name; by default a hash of environment and message.
    #[arg(long, value_name = "NAME")]
    pub(crate) case: Option<String>,
    /// Write all cases to one file of this name, a line each.
    #[arg(long, value_name = "NAME")]
    pub(crate) suite: Option<String>,
    /// Renew existing cases from their own message and environment, and show what changes.
    #[arg(long, conflicts_with_all = RECORDING)]
    pub(crate) rerecord: bool,
    /// Record even where CI is set.
    #[arg(long)]
    pub(crate) force: bool,
    /// Renew the schema lock even over a change that breaks stored messages or old readers.
    #[arg(long)]
    pub(crate) accept_breaking: bool,
    /// How messages come in; cases keep them as JSON.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) input_format: MessageFormat,
    #[command(flatten)]
    pub(crate) environment: Environment,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// What has no meaning with `--rerecord`.
const RECORDING: [&str; 7] =
    ["message", "messages", "case", "suite", "set", "env_file", "environment"];

/// `cargo athena test`
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Test {
    /// Only cases whose name, `model id::case`, contains one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Filters and skips are whole names.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Leave out cases whose name contains this; may be repeated.
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// How many threads.
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Stop at the first failure.
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Show what models print, as it comes.
    #[arg(long, alias = "nocapture")]
    pub(crate) no_capture: bool,
    /// How long a case may take, as in 2s or 500ms; 60s by default.
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    pub(crate) timeout: Option<Duration>,
    /// Replay one of several parts that together have every case once: hash:1/4 or slice:1/4.
    #[arg(long, value_name = "KIND:M/N", value_parser = partition)]
    pub(crate) partition: Option<Partition>,
    /// Try a case that failed so often again; one that then passes is flaky.
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(crate) retries: u32,
    /// Run every case so often; one that does not always pass fails.
    #[arg(long, value_name = "N", conflicts_with = "retries")]
    pub(crate) repeat: Option<NonZeroU32>,
    /// Run every case once more under another time zone, locale, working directory and hash seed.
    #[arg(long)]
    pub(crate) check_determinism: bool,
    /// How much memory a worker may take, as in 512MB; four fifths of the machine's by default.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) memory_limit: Option<u64>,
    /// Let cases pass whose model is gone.
    #[arg(long)]
    pub(crate) allow_orphans: bool,
    /// Fail where there are: orphans, cases whose model is gone, as is the default; uncovered,
    /// models without cases, whatever the filters.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = deny::of_test())]
    pub(crate) deny: Vec<Deny>,
    /// Fail where a schema lock wants renewing, though nothing breaks; for builders.
    #[arg(long)]
    pub(crate) locked_schema: bool,
    #[command(flatten)]
    pub(crate) forms: Forms,
    #[command(flatten)]
    pub(crate) build: Build,
}

/// `cargo athena watch`
#[derive(Debug, Args)]
#[command(after_help = WATCH)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) test: Test,
}

const WATCH: &str = "What git ignores is not watched. Ctrl-C ends it, with exit code 0 whatever \
failed. A build that fails is shown, and watched on.";

/// In which forms the report of a run is given, beside `target/athena/report.json`.
#[derive(Clone, Debug, Args)]
pub(crate) struct Forms {
    /// Write the report as junit, markdown, html or json to a file; may be repeated.
    #[arg(long, value_name = "KIND=FILE", value_delimiter = ',', value_parser = report_file)]
    pub(crate) report: Vec<(ReportKind, PathBuf)>,
    /// For people, or also as GitHub's annotations and step summary.
    #[arg(long, value_enum, default_value_t = TestFormat::Text)]
    pub(crate) format: TestFormat,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportKind {
    /// `JUnit`'s XML, which builders read.
    Junit,
    /// A summary for a comment.
    Markdown,
    /// A page that has everything in it.
    Html,
    /// The report itself.
    Json,
}

impl ReportKind {
    /// As it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// How failures are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    Text,
    /// Also as annotations and step summary on GitHub.
    Github,
}

/// `cargo athena doctor`
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Only models whose id contains one of these; a model is judged by all of its cases.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Exit with 1 where something of this kind is found; several with commas.
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_enum)]
    pub(crate) deny: Vec<Deny>,
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

/// `cargo athena report`
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) verb: ReportVerb,
}

/// What is done with reports.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// Show every failure of the last run, whole.
    Show(Show),
    /// Make one report of those of partitions.
    Merge(Merge),
}

/// `cargo athena report show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Only cases whose name, `model id::case`, contains one of these.
    #[arg(value_name = "FILTER")]
    pub(crate) filters: Vec<String>,
    /// Another report than that of the last run.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// `cargo athena report merge`
#[derive(Debug, Args)]
pub(crate) struct Merge {
    /// The reports, as `--report json=FILE` writes them: one a partition.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where the merged report goes; by default it becomes that of the last run.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) forms: Forms,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Where reports are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Place {
    /// Where what is built goes.
    #[arg(long, value_name = "DIR", help_heading = COMPILATION)]
    pub(crate) target_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) manifest: Manifest,
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

/// `cargo athena init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The package; the one in the working directory by default.
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) package: Option<String>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) manifest: Manifest,
}

/// `cargo athena new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make; its last part is the package's name.
    #[arg(value_name = "PATH")]
    pub(crate) folder: PathBuf,
    /// The package's name, where it is not the folder's.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Models in a library, with a test target that runs them.
    #[arg(long)]
    pub(crate) lib: bool,
    /// Models in a binary, which runs them (default).
    #[arg(long, conflicts_with = "lib")]
    pub(crate) bin: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Where `athena-rt` comes from; by default from where `cargo-athena` came from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Source {
    /// Take athena-rt from this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    pub(crate) path: Option<PathBuf>,
    /// Take athena-rt from this repository.
    #[arg(long, value_name = "URL")]
    pub(crate) git: Option<String>,
    /// At this commit.
    #[arg(long, value_name = "REV", requires = "git", conflicts_with_all = ["branch", "tag"])]
    pub(crate) rev: Option<String>,
    /// At the end of this branch.
    #[arg(long, value_name = "BRANCH", requires = "git", conflicts_with = "tag")]
    pub(crate) branch: Option<String>,
    /// At this tag.
    #[arg(long, value_name = "TAG", requires = "git")]
    pub(crate) tag: Option<String>,
}

/// Cargo hands a subcommand its own name as the first argument.
fn without_subcommand(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments.enumerate().filter(|(at, text)| *at != 1 || text != "athena").map(|(_, text)| text)
}

fn timeout(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(Duration::ZERO) => Err("no case ends in no time".to_owned()),
        Ok(timeout) => Ok(timeout),
        Err(error) => Err(error.to_string()),
    }
}

fn partition(text: &str) -> Result<Partition, String> {
    let read = || {
        let (kind, rest) = text.split_once(':')?;
        let (part, parts) = rest.split_once('/')?;
        let hash = match kind {
            "hash" => true,
            "slice" => false,
            _ => return None,
        };
        Some(Partition { hash, part: part.parse().ok()?, parts: parts.parse().ok()? })
    };
    match read() {
        Some(partition) if partition.part == 0 || partition.part > partition.parts => {
            Err(format!("parts are counted from 1 to {}", partition.parts))
        }
        Some(partition) => Ok(partition),
        None => Err("write it as hash:1/4 or slice:1/4".to_owned()),
    }
}

/// A size in bytes: a number and B, KB, MB, GB, KiB, MiB or GiB.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "write it as 512MB or 2GB".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let number: u64 = text[..end].parse().map_err(|_| wrong())?;
    let unit: u64 = match &text[end..] {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let bytes = number.checked_mul(unit).ok_or_else(wrong)?;
    // A process that has done nothing takes a few of them.
    if bytes < 16_000_000 { Err("a worker needs 16MB at least".to_owned()) } else { Ok(bytes) }
}

fn report_file(text: &str) -> Result<(ReportKind, PathBuf), String> {
    let kinds = || ReportKind::value_variants().iter().map(|kind| kind.name());
    let Some((name, file)) = text.split_once('=') else {
        let kinds = kinds().collect::<Vec<_>>().join(", ");
        return Err(format!("write it as KIND=FILE, where KIND is one of {kinds}"));
    };
    match ReportKind::value_variants().iter().find(|kind| kind.name() == name) {
        None => {
            let kinds = kinds().collect::<Vec<_>>().join(", ");
            Err(format!("`{name}` is no kind of report: there are {kinds}"))
        }
        Some(_) if file.is_empty() => Err(format!("name the file: {name}=FILE")),
        Some(kind) => Ok((*kind, file.into())),
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as KEY=VALUE".to_owned()),
    }
}

/// How messages are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MessageFormat {
    /// JSON; many of them, a line each.
    Json,
    /// Protocol Buffers; many of them, each behind its length.
    Protobuf,
}

impl From<MessageFormat> for athena_protocol::Format {
    fn from(format: MessageFormat) -> Self {
        match format {
            MessageFormat::Json => Self::Json,
            MessageFormat::Protobuf => Self::Protobuf,
        }
    }
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
    fn a_setting_is_split_at_its_first_equals_sign() {
        assert_eq!(setting("A=b=c"), Ok(("A".to_owned(), "b=c".to_owned())));
        assert!(setting("A").is_err());
        assert!(setting("=a").is_err());
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
