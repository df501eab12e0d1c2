//! What a command line means, for the modules that do the work. How it is typed is in `cli`,
//! which these modules don't know.

use std::path::PathBuf;

use athena_protocol::CaseName;

/// Which runners are built, and how: as `cargo test` has it.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
pub(crate) struct BuildOptions {
    /// Packages by name, version or pattern; cargo's default ones if empty.
    pub(crate) package: Vec<String>,
    pub(crate) workspace: bool,
    pub(crate) exclude: Vec<String>,
    pub(crate) bin: Vec<String>,
    pub(crate) bins: bool,
    pub(crate) example: Vec<String>,
    pub(crate) examples: bool,
    pub(crate) test: Vec<String>,
    pub(crate) features: Vec<String>,
    /// The feature of `athena-rt` that the command needs, and that no other command builds.
    pub(crate) runtime_feature: Option<&'static str>,
    pub(crate) all_features: bool,
    pub(crate) no_default_features: bool,
    pub(crate) release: bool,
    pub(crate) profile: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) target_dir: Option<PathBuf>,
    pub(crate) build_jobs: Option<String>,
    pub(crate) manifest: ManifestOptions,
    /// The folder of cases; `fixtures` in the workspace's root if absent.
    pub(crate) fixtures: Option<PathBuf>,
}

/// Where the workspace is, and how it may be changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct ManifestOptions {
    pub(crate) manifest_path: Option<PathBuf>,
    pub(crate) locked: bool,
    pub(crate) offline: bool,
    pub(crate) frozen: bool,
    /// Files and values of the configuration.
    pub(crate) config: Vec<String>,
    /// Unstable flags of cargo.
    pub(crate) unstable: Vec<String>,
    /// Where cargo and the runners are started, if that is not the working directory.
    pub(crate) directory: Option<PathBuf>,
    /// What makes the build of another commit its own.
    pub(crate) base: Option<BaseBuild>,
    /// What compiles the packages of the workspace in place of rustc.
    pub(crate) wrapper: Option<CompilerWrapper>,
}

/// A wrapper of the compiler.
#[derive(Clone, Debug, Default)]
pub(crate) struct CompilerWrapper {
    pub(crate) program: PathBuf,
    /// A variable for it.
    pub(crate) variable: (String, PathBuf),
    /// Whether it stands for the user's `RUSTC_WRAPPER`, which it calls.
    pub(crate) calls_users: bool,
}

/// The settings for the build of another commit.
#[derive(Clone, Debug, Default)]
pub(crate) struct BaseBuild {
    /// The folder for all that is built, also what cargo can put elsewhere.
    pub(crate) folder: PathBuf,
    /// The `cargo` to start and the name of its toolchain, if the commit has its own.
    pub(crate) toolchain: Option<(PathBuf, String)>,
}

/// How much is printed, and how.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputOptions {
    pub(crate) color: Option<ColorChoice>,
    pub(crate) verbose: u8,
    pub(crate) quiet: bool,
}

/// When there are colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

/// Which of the cases that failed.
#[derive(Clone, Debug, Default)]
pub(crate) struct CaseFilter {
    /// Texts one of which a case's name contains; all cases if empty.
    pub(crate) filters: Vec<String>,
    /// Filters are whole names.
    pub(crate) exact: bool,
    /// Only the cases of the cluster with this id.
    pub(crate) cluster: Option<String>,
}

impl CaseFilter {
    /// Whether a name matches the filters; the cluster is that of a report.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.filters.is_empty() || matches_any(&self.filters, self.exact, name)
    }
}

/// Whether any of these filters selects a case.
pub(crate) fn matches_any(filters: &[String], exact: bool, name: &str) -> bool {
    filters.iter().any(|filter| CaseName::is_selected(name, filter, exact))
}

/// What keeping new outcomes is allowed to do.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AcceptOptions {
    /// Even if CI is set.
    pub(crate) force: bool,
    /// Even if the schema lock changes in a way that breaks stored messages or old readers.
    pub(crate) accept_breaking: bool,
}

/// The forms of a run's report, beside `target/athena/report.json`.
#[derive(Clone, Debug)]
pub(crate) struct ReportFormats {
    pub(crate) files: Vec<(ReportKind, PathBuf)>,
    pub(crate) display: FailureDisplay,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    /// `JUnit`'s XML, which CI systems read.
    Junit,
    /// A summary for a comment.
    Markdown,
    /// A self-contained page.
    Html,
    /// The report itself.
    Json,
}

impl ReportKind {
    /// Every kind.
    pub(crate) const ALL: [Self; 4] = [Self::Junit, Self::Markdown, Self::Html, Self::Json];

    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// Where failures are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureDisplay {
    /// On the terminal.
    Text,
    /// Also as annotations and step summary on GitHub.
    Github,
}

/// Where `athena-rt` comes from; where `cargo-athena` came from if nothing is set.
#[derive(Clone, Debug, Default)]
pub(crate) struct DependencySource {
    pub(crate) path: Option<PathBuf>,
    pub(crate) git: Option<String>,
    pub(crate) rev: Option<String>,
    pub(crate) branch: Option<String>,
    pub(crate) tag: Option<String>,
}

impl DependencySource {
    /// Whether the flags say where it comes from.
    pub(crate) fn is_given(&self) -> bool {
        self.path.is_some() || self.git.is_some()
    }
}
