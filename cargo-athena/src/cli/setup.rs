//! Verbs that set packages up.

use std::path::PathBuf;

use clap::Args;

use super::convert::read_as;
use crate::options::{DependencySource, ManifestOptions};

read_as! {
    SourceArgs => DependencySource,
}

/// `cargo athena init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Package to set up [default: the one in the working directory]
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) package: Option<String>,
    /// Add a dev-dependency only, and models in tests/athena.rs that call the library
    #[arg(long)]
    pub(crate) dev: bool,
    #[command(flatten)]
    pub(crate) source: DependencySource,
    #[command(flatten)]
    pub(crate) manifest: ManifestOptions,
}

/// `cargo athena new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// Folder to create
    #[arg(value_name = "PATH")]
    pub(crate) folder: PathBuf,
    /// Name of the package [default: the folder's]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Create a library of models, with a test target that runs them
    #[arg(long)]
    pub(crate) lib: bool,
    #[arg(long, help = "Create a binary that runs its models [default]", conflicts_with = "lib")]
    pub(crate) bin: bool,
    #[command(flatten)]
    pub(crate) source: DependencySource,
}

/// The flags that say where `athena-rt` comes from.
#[derive(Debug, Args)]
#[group(skip)]
struct SourceArgs {
    /// Depend on athena-rt in this folder
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    path: Option<PathBuf>,
    /// Depend on athena-rt in this repository
    #[arg(long, value_name = "URL")]
    git: Option<String>,
    /// Commit of the repository
    #[arg(long, value_name = "REV", requires = "git", conflicts_with_all = ["branch", "tag"])]
    rev: Option<String>,
    /// Branch of the repository
    #[arg(long, value_name = "BRANCH", requires = "git", conflicts_with = "tag")]
    branch: Option<String>,
    /// Tag of the repository
    #[arg(long, value_name = "TAG", requires = "git")]
    tag: Option<String>,
}

impl From<SourceArgs> for DependencySource {
    fn from(SourceArgs { path, git, rev, branch, tag }: SourceArgs) -> Self {
        Self { path, git, rev, branch, tag }
    }
}
