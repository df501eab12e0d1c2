//! `test`: which cases are replayed, and how.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

#[cfg(feature = "args")]
use super::value;

/// Replays cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "args", derive(clap::Args), group(skip))]
#[serde(default)]
pub struct Test {
    /// The models this runner replays; all it links if absent.
    #[cfg_attr(feature = "args", arg(skip))]
    pub models: Option<Vec<String>>,
    /// Only cases whose name, `model id::case`, contains one of these texts
    #[cfg_attr(feature = "args", arg(value_name = "FILTER", value_parser = value::filter))]
    pub filters: Vec<String>,
    /// Match filters and skips against whole names
    #[cfg_attr(feature = "args", arg(long))]
    pub exact: bool,
    /// Skip cases whose name contains this text; may be repeated
    #[cfg_attr(feature = "args", arg(long, value_name = "FILTER"))]
    pub skip: Vec<String>,
    /// Leave out these cases, by their whole names.
    #[cfg_attr(feature = "args", arg(skip))]
    pub except: Vec<String>,
    /// Number of threads [default: one per core]
    #[cfg_attr(feature = "args", arg(short, long, value_name = "N", value_parser = value::positive::<usize>))]
    pub jobs: Option<usize>,
    /// Stop at the first failure
    #[cfg_attr(feature = "args", arg(long))]
    pub fail_fast: bool,
    /// Maximum time of a case, such as 500ms or 2s [default: 60s]
    #[cfg_attr(feature = "args", arg(long = "timeout", value_name = "DURATION", value_parser = value::positive_millis))]
    pub timeout_ms: Option<u64>,
    /// Show what models print, as they print it
    #[cfg_attr(feature = "args", arg(long, alias = "nocapture"))]
    pub no_capture: bool,
    /// Show the input of each case that failed
    #[cfg_attr(feature = "args", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub show_input: bool,
    /// How this runner reports cases whose model is gone; not at all if absent.
    #[cfg_attr(feature = "args", arg(skip))]
    pub orphans: Option<Orphans>,
    /// Which schema locks this runner compares with the code.
    #[cfg_attr(feature = "args", arg(skip))]
    pub schemas: Schemas,
    /// Fail if a schema lock is out of date, even if nothing breaks
    #[cfg_attr(feature = "args", arg(long))]
    pub locked_schema: bool,
    /// Where one line of JSON per case is written, an [`Entry`](crate::Entry); nowhere if absent.
    #[cfg_attr(feature = "args", arg(skip))]
    pub report: Option<PathBuf>,
    /// Failures are shown in the report only.
    #[cfg_attr(feature = "args", arg(skip))]
    pub brief: bool,
    /// Passed cases have no line.
    #[cfg_attr(feature = "args", arg(skip))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quiet: bool,
    /// No case has a line: the caller shows them.
    #[cfg_attr(feature = "args", arg(skip))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
    /// Replay one part of the cases, such as hash:1/4 or slice:1/4
    #[cfg_attr(feature = "args", arg(long, value_name = "KIND:M/N", value_parser = value::partition))]
    pub partition: Option<Partition>,
    /// Number of times to retry a case that failed; one that then passes is flaky
    #[cfg_attr(
        feature = "args",
        arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)
    )]
    pub retries: u32,
    /// Number of times to run every case; each run must pass
    #[cfg_attr(
        feature = "args",
        arg(long, value_name = "N", default_value = "1", hide_default_value = true, conflicts_with = "retries", value_parser = value::positive::<u32>)
    )]
    pub repeat: u32,
    /// Run every case again with another time zone, locale, working directory and hash seed
    #[cfg_attr(feature = "args", arg(long))]
    pub check_determinism: bool,
    /// Maximum memory of a model process, such as 512MB [default: four fifths of the machine's]
    #[cfg_attr(feature = "args", arg(long, value_name = "SIZE", value_parser = value::memory))]
    pub memory_limit: Option<u64>,
}

impl Test {
    /// Whether a case may run again, so that its last [`Entry`](crate::Entry) replaces the others.
    pub fn amends(&self) -> bool {
        self.retries > 0 || self.repeat > 1 || self.check_determinism
    }
}

/// One of several parts that together have every case once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// By the hash of a case's name; otherwise by its position in the order of names.
    pub hash: bool,
    /// Which part, from 1.
    pub part: u64,
    /// The number of parts.
    pub parts: u64,
}

/// Which packages' types a runner compares with their schema lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schemas {
    /// The packages.
    pub packages: Vec<String>,
    /// Every model of every runner.
    pub known: Vec<String>,
    /// The packages of which all models are known: a model that only the lock has is gone.
    pub whole: Vec<String>,
}

/// How cases without a model are found: by one runner, which gets the models of the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Orphans {
    /// Every model of every runner.
    pub known: Vec<String>,
    /// The packages whose folders under `fixtures/` are searched; all if absent.
    pub packages: Option<Vec<String>>,
}
