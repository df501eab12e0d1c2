//! A relative path that leaves the repository, such as `athena-rt = { path = "../athena/athena-rt"
//! }`, means another place in the worktree. A symbolic link is placed there to the original target.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::{fs, io};

use toml_edit::{DocumentMut, Item};

use crate::options::ManifestOptions;
use crate::workspace::metadata;

/// The most manifests to read: those of path dependencies, of their path dependencies, and so on.
const MOST: usize = 100;

/// Creates the links that the packages of the working tree need, in `nest`, which contains the
/// worktree.
pub(super) fn make(root: &Path, tree: &Path, nest: &Path, head: &Path) -> io::Result<()> {
    // The commit can have other dependencies than the working tree.
    if let Ok(inside) = head.strip_prefix(root) {
        for (folder, dependency) in paths(&tree.join(inside)) {
            let (folder, dependency) = (moved(tree, root, &folder), moved(tree, root, &dependency));
            let Some(link) = link(root, tree, nest, &folder, &dependency) else { continue };
            point(&link.place, &link.meaning)?;
        }
    }
    let mut open = vec![head.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(manifest) = open.pop() {
        if seen.len() >= MOST || !seen.insert(manifest.clone()) {
            continue;
        }
        for (folder, dependency) in paths(&manifest) {
            let Some(link) = link(root, tree, nest, &folder, &dependency) else { continue };
            point(&link.place, &link.meaning)?;
            open.push(dependency.join("Cargo.toml"));
        }
    }
    Ok(())
}

/// A path of the worktree as it is in the working tree.
fn moved(tree: &Path, root: &Path, path: &Path) -> PathBuf {
    match pathdiff::diff_paths(path, tree) {
        Some(inside) => plain(&root.join(inside)),
        None => path.to_owned(),
    }
}

/// The folders of all path dependencies of a workspace, each with the folder of the manifest that
/// declares it.
fn paths(manifest: &Path) -> Vec<(PathBuf, PathBuf)> {
    let asked =
        ManifestOptions { manifest_path: Some(manifest.to_owned()), ..ManifestOptions::default() };
    // Cargo reports the error when it builds.
    let Ok(metadata) = metadata(&asked) else { return Vec::new() };
    let mut found = Vec::new();
    for package in &metadata.packages {
        let Some(folder) = package.manifest_path.parent() else { continue };
        let paths = package.dependencies.iter().filter_map(|dependency| dependency.path.as_ref());
        found.extend(paths.map(|path| (folder.into(), path.into())));
    }
    let root: PathBuf = metadata.workspace_root.into();
    found.extend(patches(&root).into_iter().map(|path| (root.clone(), path)));
    found
}

/// The folders that `[patch]` names.
fn patches(root: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
    let Ok(manifest) = text.parse::<DocumentMut>() else { return Vec::new() };
    let Some(sources) = manifest.get("patch").and_then(Item::as_table_like) else {
        return Vec::new();
    };
    let entries = sources.iter().filter_map(|(_, source)| source.as_table_like());
    entries
        .flat_map(|source| source.iter().collect::<Vec<_>>())
        .filter_map(|(_, patch)| patch.get("path")?.as_str().map(|path| plain(&root.join(path))))
        .collect()
}

/// Removes `..` from a path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[derive(Debug, PartialEq, Eq)]
struct DependencyLink {
    place: PathBuf,
    meaning: PathBuf,
}

/// The link that a dependency of the package in `folder` needs. `None` if the path stays in the
/// repository, or leaves it so far that no link inside `nest` can help. The link also covers
/// everything beside the dependency: its workspace, and its own dependencies.
fn link(
    root: &Path,
    tree: &Path,
    nest: &Path,
    folder: &Path,
    dependency: &Path,
) -> Option<DependencyLink> {
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    // A package outside the repository is already reached through a link: its dependencies are
    // relative to the repository's own folder.
    let from = if folder.starts_with(root) { folder } else { root.to_owned() };
    let path = pathdiff::diff_paths(dependency, &from)?;
    let (mut place, mut meaning) = (tree.join(from.strip_prefix(root).ok()?), from.clone());
    for part in path.components() {
        match part {
            Component::ParentDir => {
                place.pop();
                meaning.pop();
            }
            part => {
                place.push(part);
                meaning.push(part);
                if !place.starts_with(tree) && !tree.starts_with(&place) {
                    let is_ours = place.starts_with(nest) && place != nest;
                    return is_ours.then_some(DependencyLink { place, meaning });
                }
            }
        }
    }
    None
}

/// Creates a link, unless it exists.
pub(super) fn point(place: &Path, meaning: &Path) -> io::Result<()> {
    match fs::read_link(place) {
        Ok(known) if known == meaning => return Ok(()),
        Ok(_) => remove(place)?,
        Err(_) => {}
    }
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder)?;
    }
    symlink(meaning, place)
}

/// Removes a link, if it exists.
pub(super) fn remove_link(place: &Path) -> io::Result<()> {
    if fs::symlink_metadata(place).is_ok_and(|known| known.is_symlink()) {
        remove(place)
    } else {
        Ok(())
    }
}

#[cfg(unix)]
fn symlink(meaning: &Path, place: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(meaning, place)
}

#[cfg(unix)]
fn remove(link: &Path) -> io::Result<()> {
    fs::remove_file(link)
}

#[cfg(windows)]
fn symlink(meaning: &Path, place: &Path) -> io::Result<()> {
    if meaning.is_file() {
        return std::os::windows::fs::symlink_file(meaning, place);
    }
    std::os::windows::fs::symlink_dir(meaning, place)
}

#[cfg(windows)]
fn remove(link: &Path) -> io::Result<()> {
    fs::remove_dir(link)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link_texts(folder: &str, dependency: &str) -> Option<(String, String)> {
        let nest = Path::new("/t/nest");
        let tree = nest.join("_/_/base");
        let found =
            link(Path::new("/w/app"), &tree, nest, Path::new(folder), Path::new(dependency));
        found.map(|link| (text(&link.place), text(&link.meaning)))
    }

    fn text(path: &Path) -> String {
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_dependency_beside_the_repository_is_linked_with_all_that_lies_around_it() {
        let place = |place: &str, meaning: &str| Some((place.to_owned(), meaning.to_owned()));
        assert_eq!(
            link_texts("/w/app", "/w/athena/athena-rt"),
            place("/t/nest/_/_/athena", "/w/athena")
        );
        assert_eq!(link_texts("/w/app/a/b", "/w/x"), place("/t/nest/_/_/x", "/w/x"));
        assert_eq!(link_texts("/w/app", "/lib/x"), place("/t/nest/_/lib", "/lib"));
    }

    #[test]
    fn what_stays_in_the_repository_or_leaves_our_folder_is_not_linked() {
        assert_eq!(link_texts("/w/app/a", "/w/app/b"), None);
        assert_eq!(link_texts("/w/app", "/w"), None);
        let nest = Path::new("/t/nest");
        let (root, tree) = (Path::new("/a/b/c/d/app"), nest.join("_/base"));
        assert_eq!(link(root, &tree, nest, root, Path::new("/x/y")), None);
    }

    #[test]
    fn patches_by_path_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let text = "[patch.crates-io]\na = { path = \"../a\" }\nb = { git = \"x\" }\n";
        fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        assert_eq!(patches(folder.path()), [plain(&folder.path().join("../a"))]);
    }
}
