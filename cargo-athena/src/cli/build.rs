//! Which runners, how they are built, and where what comes of it is.

use std::path::PathBuf;

use clap::Args;

/// Which runners, and how they are built: as `cargo test` has it.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub(crate) struct Build {
    /// Only this package; may be repeated, `*` is any text.
    #[arg(short, long, value_name = "SPEC", help_heading = PACKAGES, conflicts_with = "workspace")]
    pub(crate) package: Vec<String>,
    /// All packages of the workspace.
    #[arg(long, help_heading = PACKAGES, alias = "all")]
    pub(crate) workspace: bool,
    /// Leave this package out; may be repeated.
    #[arg(long, value_name = "SPEC", help_heading = PACKAGES, requires = "workspace")]
    pub(crate) exclude: Vec<String>,
    /// Only this binary; may be repeated.
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) bin: Vec<String>,
    /// Only binaries.
    #[arg(long, help_heading = TARGETS)]
    pub(crate) bins: bool,
    /// Only this example; may be repeated.
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) example: Vec<String>,
    /// Only examples.
    #[arg(long, help_heading = TARGETS)]
    pub(crate) examples: bool,
    /// Only this test target; `athena` is the one that can be a runner.
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    pub(crate) test: Vec<String>,
    /// Features to build with, separated by commas or spaces.
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = FEATURES)]
    pub(crate) features: Vec<String>,
    /// Build with all features.
    #[arg(long, help_heading = FEATURES)]
    pub(crate) all_features: bool,
    /// Build without the default feature.
    #[arg(long, help_heading = FEATURES)]
    pub(crate) no_default_features: bool,
    /// Build optimised.
    #[arg(short, long, help_heading = COMPILATION, conflicts_with = "profile")]
    pub(crate) release: bool,
    /// Build with this profile.
    #[arg(long, value_name = "NAME", help_heading = COMPILATION)]
    pub(crate) profile: Option<String>,
    /// Build for this target; what is built must run here.
    #[arg(long, value_name = "TRIPLE", help_heading = COMPILATION)]
    pub(crate) target: Option<String>,
    /// Where what is built goes.
    #[arg(long, value_name = "DIR", help_heading = COMPILATION)]
    pub(crate) target_dir: Option<PathBuf>,
    /// How many compilers run at once.
    #[arg(long, value_name = "N", help_heading = COMPILATION)]
    pub(crate) build_jobs: Option<String>,
    #[command(flatten)]
    pub(crate) manifest: Manifest,
    /// The folder of cases; `fixtures` in the workspace's root by default.
    #[arg(long, value_name = "DIR", env = "ATHENA_FIXTURES", hide_env_values = true)]
    pub(crate) fixtures: Option<PathBuf>,
}

pub(super) const PACKAGES: &str = "Packages";
pub(super) const TARGETS: &str = "Targets";
pub(super) const FEATURES: &str = "Features";
pub(super) const COMPILATION: &str = "Build";
pub(super) const MANIFEST: &str = "Manifest";

/// Where the workspace is, and how it may be changed.
#[derive(Clone, Debug, Default, Args)]
#[allow(clippy::struct_field_names, reason = "named as the flags are")]
pub(crate) struct Manifest {
    /// The Cargo.toml to start from.
    #[arg(long, value_name = "PATH", help_heading = MANIFEST)]
    pub(crate) manifest_path: Option<PathBuf>,
    /// Cargo.lock must not change.
    #[arg(long, help_heading = MANIFEST)]
    pub(crate) locked: bool,
    /// Don't touch the network.
    #[arg(long, help_heading = MANIFEST)]
    pub(crate) offline: bool,
    /// Both of these.
    #[arg(long, help_heading = MANIFEST)]
    pub(crate) frozen: bool,
    /// Where cargo and the runners are started, where that is another folder than this.
    #[arg(skip)]
    pub(crate) directory: Option<PathBuf>,
}

/// Where reports are.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Place {
    /// Where what is built goes.
    #[arg(long, value_name = "DIR", help_heading = COMPILATION)]
    pub(crate) target_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) manifest: Manifest,
}
