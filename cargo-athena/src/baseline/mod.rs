//! The commit that a change is compared with. It is checked out in a worktree outside of the
//! repository and built into a separate target folder. Both are kept for the next run.
//!
//! - [`git`] and [`revision`]: what git is asked for.
//! - [`location`], [`links`] and [`local_files`]: where the worktree lies, and what it needs beside the
//!   commit.
//! - [`toolchain`] and [`dependencies`]: what it is built with, and what need not be built again.

mod changed_lines;
mod dependencies;
mod git;
mod links;
mod local_files;
mod location;
mod revision;
mod selection;
mod toolchain;

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub(crate) use self::changed_lines::ChangedLines;
pub(crate) use self::dependencies::share;
pub(crate) use self::git::Git;
use crate::catalog::list;
use crate::console::print_status;
use crate::display::hex;
use crate::error::{Error, Result};
use crate::options::{BaseBuild, BuildOptions, ManifestOptions};
use crate::session::Session;
use crate::workspace::{absolute, metadata};

/// The folder name of the worktree, as `git worktree list` shows it.
const WORKTREE: &str = "athena-base";

/// How deep the worktree lies in our folder, so that relative paths which leave the repository
/// still end inside our folder.
const DEPTH: usize = 8;

/// A commit in its worktree.
#[derive(Debug)]
pub(crate) struct Baseline {
    rev: String,
    commit: String,
    root: PathBuf,
    tree: PathBuf,
    build: BaseBuild,
    shared: usize,
    /// The manifest to start from. `None` if the commit does not have it.
    manifest: Option<PathBuf>,
    /// The directory for cargo and its runners; the current directory if absent.
    directory: Option<PathBuf>,
    /// An exclusive lock, released when the process exits.
    _lock: File,
}

impl Baseline {
    /// Checks out the commit that `rev` names, once no other process works there, and shares with it
    /// what `head` has built.
    ///
    /// # Errors
    ///
    /// A failure of git or of the file system. Nothing of the user's is changed then either.
    pub(crate) fn prepare(
        git: &Git,
        rev: &str,
        commit: String,
        head: &Session,
        build: &BuildOptions,
        quiet: bool,
    ) -> Result<Self> {
        let workspace = &head.workspace;
        let manifest = starting_manifest(&build.manifest)?;
        let inside = relative(git.root(), &manifest)?;
        let ours = workspace.target_directory.join("athena/base");
        let outside = location::find(git.root(), &workspace.target_directory);
        let place = outside.as_ref().unwrap_or(&ours);
        let place = place.join(name(git.root()));
        let failed = || Error::failure(format!("{} can't be used", place.display()));
        for folder in [&ours, &place] {
            fs::create_dir_all(folder).map_err(|error| failed().cause(error))?;
        }
        // The user may not ignore the target folder.
        fs::write(ours.join(".gitignore"), "*\n").map_err(|error| failed().cause(error))?;
        let lock = lock(&place.join("lock"), quiet).map_err(|error| failed().cause(error))?;
        location::remove_lost(&place, git.root()).map_err(|error| failed().cause(error))?;
        // `target/package` stops cargo's upward search for a workspace, so the base never joins the
        // workspace of the working tree.
        let nest = place.join("target/package");
        let tree = (0..DEPTH).fold(nest.clone(), |folder, _| folder.join("_")).join(WORKTREE);
        let above = tree.parent().unwrap_or(&nest);
        fs::create_dir_all(above).map_err(|error| failed().cause(error))?;
        git.check_out(&commit, &tree)?;
        location::link_surroundings(git.root(), &tree, &nest)
            .map_err(|error| failed().cause(error))?;
        links::make(git.root(), &tree, &nest, &manifest).map_err(|error| failed().cause(error))?;
        keep_lockfile(git.root(), &tree, &workspace.root).map_err(|error| failed().cause(error))?;
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        let here = here.ok().filter(|here| here.starts_with(git.root()));
        let from = here.as_deref().unwrap_or(git.root());
        let units = head.units();
        let roots = workspace.build_directories();
        let taken = local_files::copy(git, &tree, from, workspace, &units)?;
        let directory = here.as_ref().map(|here| counterpart(git.root(), here, &tree));
        let base = directory.as_deref().unwrap_or(&tree);
        let toolchain = toolchain::of_base(from, git.root(), base, &tree)
            .map_err(|error| error.within(format!("the base {rev}")))?;
        let folder = ours.join(name(git.root())).join("build");
        if !quiet {
            report_differences(&taken, toolchain.as_ref(), outside.is_some());
        }
        // Sharing only saves time.
        let shared = share(&units, git.root(), &roots, &folder).unwrap_or_default();
        Ok(Self {
            rev: rev.to_owned(),
            commit,
            root: git.root().to_owned(),
            manifest: Some(tree.join(inside)).filter(|path| path.is_file()),
            tree,
            build: BaseBuild { folder, toolchain },
            shared,
            directory,
            _lock: lock,
        })
    }

    /// The base in a message: `main (1a2b3c4)`.
    pub(crate) fn name(&self) -> String {
        let short = self.commit.get(..9).unwrap_or(&self.commit);
        if self.commit.starts_with(&self.rev) {
            short.to_owned()
        } else {
            format!("{} ({short})", self.rev)
        }
    }

    /// How many units of the working tree's build were taken, instead of building them again.
    pub(crate) fn shared(&self) -> usize {
        self.shared
    }

