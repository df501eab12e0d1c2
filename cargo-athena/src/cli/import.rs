//! `cargo athena import`

use std::path::PathBuf;

use athena_protocol::args::value;
use clap::Args;

use crate::options::BuildOptions;

/// `cargo athena import`
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub(crate) struct Import {
    /// Model id, or a unique suffix of it
    #[arg(value_name = "MODEL")]
    pub(crate) model: String,
    /// Files of records: .json, .jsonl, .csv or .yaml
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// JSON pointer to the records in each element of a file; the element's other members are
    /// members of each record
    #[arg(long, value_name = "POINTER", value_parser = value::pointer)]
    pub(crate) each: Option<String>,
    /// JSON pointer to the message in a record, or NAME=POINTER for one field of it; may be repeated
    /// [default: /input]
    #[arg(long, value_name = "[NAME=]POINTER")]
    pub(crate) input: Vec<String>,
    /// JSON pointer to the expected message, or NAME=POINTER for one field of it; may be repeated
    /// [default: /output]
    #[arg(long, value_name = "[NAME=]POINTER")]
    pub(crate) output: Vec<String>,
    /// JSON pointer to the kind of the expected error; `any`, `true` and kinds that are not the
    /// model's stand for any error
    #[arg(long, value_name = "POINTER", default_value = "/error", value_parser = value::pointer)]
    pub(crate) error: String,
    /// JSON pointer to the name of the case [default: the record's number]
    #[arg(long, value_name = "POINTER", value_parser = value::pointer)]
    pub(crate) name: Option<String>,
    /// JSON pointer to an object of variables
    #[arg(long, value_name = "POINTER", value_parser = value::pointer)]
    pub(crate) env: Option<String>,
    /// JSON pointer to a remark that is kept as the case's note
    #[arg(long, value_name = "POINTER", value_parser = value::pointer)]
    pub(crate) note: Option<String>,
    /// Name of the suite [default: the file's]
    #[arg(long, value_name = "NAME")]
    pub(crate) suite: Option<String>,
    /// Replace a suite that exists
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// File for the cases whose message the model can't read; the others are imported
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Print what would be imported, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) build: BuildOptions,
}

const AFTER: &str =
    "The expected outcomes are those of the files, not what the model returns: the \
next `cargo athena test` shows where they differ.

Examples:
  cargo athena import total orders.jsonl --input /order --output /expected
  cargo athena import search tests/*.json --each /cases --input given=/given \\
      --input expression=/expression --output result=/result";
