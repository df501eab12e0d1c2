//! A tree in which rewritten files stand where the user's stand, and everything else is linked:
//! `include_str!`, `#[path]` and the like mean what they mean in the user's tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Writes the tree of these files, which are all below `base`.
///
/// # Errors
///
/// A file can't be read or written.
pub(super) fn write_tree(
    tree: &Path,
    base: &Path,
    hidden: &[PathBuf],
    files: &BTreeMap<PathBuf, String>,
) -> io::Result<()> {
    match fs::remove_dir_all(tree) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut folders: BTreeSet<&Path> = BTreeSet::new();
    for path in files.keys() {
        folders.extend(path.ancestors().skip(1).take_while(|folder| folder.starts_with(base)));
    }
    folders.insert(base);
    for folder in &folders {
        let own = tree.join(folder.strip_prefix(base).unwrap_or(folder));
        fs::create_dir_all(&own)?;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let is_written = folders.contains(path.as_path()) || files.contains_key(&path);
            if !is_written && !hidden.contains(&path) && entry.file_name() != ".git" {
                link(&path, &own.join(entry.file_name()))?;
            }
        }
    }
    for (path, text) in files {
        write_file(tree, base, path, text)?;
    }
    Ok(())
}

/// Writes one file of the tree.
pub(super) fn write_file(tree: &Path, base: &Path, path: &Path, text: &str) -> io::Result<()> {
    fs::write(tree.join(path.strip_prefix(base).unwrap_or(path)), text)
}

#[cfg(unix)]
fn link(path: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(path, to)
}

#[cfg(not(unix))]
fn link(path: &Path, to: &Path) -> io::Result<()> {
    if path.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            link(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    fs::hard_link(path, to).or_else(|_| fs::copy(path, to).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_rewritten_is_linked() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("w");
        for name in ["a/src/lib.rs", "a/src/data.txt", "a/Cargo.toml", "b/x", "target/y"] {
            let path = base.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let tree = base.join("target/tree");
        let files = BTreeMap::from([(base.join("a/src/lib.rs"), "new".to_owned())]);
        for _ in 0..2 {
            write_tree(&tree, &base, &[base.join("target")], &files).unwrap();
            let read = |name: &str| fs::read_to_string(tree.join(name)).ok();
            assert_eq!(read("a/src/lib.rs").unwrap(), "new");
            assert_eq!(read("a/src/data.txt").unwrap(), "a/src/data.txt");
            assert_eq!(read("b/x").unwrap(), "b/x");
            assert_eq!(read("target/y"), None);
        }
        assert_eq!(fs::read_to_string(base.join("a/src/lib.rs")).unwrap(), "a/src/lib.rs");
    }
}
