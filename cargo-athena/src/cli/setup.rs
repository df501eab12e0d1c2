//! What makes packages ready.

use std::path::PathBuf;

use clap::Args;

use super::Manifest;

/// `cargo athena init`
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// The package; the one in the working directory by default.
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) package: Option<String>,
    #[command(flatten)]
    pub(crate) source: Source,
    #[command(flatten)]
    pub(crate) manifest: Manifest,
}

/// `cargo athena new`
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The folder to make; its last part is the package's name.
    #[arg(value_name = "PATH")]
    pub(crate) folder: PathBuf,
    /// The package's name, where it is not the folder's.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Models in a library, with a test target that runs them.
    #[arg(long)]
    pub(crate) lib: bool,
    /// Models in a binary, which runs them (default).
    #[arg(long, conflicts_with = "lib")]
    pub(crate) bin: bool,
    #[command(flatten)]
    pub(crate) source: Source,
}

/// Where `athena-rt` comes from; by default from where `cargo-athena` came from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Source {
    /// Take athena-rt from this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    pub(crate) path: Option<PathBuf>,
    /// Take athena-rt from this repository.
    #[arg(long, value_name = "URL")]
    pub(crate) git: Option<String>,
    /// At this commit.
    #[arg(long, value_name = "REV", requires = "git", conflicts_with_all = ["branch", "tag"])]
    pub(crate) rev: Option<String>,
    /// At the end of this branch.
    #[arg(long, value_name = "BRANCH", requires = "git", conflicts_with = "tag")]
    pub(crate) branch: Option<String>,
    /// At this tag.
    #[arg(long, value_name = "TAG", requires = "git")]
    pub(crate) tag: Option<String>,
}
