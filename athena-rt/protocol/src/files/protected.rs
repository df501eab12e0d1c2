//! Files that no output overwrites: recorded cases, and the sources of a project.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};

use super::identity::resolve;

/// Files of a project by name.
const SOURCES: [&str; 4] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "rust-toolchain"];

/// Folders whose files are not ours.
const FOLDERS: [&str; 2] = [".git", ".cargo"];

/// The file of the folder of cases that is written when `path` is.
pub(super) fn case_file(fixtures: &Path, path: &Path) -> Option<PathBuf> {
    let fixtures = fixtures.canonicalize().ok()?;
    let target = resolve(path);
    if target.starts_with(&fixtures) {
        return Some(target);
    }
    // It may also be the file that a link in the folder leads to, or have a second name there.
    let metadata = fs::metadata(&target).ok().filter(Metadata::is_file)?;
    alias(&fixtures, &target, &metadata)
}

/// Another name of the file, in a folder.
fn alias(folder: &Path, target: &Path, metadata: &Metadata) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().find_map(|entry| alias_at(&entry, target, metadata))
}

fn alias_at(entry: &DirEntry, target: &Path, metadata: &Metadata) -> Option<PathBuf> {
    let (kind, path) = (entry.file_type().ok()?, entry.path());
    let is_same = if kind.is_symlink() {
        // A folder or a file. What is below a linked folder is compared by path.
        path.canonicalize().is_ok_and(|linked| target.starts_with(linked))
    } else if kind.is_dir() {
        return alias(&path, target, metadata);
    } else {
        is_hard_link(entry, metadata)
    };
    is_same.then_some(path)
}

#[cfg(unix)]
fn is_hard_link(entry: &DirEntry, metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The common case costs no call.
    metadata.nlink() > 1
        && entry
            .metadata()
            .is_ok_and(|one| (one.dev(), one.ino()) == (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn is_hard_link(_: &DirEntry, _: &Metadata) -> bool {
    false
}

/// Whether the path leads to a source file or a setting of a project, which exists.
pub(super) fn is_source(path: &Path) -> bool {
    let Ok(target) = path.canonicalize() else { return false };
    let name = target.file_name().unwrap_or_default();
    let is_listed = |names: &[&str], name: &std::ffi::OsStr| names.iter().any(|one| name == *one);
    target.is_file()
        && (is_listed(&SOURCES, name)
            || target.extension().is_some_and(|extension| extension == "rs")
            || target.components().any(|part| is_listed(&FOLDERS, part.as_os_str())))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_case_is_found_behind_links_of_every_kind() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str| {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "{}").unwrap();
        };
        for name in ["fixtures/m/f/a.json", "shared/b.json", "linked/m/g/c.json", "free.json"] {
            write(name);
        }
        symlink(at("shared/b.json"), at("fixtures/m/f/b.json")).unwrap();
        symlink("../linked/m", at("fixtures/n")).unwrap();
        symlink("fixtures/m/f/a.json", at("soft.json")).unwrap();
        symlink("fixtures/m/f/new.json", at("dangling.json")).unwrap();
        fs::hard_link(at("fixtures/m/f/a.json"), at("hard.json")).unwrap();
        for case in [
            "fixtures/m/f/a.json",
            "fixtures/m/f/later/new.txt",
            "fixtures/../fixtures/m/f/a.json",
            "shared/b.json",
            "linked/m/g/c.json",
            "soft.json",
            "dangling.json",
            "hard.json",
        ] {
            assert!(case_file(&at("fixtures"), &at(case)).is_some(), "{case}");
        }
        for other in ["free.json", "new.json", "linked/new.json"] {
            assert_eq!(case_file(&at("fixtures"), &at(other)), None, "{other}");
        }
        assert_eq!(case_file(&at("nowhere"), &at("free.json")), None);
    }

    #[test]
    fn sources_are_known_by_name_if_they_exist() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at(".git")).unwrap();
        for name in ["Cargo.toml", "lib.rs", ".git/config", "report.html"] {
            fs::write(at(name), "").unwrap();
        }
        symlink("lib.rs", at("link.html")).unwrap();
        for source in ["Cargo.toml", "lib.rs", ".git/config", "link.html"] {
            assert!(is_source(&at(source)), "{source}");
        }
        for other in ["report.html", "new.rs", "Cargo.lock"] {
            assert!(!is_source(&at(other)), "{other}");
        }
    }
}
