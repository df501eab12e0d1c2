//! `run`, `record` and `schema`: a model, its messages, its environment.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Schemas;
#[cfg(feature = "args")]
use super::value;

/// Runs a model on messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Run {
    /// Model id, or a unique suffix of it [default: the only model]
    #[cfg_attr(feature = "args", arg(default_value = "", hide_default_value = true))]
    pub model: String,
    /// The messages.
    #[cfg_attr(feature = "args", command(flatten))]
    pub messages: Messages,
    /// The environments.
    #[cfg_attr(feature = "args", command(flatten))]
    pub environments: Environments,
    /// File for messages that failed, with line and reason [default: stderr]
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    pub rejects: Option<PathBuf>,
    /// Number of threads [default: one per core]
    #[cfg_attr(feature = "args", arg(short, long, value_name = "N", value_parser = value::positive::<usize>))]
    pub jobs: Option<usize>,
    /// Whether outcomes of a matrix are shown as a table, and progress as a bar.
    #[cfg_attr(feature = "args", arg(skip))]
    pub terminal: bool,
    /// Prints a message that the model accepts instead of running it. A flag of each program.
    #[cfg_attr(feature = "args", arg(skip))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub example: bool,
    /// Format of the messages
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "json"))]
    pub input_format: Format,
    /// Format of the outcomes
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "json"))]
    pub output_format: Format,
}

/// The format of messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON; many messages are one per line
    #[default]
    Json,
    /// Protocol Buffers; many messages are length-delimited
    Protobuf,
}

/// Where messages come from. On the command line `--message` and `--messages`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Messages {
    /// `message.json` in the working directory, else in the package root, else `{}`.
    #[default]
    Default,
    /// One message, as typed on the command line.
    Text(String),
    /// One message, in a file.
    File(PathBuf),
    /// One message, from standard input.
    Stdin,
    /// One message per line, from a file.
    Lines(PathBuf),
    /// One message per line, from standard input.
    StdinLines,
    /// The inputs of recorded cases whose name contains this text.
    Cases(String),
}

/// Where the variables of an environment come from, lowest first: the process (or, in its place,
/// each named environment), then files, then single settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Environments {
    /// Use fixtures/environments/NAME.env instead of the process environment; run and record take
    /// several, and run under each
    #[cfg_attr(feature = "args", arg(long = "environment", value_name = "NAME"))]
    pub named: Vec<String>,
    /// Set the variables in a file of KEY=VALUE lines; may be repeated
    #[cfg_attr(feature = "args", arg(long = "env-file", value_name = "FILE"))]
    pub files: Vec<PathBuf>,
    /// Set a variable; may be repeated
    #[cfg_attr(feature = "args", arg(short = 'e', long = "env", value_name = "KEY=VALUE", value_parser = value::variable))]
    pub set: Vec<(String, String)>,
}

