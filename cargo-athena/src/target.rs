//! Targets of cargo that can be runners.

use std::path::PathBuf;

/// The package whose direct dependents have models.
pub(crate) const RUNTIME: &str = "athena-rt";

/// The one test target that may be a runner.
pub(crate) const TEST_TARGET: &str = "athena";

/// A target that may be a runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Its package's name.
    pub(crate) package: String,
    /// Its package as cargo names it.
    pub(crate) package_id: String,
    /// Its package's folder.
    pub(crate) root: PathBuf,
    /// What it is.
    pub(crate) kind: TargetKind,
    /// Its name.
    pub(crate) name: String,
}

/// What a target is, in the order in which they are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TargetKind {
    /// The test target `athena`.
    Test,
    /// A binary.
    Bin,
    /// An example.
    Example,
}

impl Target {
    /// As messages name it.
    pub(crate) fn describe(&self) -> String {
        let kind = match self.kind {
            TargetKind::Test => "test",
            TargetKind::Bin => "bin",
            TargetKind::Example => "example",
        };
        format!("{kind} `{}` of package `{}`", self.name, self.package)
    }
}
