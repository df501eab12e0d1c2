//! The messages between `cargo-athena` and a runner, and the flags that both have.
//!
//! `cargo athena` writes a [`Request`] to a file, names that file in the variable
//! [`REQUEST_VARIABLE`] and starts the runner; the runner carries it out and writes a [`Reply`]
//! to the path the request gives. Standard output stays free for outcomes.
//!
//! Both sides are built at different times from different lockfiles, so every request has a
//! [`VERSION`], and a runner carries a [`Marker`]: it shows, before the program is ever started, that
//! it is a runner and which version it speaks.
//!
//! ```
//! use athena_protocol::{Reply, Request, Verb};
//!
//! let request = Request::new("/tmp/reply.json", Verb::List);
//! let text = serde_json::to_string(&request)?;
//! let back: Request = serde_json::from_str(&text)?;
//! assert_eq!(back, request);
//! assert_eq!(Reply::new(0).exit, 0);
//! # Ok::<(), serde_json::Error>(())
//! ```

pub mod args;
mod brokers;
pub mod calendar;
pub mod collect;
mod color;
mod doctor;
mod exit;
pub mod files;
mod generation;
pub mod json;
mod json_text;
mod marker;
mod model;
mod model_id;
mod mutants;
mod reply;
mod report;
mod request;
pub mod text;
mod while_set;

pub use args::{
    Capture, Collect, Environments, Format, Letters, Messages, Mpi, Orphans, Partition, Record,
    Rerecord, Run, Schema, SchemaFormat, Schemas, Serve, Status, Submit, Test, Work,
};
#[cfg(feature = "args")]
pub use args::{GenerationArgs, RecordArgs, RecordNames, RunArgs};
pub use brokers::{KNOWN_BROKERS, KnownBroker, broker_of, known_brokers, list_brokers};
pub use color::is_no_color;
pub use doctor::{
    DoctorFindings, ExaminedModel, Finding, Group, MAX_DUPLICATE_GROUPS, MAX_DUPLICATE_NAMES,
    MessageSide, Unseen,
};
pub use exit::Exit;
pub use generation::{
    Generate, Generated, GeneratedCase, GeneratedSuite, GenerationFinding, Literals,
};
pub use json_text::JsonText;
pub use marker::{MARKER_LENGTH, Marker, SECTION, marker};
pub use model::{FieldInfo, LABEL, ModelInfo, TypeInfo, VariableInfo};
pub use model_id::{CaseName, ModelId};
pub use mutants::{
    Catch, Genre, MAX_SITES, Mutant, MutantOutcome, MutantResult, NotExamined, ReachedSite,
    RewrittenCrate, Site, Strength, StrengthSummary,
};
pub use reply::{Answer, KnownFailure, RecordSummary, Reply, TestSummary};
pub use report::{
    Difference, Entry, Failure, FailureKind, LARGEST_OUTCOME, MOST_DIFFERENCES, Names, Observation,
    SchemaCheck,
};
pub use request::{Accepted, Compare, Doctor, Migrate, Move, Request, Verb};
pub use while_set::while_set;

/// The prefix of the name of a request file that the runner has to remove.
pub const OWNED_REQUEST_PREFIX: &str = "handed-over-";

/// The version of the messages in this crate. It grows only when an old side could misread a new
/// message; a new field with a default doesn't count.
pub const VERSION: u32 = 2;

/// The variable that names the request file. A runner started without it is on its own.
pub const REQUEST_VARIABLE: &str = "ATHENA_REQUEST";

/// The variable that names the program through which a runner starts model processes, with its
/// arguments: a JSON list, or words. `cargo athena` sets it to `target.*.runner` of the
/// configuration.
pub const PROCESS_RUNNER_VARIABLE: &str = "ATHENA_PROCESS_RUNNER";