/// Records runs as cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Record {
    /// The model's id, or a suffix of it that no other model shares; empty for the only model.
    #[cfg_attr(feature = "args", arg(skip))]
    pub model: String,
    /// The messages.
    #[cfg_attr(feature = "args", command(flatten))]
    pub messages: Messages,
    /// The environments.
    #[cfg_attr(feature = "args", command(flatten))]
    pub environments: Environments,
    /// Name of the case [default: a hash of environment and message]
    #[cfg_attr(feature = "args", arg(long, value_name = "NAME", conflicts_with = "messages"))]
    pub case: Option<String>,
    /// Write all cases to one suite, one case per line
    #[cfg_attr(feature = "args", arg(long, value_name = "NAME"))]
    pub suite: Option<String>,
    /// Run the messages captured in production, and write those of each model to a suite named
    /// after the file
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE", conflicts_with_all = CAPTURED))]
    pub from_capture: Option<PathBuf>,
    /// A file with a [`GeneratedSuite`](crate::GeneratedSuite): its cases are recorded, and no other
    /// message.
    #[cfg_attr(feature = "args", arg(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated: Option<PathBuf>,
    /// Name each case by the value at this JSON pointer of its message, such as /id
    #[cfg_attr(feature = "args", arg(long, value_name = "POINTER", conflicts_with_all = ["case", "from_capture"], value_parser = value::pointer))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_from: Option<String>,
    /// Replace a case of this name even if its outcome has changed, or its message or environment is
    /// another
    #[cfg_attr(feature = "args", arg(long, alias = "replace"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub overwrite: bool,
    /// Record the other messages if some can't be recorded, and write those to this file, with the reason
    #[cfg_attr(feature = "args", arg(long, value_name = "FILE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejects: Option<PathBuf>,
    /// Record even if CI is set
    #[cfg_attr(feature = "args", arg(long))]
    pub force: bool,
    /// Maximum time of a message, such as 500ms or 2s [default: 60s]
    #[cfg_attr(feature = "args", arg(long = "timeout", value_name = "DURATION", value_parser = value::positive_millis))]
    pub timeout_ms: Option<u64>,
    /// Format of the messages; cases keep them as JSON
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "json"))]
    pub input_format: Format,
    /// How the schema lock of the model's package is checked.
    #[cfg_attr(feature = "args", arg(skip))]
    pub schemas: Schemas,
    /// Update the schema lock even if the change breaks stored messages or old readers
    #[cfg_attr(feature = "args", arg(long))]
    pub accept_breaking: bool,
}

/// The flags whose values are part of a captured message.
#[cfg(feature = "args")]
const CAPTURED: [&str; 10] = [
    "rejects",
    "message",
    "messages",
    "case",
    "input_format",
    "set",
    "files",
    "named",
    "rerecord",
    "overwrite",
];

/// Records existing cases again, from their own input and environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rerecord {
    /// The models whose cases this runner records again; all it links if empty.
    pub models: Vec<String>,
    /// Only cases whose name contains one of these; all if empty.
    pub filters: Vec<String>,
    /// Only these cases, and only to the outcomes that were shown: a file with one
    /// [`Accepted`](crate::Accepted) per line.
    pub accepted: Option<PathBuf>,
    /// Record even if `CI` is set.
    pub force: bool,
    /// Maximum time of a message.
    pub timeout_ms: Option<u64>,
    /// How the schema locks are checked.
    pub schemas: Schemas,
    /// Update the locks even if the change breaks stored messages or old readers.
    pub accept_breaking: bool,
    /// Where the changes go, as [`Transaction::save`](crate::files::Transaction::save) writes them: the
    /// sender makes them, together with those of other runners. Made by this runner if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changes: Option<PathBuf>,
    /// Whether no other runner is asked, so that each filter has to select a case of this one.
    #[serde(skip)]
    pub is_whole: bool,
}

impl Rerecord {
    /// Why it selects no case: `no case of m::f is recorded yet`.
    pub fn nothing_selected(&self) -> String {
        let (models, filters) = (self.models.join(" or "), self.filters.join(" or "));
        match (models.as_str(), filters.as_str()) {
            ("", "") => "no case is recorded yet".to_owned(),
            (models, "") => format!("no case of {models} is recorded yet"),
            ("", filters) => format!("no case's name contains {filters}"),
            (models, filters) => format!("no case of {models} has a name that contains {filters}"),
        }
    }
}

/// Prints the schema of a model's messages, or of all models' of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Schema {
    /// Model id, or a unique suffix of it [default: all models of the program]
    #[cfg_attr(feature = "args", arg(default_value = "", hide_default_value = true))]
    pub model: String,
    /// Format of the schema
    #[cfg_attr(feature = "args", arg(long, value_name = "FORMAT", default_value = "proto"))]
    pub format: SchemaFormat,
}

/// The format of a schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum SchemaFormat {
    /// Protocol Buffers: a `.proto` file in proto2
    #[default]
    Proto,
    /// JSON Schema, draft 2020-12
    JsonSchema,
    /// Plain text for people
    Text,
}
