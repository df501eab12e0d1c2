//! Files of the working tree that git ignores and that the build reads: a configuration with a mirror,
//! a generated source. The commit can't have them, so the base gets a copy of those of the working tree.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::git::Git;
use super::location::SETTINGS;
use crate::build_inputs::{dependencies, rerun_if_changed};
use crate::error::{Error, Result};
use crate::unit::Unit;
use crate::workspace::Workspace;

/// Copies the files and returns their paths in the repository.
///
/// `here` is the working directory, from which cargo and rustup look upwards.
pub(super) fn copy(
    git: &Git,
    tree: &Path,
    here: &Path,
    workspace: &Workspace,
    units: &[Unit],
) -> Result<Vec<String>> {
    let root = git.root();
    let above = here.ancestors().take_while(|folder| folder.starts_with(root));
    let mut wanted: BTreeSet<PathBuf> =
        above.flat_map(|folder| SETTINGS.map(|name| folder.join(name))).collect();
    wanted.extend(sources(units, root, &workspace.root));
    let built = workspace.build_directories();
    let inside: Vec<PathBuf> = wanted
        .iter()
        .filter(|path| path.is_file() && !built.iter().any(|folder| path.starts_with(folder)))
        .filter_map(|path| path.canonicalize().ok()?.strip_prefix(root).ok().map(Path::to_owned))
        .collect();
    let mut copied = Vec::new();
    for path in git.ignored(&inside)? {
        let (from, to) = (root.join(&path), tree.join(&path));
        if to.exists() {
            continue;
        }
        copy_file(&from, &to).map_err(|error| {
            Error::failure(format!("{} can't be copied to the base", from.display())).cause(error)
        })?;
        copied.push(path.display().to_string());
    }
    Ok(copied)
}

/// Copies a file with its time, so that nothing is built again because of it.
pub(super) fn copy_file(from: &Path, to: &Path) -> std::io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to)?;
    let modified = fs::metadata(from)?.modified()?;
    // A read-only file can't be opened for writing.
    match File::options().write(true).open(to) {
        Ok(file) => file.set_modified(modified),
        Err(_) => File::open(to)?.set_modified(modified),
    }
}

/// The files that the compiler has read for the packages of the repository, and those that their build
/// scripts have named.
fn sources(units: &[Unit], root: &Path, workspace: &Path) -> Vec<PathBuf> {
    let own: HashMap<&str, &Path> = units
        .iter()
        .filter(|unit| unit.folder.canonicalize().is_ok_and(|folder| folder.starts_with(root)))
        .map(|unit| (unit.package_id.as_str(), unit.folder.as_path()))
        .collect();
    let mut files = Vec::new();
    for unit in units {
        let Some(folder) = own.get(unit.package_id.as_str()) else { continue };
        for list in unit.dependency_lists() {
            let text = fs::read_to_string(list).unwrap_or_default();
            files.extend(dependencies(&text).into_iter().map(|path| workspace.join(path)));
        }
        let output = unit.out_folder.as_ref().map(|folder| folder.with_file_name("output"));
        let text = output.and_then(|output| fs::read_to_string(output).ok()).unwrap_or_default();
        files.extend(rerun_if_changed(&text).map(|path| folder.join(path)));
    }
    files
}
