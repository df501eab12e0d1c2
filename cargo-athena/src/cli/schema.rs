//! `cargo athena schema`

use std::path::PathBuf;

use athena_protocol::Schema;
use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::Built;

/// `cargo athena schema`
#[derive(Debug)]
pub(crate) enum SchemaVerb {
    Show(Box<Built<Schema>>),
    Import(ImportSchema),
}

const IMPORT: &str = "import";

// clap's derive has no flattened arguments beside an optional subcommand.
impl FromArgMatches for SchemaVerb {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        match matches.subcommand() {
            Some((_, matches)) => ImportSchema::from_arg_matches(matches).map(Self::Import),
            None => Built::from_arg_matches(matches).map(|shown| Self::Show(Box::new(shown))),
        }
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for SchemaVerb {
    fn augment_args(command: Command) -> Command {
        let about = "Write Rust structures for the messages in .proto files";
        let import = ImportSchema::augment_args(Command::new(IMPORT)).about(about);
        Built::<Schema>::augment_args(command)
            .subcommand(import)
            .args_conflicts_with_subcommands(true)
            .subcommand_negates_reqs(true)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `cargo athena schema import`
#[derive(Debug, Args)]
pub(crate) struct ImportSchema {
    /// The .proto files
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// File to write, which must not exist [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Folder in which imported files are looked for; may be repeated
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) includes: Vec<PathBuf>,
}
