//! The models and folders that a verb of a runner works with.

use std::path::{Path, PathBuf};

use crate::registry::Registry;

/// The context of a verb.
pub struct Context<'a> {
    pub registry: &'a Registry,
    /// The folder of recorded cases.
    pub fixtures: &'a Path,
    /// The folder in which messages and environments are looked up.
    pub package_root: &'a Path,
    pub color: bool,
    pub quiet: bool,
}

/// The folders of a replay.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The folder of recorded cases.
    pub fixtures: PathBuf,
    /// The folder of reports.
    pub artifacts: PathBuf,
}
