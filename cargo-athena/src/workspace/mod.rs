//! The packages that use Athena, and their targets that can be runners.

mod packages;
mod targets;
#[cfg(test)]
mod tests;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand};

use self::packages::uses_athena;
pub(crate) use self::packages::{Package, same_name, selected_packages};
use self::targets::{candidates, check_named_targets, names_targets};
use crate::cargo;
use crate::error::{Error, Result};
use crate::options::{BuildOptions, ManifestOptions};

/// A workspace and its selected packages.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target_directory: PathBuf,
    /// The folder for intermediate files, if the configuration names one.
    build_directory: Option<PathBuf>,
    /// The folder for what a run leaves behind, see [`artifacts_folder`].
    pub(crate) artifacts: PathBuf,
    pub(crate) packages: Vec<Package>,
    /// Whether flags select targets, so that models may be missing.
    pub(crate) narrowed: bool,
}

impl Workspace {
    /// Loads the metadata from cargo and selects packages.
    pub(crate) fn load(build: &BuildOptions) -> Result<Self> {
        Self::select(&metadata(&build.manifest)?, build)
    }

    pub(crate) fn selected(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.selected)
    }

    /// The package with this name; `-` and `_` are equal.
    pub(crate) fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| same_name(&package.name, name))
    }

    /// The folders that cargo writes to.
    pub(crate) fn build_directories(&self) -> Vec<PathBuf> {
        let folders = [Some(self.target_directory.clone()), self.build_directory.clone()];
        folders.into_iter().flatten().collect()
    }

    fn select(metadata: &Metadata, build: &BuildOptions) -> Result<Self> {
        let selected = selected_packages(metadata, build)?;
        let mut packages = Vec::new();
        for package in metadata.workspace_packages() {
            if uses_athena(package) {
                packages.push(candidates(package, build, selected.contains(&package.id.repr))?);
            }
        }
        check_named_targets(&packages, build)?;
        let root: PathBuf = metadata.workspace_root.clone().into();
        let target_directory = match &build.target_dir {
            Some(directory) => absolute(directory)?,
            None => metadata.target_directory.clone().into(),
        };
        Ok(Self {
            artifacts: artifacts_folder(&root, &target_directory),
            root,
            target_directory,
            build_directory: metadata.build_directory.clone().map(Into::into),
            packages,
            narrowed: names_targets(build),
        })
    }
}

/// The workspace's packages, from `cargo metadata`.
pub(crate) fn metadata(manifest: &ManifestOptions) -> Result<Metadata> {
    let output = cargo::command_for(manifest, cargo::metadata(manifest))
        .output()
        .map_err(|error| Error::usage("cargo can't be started").cause(error))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stderr = stderr.trim();
        let error = Error::usage(stderr.strip_prefix("error: ").unwrap_or(stderr));
        return Err(if stderr.contains("could not find `Cargo.toml`") {
            error.help("create a package with a model: cargo athena new my-models")
        } else {
            error
        });
    }
    MetadataCommand::parse(String::from_utf8_lossy(&output.stdout))
        .map_err(|error| Error::usage("the output of `cargo metadata` can't be read").cause(error))
}

/// The folder for what a run leaves behind: `target/athena`. If the target folder is outside the
/// workspace, several workspaces may share it, so each has a folder of its own in there.
pub(crate) fn artifacts_folder(root: &Path, target: &Path) -> PathBuf {
    let folder = target.join("athena");
    if target.starts_with(root) {
        return folder;
    }
    let mut hasher = DefaultHasher::new();
    root.hash(&mut hasher);
    let name = root.file_name().unwrap_or_default().to_string_lossy();
    folder.join(format!("{name}-{:08x}", hasher.finish() & 0xffff_ffff))
}

/// The absolute path of a path relative to the working directory.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path)
        .map_err(|error| Error::usage(format!("no path `{}`", path.display())).cause(error))
}
