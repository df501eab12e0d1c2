//! Which runners are built, how, and where the results go.

use std::path::PathBuf;

use clap::Args;

use super::convert::read_as;
use crate::options::{BuildOptions, ManifestOptions};

read_as! {
    BuildArgs => BuildOptions,
    ManifestArgs => ManifestOptions,
}

/// The flags of `cargo test` that select and build.
#[derive(Debug, Args)]
#[group(skip)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of cargo's")]
struct BuildArgs {
    /// Package with models; may be repeated, and may be a pattern
    #[arg(short, long, value_name = "SPEC", help_heading = PACKAGES, conflicts_with = "workspace")]
    package: Vec<String>,
    /// All packages of the workspace
    #[arg(long, help_heading = PACKAGES, alias = "all")]
    workspace: bool,
    /// Exclude a package; may be repeated
    #[arg(long, value_name = "SPEC", help_heading = PACKAGES, requires = "workspace")]
    exclude: Vec<String>,
    /// Only this binary; may be repeated
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    bin: Vec<String>,
    /// Only binaries
    #[arg(long, help_heading = TARGETS)]
    bins: bool,
    /// Only this example; may be repeated
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    example: Vec<String>,
    /// Only examples
    #[arg(long, help_heading = TARGETS)]
    examples: bool,
    /// Only this test target; `athena` is the one that can be a runner
    #[arg(long, value_name = "NAME", help_heading = TARGETS)]
    test: Vec<String>,
    /// Features to activate, separated by commas or spaces
    #[arg(short = 'F', long, value_name = "FEATURES", help_heading = FEATURES)]
    features: Vec<String>,
    /// Activate all features
    #[arg(long, help_heading = FEATURES)]
    all_features: bool,
    /// Do not activate the `default` feature
    #[arg(long, help_heading = FEATURES)]
    no_default_features: bool,
    /// Build in release mode, with optimizations
    #[arg(short, long, help_heading = COMPILATION, conflicts_with = "profile")]
    release: bool,
    /// Build with this profile
    #[arg(long, value_name = "NAME", help_heading = COMPILATION)]
    profile: Option<String>,
    /// Build for this target triple; its programs run here, or through `target.<TRIPLE>.runner`
    #[arg(long, value_name = "TRIPLE", help_heading = COMPILATION)]
    target: Option<String>,
    /// Directory for build artifacts
    #[arg(long, value_name = "DIR", help_heading = COMPILATION)]
    target_dir: Option<PathBuf>,
    /// Number of parallel build jobs
    #[arg(long, value_name = "N", help_heading = COMPILATION)]
    build_jobs: Option<String>,
    #[command(flatten)]
    manifest: ManifestOptions,
    /// Folder of cases [default: fixtures in the workspace's root]
    #[arg(long, value_name = "DIR", env = "ATHENA_FIXTURES", hide_env_values = true)]
    fixtures: Option<PathBuf>,
}

const PACKAGES: &str = "Packages";
const TARGETS: &str = "Targets";
const FEATURES: &str = "Features";
const COMPILATION: &str = "Build";
const MANIFEST: &str = "Manifest";

impl From<BuildArgs> for BuildOptions {
    fn from(args: BuildArgs) -> Self {
        Self {
            package: args.package,
            workspace: args.workspace,
            exclude: args.exclude,
            bin: args.bin,
            bins: args.bins,
            example: args.example,
            examples: args.examples,
            test: args.test,
            features: args.features,
            runtime_feature: None,
            all_features: args.all_features,
            no_default_features: args.no_default_features,
            release: args.release,
            profile: args.profile,
            target: args.target,
            target_dir: args.target_dir,
            build_jobs: args.build_jobs,
            manifest: args.manifest,
            fixtures: args.fixtures,
        }
    }
}

/// The flags of cargo that say where the workspace is, and how it may be changed.
#[derive(Debug, Args)]
#[group(skip)]
struct ManifestArgs {
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", help_heading = MANIFEST)]
    manifest_path: Option<PathBuf>,
    /// Assert that Cargo.lock will remain unchanged
    #[arg(long, help_heading = MANIFEST)]
    locked: bool,
    /// Run without accessing the network
    #[arg(long, help_heading = MANIFEST)]
    offline: bool,
    /// Equivalent to both --locked and --offline
    #[arg(long, help_heading = MANIFEST)]
    frozen: bool,
    /// Override a value of cargo's configuration; may be repeated
    #[arg(long, value_name = "KEY=VALUE|PATH", help_heading = MANIFEST)]
    config: Vec<String>,
    /// Unstable flag of a nightly cargo; may be repeated
    #[arg(short = 'Z', value_name = "FLAG", help_heading = MANIFEST)]
    unstable: Vec<String>,
}

impl From<ManifestArgs> for ManifestOptions {
    fn from(args: ManifestArgs) -> Self {
        Self {
            manifest_path: args.manifest_path,
            locked: args.locked,
            offline: args.offline,
            frozen: args.frozen,
            config: args.config.into_iter().map(absolute_if_file).collect(),
            unstable: args.unstable,
            directory: None,
            base: None,
            wrapper: None,
        }
    }
}

/// Makes the path of a configuration file absolute: a base is built in another directory.
fn absolute_if_file(value: String) -> String {
    let path = std::path::absolute(&value).ok().filter(|path| path.is_file());
    path.and_then(|path| path.into_os_string().into_string().ok()).unwrap_or(value)
}

/// Where reports are.
#[derive(Clone, Debug, Default, Args)]
#[group(skip)]
pub(crate) struct ReportLocation {
    /// Directory for build artifacts
    #[arg(long, value_name = "DIR", help_heading = COMPILATION)]
    pub(crate) target_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) manifest: ManifestOptions,
}
