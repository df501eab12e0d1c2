//! Cargo targets that can be runners.

use std::path::PathBuf;

/// The runtime package. Only packages that depend on it directly have models.
pub(crate) const RUNTIME: &str = "athena-rt";

/// The feature of the runtime that examines cases by mutants.
pub(crate) const STRENGTH_FEATURE: &str = "strength";

/// The feature of the runtime that searches inputs, guided by mutants.
pub(crate) const GENERATE_FEATURE: &str = "generate";

/// The one test target that can be a runner.
pub(crate) const TEST_TARGET: &str = "athena";

/// A target that can be a runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The package's name.
    pub(crate) package: String,
    /// The package's id, as cargo writes it.
    pub(crate) package_id: String,
    /// The package's folder.
    pub(crate) root: PathBuf,
    pub(crate) kind: TargetKind,
    pub(crate) name: String,
    /// Whether plain `cargo test` runs it.
    pub(crate) is_tested: bool,
    /// The name under which its package depends on `athena-rt`.
    pub(crate) runtime: String,
}

/// A target that could be a runner and is not built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOutTarget {
    pub(crate) target: Target,
    /// The file of its `main`.
    pub(crate) source: PathBuf,
    pub(crate) exclusion: TargetExclusion,
}

/// What leaves a target out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TargetExclusion {
    /// These of its `required-features` are off.
    Features(Vec<String>),
    /// `[package.metadata.athena]` in the manifest.
    Settings,
    /// Flags select other targets.
    CommandLine,
}

impl LeftOutTarget {
    /// The name of the crate that the target is compiled to.
    pub(crate) fn crate_name(&self) -> String {
        self.target.name.replace('-', "_")
    }

    /// Whether features would bring it back.
    pub(crate) fn needs_features(&self) -> bool {
        matches!(self.exclusion, TargetExclusion::Features(_))
    }
}

/// The kind of a target. Preferred kinds come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TargetKind {
    /// The test target `athena`.
    Test,
    Bin,
    Example,
}

impl Target {
    /// The target in a message.
    pub(crate) fn describe(&self) -> String {
        let kind = match self.kind {
            TargetKind::Test => "test",
            TargetKind::Bin => "bin",
            TargetKind::Example => "example",
        };
        format!("{kind} `{}` of package `{}`", self.name, self.package)
    }
}
