//! Where a verb of a runner works: the models, and the folders.

use std::path::{Path, PathBuf};

use crate::registry::Registry;

/// What every verb is handed.
pub struct Context<'a> {
    pub registry: &'a Registry,
    /// The folder of recorded cases.
    pub fixtures: &'a Path,
    /// The folder that messages and environments are looked up in.
    pub package_root: &'a Path,
    pub color: bool,
    pub quiet: bool,
}

/// The folders of a replay.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The folder of recorded cases.
    pub fixtures: PathBuf,
    /// Where a run writes its reports.
    pub artifacts: PathBuf,
}
