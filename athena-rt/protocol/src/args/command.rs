//! Arguments that are not requests by themselves: flags that choose between requests, or between
//! variants of one.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, Error, FromArgMatches};

use super::{Messages, Record, Rerecord, Run, value};

/// `run`
#[derive(Debug, Args)]
#[group(skip)]
pub struct RunArgs {
    #[command(flatten)]
    run: Run,
    /// Run the inputs of recorded cases whose name contains this text
    #[arg(long, value_name = "FILTER", conflicts_with_all = ["message", "messages"])]
    case: Option<String>,
}

impl From<RunArgs> for Run {
    fn from(RunArgs { mut run, case }: RunArgs) -> Self {
        if let Some(filter) = case {
            run.messages = Messages::Cases(filter);
        }
        run
    }
}

/// `record`
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub struct RecordArgs {
    /// Whose cases are recorded.
    #[command(flatten)]
    pub names: RecordNames,
    /// How cases are generated.
    #[command(flatten)]
    pub generation: GenerationArgs,
    /// What is recorded.
    #[command(flatten)]
    pub record: Record,
}

/// `record --generate`
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub struct GenerationArgs {
    /// Generate cases of any number of models, from their types and the code, into a suite [default suite: generated]
    #[arg(long, conflicts_with_all = GENERATING)]
    pub generate: bool,
    /// Seed of --generate: the same seed has the same cases [default: 1]
    #[arg(long, value_name = "N", requires = "generate", allow_negative_numbers = true, value_parser = value::whole)]
    pub seed: Option<u64>,
    /// Maximum number of generated cases per model [default: 200]
    #[arg(long, value_name = "N", requires = "generate", allow_negative_numbers = true, value_parser = value::positive::<u64>)]
    pub cases: Option<u64>,
    /// Multiply the number of model runs of --generate [default: 1]
    #[arg(long, value_name = "N", requires = "generate", allow_negative_numbers = true, value_parser = value::positive::<u64>)]
    pub effort: Option<u64>,
    /// Number of processes that search at once; the cases are the same [default: one per core]
    #[arg(short, long, value_name = "N", requires = "generate", allow_negative_numbers = true, value_parser = value::positive::<usize>)]
    pub jobs: Option<usize>,
    /// Maximum memory of a process of --generate; a run that takes more is a finding [default: 2GB]
    #[arg(long, value_name = "SIZE", requires = "generate", value_parser = value::memory)]
    pub memory_limit: Option<u64>,
    /// Print what --generate would record, and write nothing
    #[arg(long, requires = "generate")]
    pub dry_run: bool,
    /// Remove generated cases that catch nothing that others do not
    #[arg(long, requires = "generate")]
    pub prune: bool,
    /// Remove this generated case, and never generate it again; may be repeated, and nothing is generated
    #[arg(long, value_name = "CASE", requires = "generate", conflicts_with_all = ["dry_run", "prune"])]
    pub reject: Vec<String>,
}

/// The flags that have no meaning with `--generate`.
const GENERATING: [&str; 7] =
    ["message", "messages", "case", "from_capture", "rerecord", "input_format", "rejects"];

/// The flags that have no meaning with `--rerecord`.
const RECORDING: [&str; 11] = [
    "rejects",
    "message",
    "messages",
    "case",
    "suite",
    "from_capture",
    "set",
    "files",
    "named",
    "name_from",
    "overwrite",
];

impl RecordArgs {
    /// The request for `--rerecord`, if that flag is given.
    /// Its models are names, as they were typed.
    pub fn rerecord(&self) -> Option<Rerecord> {
        let filters = self.names.rerecorded.clone()?;
        Some(Rerecord {
            models: self.names.models.clone(),
            filters,
            force: self.record.force,
            timeout_ms: self.record.timeout_ms,
            accept_breaking: self.record.accept_breaking,
            ..Rerecord::default()
        })
    }
}

/// The models of `record`, and the cases that are recorded again.
///
/// Both are positional: before `--rerecord` stand models, after it filters. Taken for filters alone,
/// `record price --rerecord seeded` would rewrite every case of `price`, and each `seeded` of other models.
#[derive(Clone, Debug)]
pub struct RecordNames {
    /// Names of models; the only model, or all of them, if empty.
    pub models: Vec<String>,
    /// The filters of `--rerecord`, if that flag is given.
    rerecorded: Option<Vec<String>>,
}

/// The flags of [`RecordNames`].
#[derive(Args)]
#[group(skip)]
struct NameArgs {
    /// Model id, or a unique suffix of it [default: the only model]; several with --from-capture,
    /// --generate and --rerecord
    #[arg(value_name = "MODEL", value_parser = value::filter)]
    models: Vec<String>,
    /// Record existing cases again from their own message and environment, and show the changes:
    /// cases of the models before this flag, whose name contains one of the texts after it
    #[arg(long, conflicts_with_all = RECORDING)]
    rerecord: bool,
}

impl FromArgMatches for RecordNames {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Self::from_arg_matches_mut(&mut matches.clone())
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        let places = |id: &str| -> Vec<usize> {
            matches.indices_of(id).map(Iterator::collect).unwrap_or_default()
        };
        let (names, flag) = (places("models"), places("rerecord").first().copied());
        let NameArgs { mut models, rerecord } = NameArgs::from_arg_matches_mut(matches)?;
        if !rerecord {
            return Ok(Self { models, rerecorded: None });
        }
        let before = names.iter().filter(|place| flag.is_some_and(|flag| **place < flag)).count();
        let filters = models.split_off(before.min(models.len()));
        Ok(Self { models, rerecorded: Some(filters) })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for RecordNames {
    fn augment_args(command: Command) -> Command {
        NameArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        NameArgs::augment_args_for_update(command)
    }
}

/// The flags of [`Messages`].
#[derive(Args)]
#[group(skip)]
struct MessageArgs {
    /// Message: what is JSON (5, null, {..}) as it is, otherwise a file (./5), or - for standard input
    /// [default: message.json in the working directory or the package's root, or else {}]
    #[arg(short, long, value_name = "FILE|-|JSON", allow_negative_numbers = true)]
    message: Option<String>,
    /// File of messages, one per line, or - for standard input
    #[arg(long, value_name = "FILE|-", conflicts_with = "message")]
    messages: Option<PathBuf>,
}

impl From<MessageArgs> for Messages {
    fn from(MessageArgs { message, messages }: MessageArgs) -> Self {
        match (message, messages) {
            (_, Some(path)) if path.as_os_str() == "-" => Self::StdinLines,
            (_, Some(path)) => Self::Lines(path),
            (Some(text), None) => value::message(&text),
            (None, None) => Self::Default,
        }
    }
}

impl FromArgMatches for Messages {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        MessageArgs::from_arg_matches(matches).map(Self::from)
    }

    fn from_arg_matches_mut(matches: &mut ArgMatches) -> Result<Self, Error> {
        MessageArgs::from_arg_matches_mut(matches).map(Self::from)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Messages {
    fn augment_args(command: Command) -> Command {
        MessageArgs::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        MessageArgs::augment_args_for_update(command)
    }
}