    /// The revision, as typed.
    pub(crate) fn rev(&self) -> &str {
        &self.rev
    }

    /// The commit's hash.
    pub(crate) fn commit(&self) -> &str {
        &self.commit
    }

    /// The build flags for the base: those of the working tree without packages and targets that
    /// the commit does not have. `None` if it has nothing of what is selected.
    ///
    /// # Errors
    ///
    /// The commit's manifest can't be read.
    pub(crate) fn build(&self, head: &BuildOptions) -> Result<Option<BuildOptions>> {
        let Some(manifest) = &self.manifest else { return Ok(None) };
        let build = BuildOptions {
            target_dir: Some(self.build.folder.clone()),
            manifest: ManifestOptions {
                manifest_path: Some(manifest.clone()),
                directory: self.directory.clone(),
                base: Some(self.build.clone()),
                ..head.manifest.clone()
            },
            ..head.clone()
        };
        metadata(&build.manifest)?;
        Ok(selection::drop_missing(&build))
    }

    /// The base's counterpart of a folder of the working tree. `None` if the folder is outside the
    /// repository.
    pub(crate) fn folder(&self, head: &Path) -> Option<PathBuf> {
        // For a folder that does not exist yet, resolve the nearest parent that does.
        let there = head.ancestors().find(|folder| folder.exists())?;
        let rest = head.strip_prefix(there).ok()?;
        let inside = there.canonicalize().ok()?.join(rest);
        inside.strip_prefix(&self.root).ok().map(|inside| self.tree.join(inside))
    }
}

/// The worktree's counterpart of a folder of the working tree, or the nearest one above it.
fn counterpart(root: &Path, here: &Path, tree: &Path) -> PathBuf {
    let inside = here.strip_prefix(root).unwrap_or(Path::new(""));
    let folder = tree.join(inside);
    folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(tree).to_owned()
}

/// Says in what the base is not what its commit says, or is built with.
fn report_differences(taken: &[String], toolchain: Option<&(PathBuf, String)>, is_outside: bool) {
    if !taken.is_empty() {
        print_status(&format!(
            "note: git ignores what the build reads; the base gets a copy of the working tree's: {}",
            list(taken)
        ));
    }
    if let Some((_, name)) = toolchain {
        print_status(&format!("note: the base is built with {name}, as its toolchain file says"));
    }
    if !is_outside {
        print_status(
            "warning: the base is built inside the repository, with the cargo configuration of the \
             working tree: neither the target folder nor the cache folder can be used",
        );
    }
}

/// The manifest that cargo starts from.
fn starting_manifest(manifest: &ManifestOptions) -> Result<PathBuf> {
    let path = if let Some(path) = &manifest.manifest_path {
        absolute(path)?
    } else {
        let here = absolute(Path::new("."))?;
        let folder = here.ancestors().find(|folder| folder.join("Cargo.toml").is_file());
        folder.unwrap_or(&here).join("Cargo.toml")
    };
    let (Some(folder), Some(file)) = (path.parent(), path.file_name()) else {
        return Ok(path);
    };
    let folder = folder.canonicalize().map_err(|error| Error::unreadable(folder, error))?;
    Ok(folder.join(file))
}

/// A path relative to the repository's folder.
fn relative(root: &Path, path: &Path) -> Result<PathBuf> {
    path.strip_prefix(root).map(Path::to_owned).map_err(|_| {
        let (path, root) = (path.display(), root.display());
        Error::usage(format!("{path} is outside the repository {root} of its workspace"))
    })
}

/// The name of a repository's folder among all that share a target folder.
fn name(root: &Path) -> String {
    let hash = Sha256::digest(root.as_os_str().as_encoded_bytes());
    let hash = hex(&hash[..4]);
    match root.file_name() {
        Some(name) => format!("{}-{hash}", name.to_string_lossy()),
        None => hash,
    }
}

fn lock(path: &Path, quiet: bool) -> std::io::Result<File> {
    let file = File::create(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            if !quiet {
                print_status(&format!(
                    "waiting for another process that uses {}",
                    path.parent().unwrap_or(path).display()
                ));
            }
            file.lock()?;
        }
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(file)
}

/// Copies a lockfile that git does not track to the worktree, so that both build against the same
/// versions.
fn keep_lockfile(root: &Path, tree: &Path, workspace: &Path) -> std::io::Result<()> {
    let workspace = workspace.canonicalize()?;
    let Ok(inside) = workspace.strip_prefix(root) else { return Ok(()) };
    let (head, base) = (workspace.join("Cargo.lock"), tree.join(inside).join("Cargo.lock"));
    let Some(folder) = base.parent().filter(|folder| folder.is_dir()) else { return Ok(()) };
    if head.is_file() && !Git::is_tracked(folder, "Cargo.lock") {
        fs::copy(head, base)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_that_share_a_target_folder_have_a_folder_each() {
        let (one, other) = (name(Path::new("/a/app")), name(Path::new("/b/app")));
        assert!(one.starts_with("app-") && other.starts_with("app-") && one != other);
    }

    #[test]
    fn a_manifest_outside_the_repository_is_refused() {
        let root = Path::new("/r");
        assert_eq!(
            relative(root, Path::new("/r/a/Cargo.toml")).unwrap(),
            Path::new("a/Cargo.toml")
        );
        assert_eq!(relative(root, Path::new("/x/Cargo.toml")).unwrap_err().exit().code(), 2);
    }
}
