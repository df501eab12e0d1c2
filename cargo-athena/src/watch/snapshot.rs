//! The state of files at one moment.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ignore::{DirEntry, WalkBuilder};
use walkdir::WalkDir;

/// The folders to watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WatchRoots {
    /// These folders with everything in them.
    pub(crate) folders: Vec<PathBuf>,
    /// Cargo's target folder, which is excluded.
    pub(crate) target: PathBuf,
    /// The folder of cases, in which links are followed and ignored files count.
    pub(crate) cases: PathBuf,
    /// Files and folders anywhere, whether or not git ignores them.
    pub(crate) inputs: Vec<PathBuf>,
}

/// The state of all files, except those that git ignores and those that editors create.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    files: BTreeMap<PathBuf, FileStamp>,
    /// Every visited folder.
    pub(crate) folders: BTreeSet<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileStamp {
    modified: Option<SystemTime>,
    length: u64,
}

impl Snapshot {
    /// Reads the state of all files. Unreadable files are left out.
    pub(crate) fn take(roots: &WatchRoots) -> Self {
        let mut snapshot = Self::default();
        snapshot.add_folder(&roots.cases);
        for input in &roots.inputs {
            snapshot.add_input(input);
        }
        let Some((first, others)) = roots.folders.split_first() else { return snapshot };
        let mut walk = WalkBuilder::new(first);
        for other in others {
            walk.add(other);
        }
        let target = roots.target.clone();
        // A project without a repository may still have a .gitignore.
        walk.hidden(false).ignore(false).require_git(false);
        walk.filter_entry(move |entry| entry.path() != target && is_watched(entry));
        for entry in walk.build().filter_map(Result::ok) {
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            if is_folder {
                snapshot.folders.insert(entry.into_path());
            } else {
                snapshot.add_file(entry.path());
            }
        }
        snapshot
    }

    /// Adds a file, or what a link to a file leads to.
    fn add_file(&mut self, path: &Path) {
        if let Ok(metadata) = fs::metadata(path)
            && metadata.is_file()
        {
            let stamp = FileStamp { modified: metadata.modified().ok(), length: metadata.len() };
            self.files.insert(path.to_owned(), stamp);
        }
    }

    /// Adds all files of a folder: git may ignore them, and links may lead to them.
    fn add_folder(&mut self, folder: &Path) {
        let walk = WalkDir::new(folder).follow_links(true).into_iter();
        let walk = walk.filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !(name.starts_with('.') || is_temporary(&name))
        });
        for entry in walk.filter_map(Result::ok) {
            if entry.file_type().is_dir() {
                self.folders.insert(entry.into_path());
            } else {
                self.add_file(entry.path());
            }
        }
    }

    /// Adds a file or folder that a build reads.
    fn add_input(&mut self, path: &Path) {
        if path.is_dir() {
            self.add_folder(path);
        } else {
            self.add_file(path);
        }
        // A replaced file is reported to its folder.
        if let Some(folder) = path.parent().filter(|_| path.exists()) {
            self.folders.insert(folder.to_owned());
        }
    }

    /// Takes over the state of files that are looked at for the first time: they have not changed.
    pub(crate) fn adopt(&mut self, now: &Self, inputs: &[PathBuf], known: &[PathBuf]) {
        for input in inputs.iter().filter(|input| !known.contains(input)) {
            let files = now.files.range(input.clone()..);
            for (path, stamp) in files.take_while(|(path, _)| path.starts_with(input)) {
                self.files.entry(path.clone()).or_insert(*stamp);
            }
        }
    }

    /// The files that changed, appeared or disappeared.
    pub(crate) fn changes_since(&self, before: &Self) -> Vec<PathBuf> {
        let is_other =
            |(path, stamp): &(&PathBuf, &FileStamp)| before.files.get(*path) != Some(*stamp);
        let changed = self.files.iter().filter(is_other).map(|(path, _)| path);
        let gone = before.files.keys().filter(|path| !self.files.contains_key(*path));
        let all: BTreeSet<&PathBuf> = changed.chain(gone).collect();
        all.into_iter().cloned().collect()
    }
}

fn is_watched(entry: &DirEntry) -> bool {
    // A root is watched whatever its name.
    if entry.depth() == 0 {
        return true;
    }
    let name = entry.file_name().to_string_lossy();
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return !name.starts_with('.') || name == ".cargo";
    }
    !(name.starts_with('.') || is_temporary(&name))
}

/// Whether editors create such files while they save.
fn is_temporary(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default();
    name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'))
        || name == "4913"
        || matches!(extension, "swp" | "swo" | "swx" | "tmp" | "crswap" | "kate-swp")
        || name.contains("___jb_")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn write(&self, path: &str, text: &str) {
            let path = self.0.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        fn take(&self) -> Snapshot {
            Snapshot::take(&WatchRoots {
                folders: vec![self.0.path().to_owned()],
                target: self.0.path().join("target"),
                ..WatchRoots::default()
            })
        }
    }

    fn changed(folder: &Folder, before: &Snapshot) -> Vec<String> {
        let changes = folder.take().changes_since(before);
        let short = |path: PathBuf| path.strip_prefix(folder.0.path()).unwrap().to_owned();
        changes.into_iter().map(|path| short(path).to_str().unwrap().replace('\\', "/")).collect()
    }

    #[cfg(unix)]
    #[test]
    fn cases_are_watched_where_git_ignores_them_and_behind_links() {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("p/.gitignore", "/cases\n");
        folder.write("p/cases/one.json", "1");
        folder.write("away/two.json", "2");
        folder.write("away/deep/three.json", "3");
        folder.write("read/by/a/build.txt", "4");
        let at = |path: &str| folder.0.path().join(path);
        std::os::unix::fs::symlink(at("away/two.json"), at("p/cases/two.json")).unwrap();
        std::os::unix::fs::symlink(at("away/deep"), at("p/cases/deep")).unwrap();
        let roots = WatchRoots {
            folders: vec![at("p")],
            target: at("p/target"),
            cases: at("p/cases"),
            inputs: vec![at("read/by/a/build.txt"), at("p/.cargo/config.toml")],
        };
        for (path, as_seen) in [
            ("p/cases/one.json", "p/cases/one.json"),
            ("away/two.json", "p/cases/two.json"),
            ("away/deep/three.json", "p/cases/deep/three.json"),
            ("read/by/a/build.txt", "read/by/a/build.txt"),
            ("p/.cargo/config.toml", "p/.cargo/config.toml"),
        ] {
            let before = Snapshot::take(&roots);
            folder.write(path, "a longer text");
            assert_eq!(Snapshot::take(&roots).changes_since(&before), [at(as_seen)]);
        }
        assert!(Snapshot::take(&roots).folders.contains(&at("read/by/a")));
    }

    #[test]
    fn files_that_are_other_new_or_gone_have_changed() {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write("src/lib.rs", "one");
        folder.write("src/gone.rs", "");
        let before = folder.take();
        assert!(changed(&folder, &before).is_empty());
        folder.write("src/lib.rs", "three");
        folder.write("src/new/mod.rs", "");
        fs::remove_file(folder.0.path().join("src/gone.rs")).unwrap();
        assert_eq!(changed(&folder, &before), ["src/gone.rs", "src/lib.rs", "src/new/mod.rs"]);
        assert_eq!(before.folders.len(), 2);
        assert_eq!(folder.take().folders.len(), 3);
    }

    #[test]
    fn what_git_ignores_what_is_built_and_what_editors_make_is_not_seen() {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.write(".gitignore", "*.log\n/out/\n");
        folder.write("inner/.gitignore", "made.rs\n");
        let before = folder.take();
        for path in [
            "a.log",
            "out/x.rs",
            "inner/made.rs",
            "target/debug/x",
            ".git/HEAD",
            ".idea/x.xml",
            "src/.lib.rs.swp",
            "src/lib.rs~",
            "src/#lib.rs#",
            "src/.#lib.rs",
            "src/4913",
        ] {
            folder.write(path, "");
        }
        assert!(changed(&folder, &before).is_empty(), "{:?}", changed(&folder, &before));
        folder.write(".cargo/config.toml", "");
        folder.write("inner/other.rs", "");
        assert_eq!(changed(&folder, &before), [".cargo/config.toml", "inner/other.rs"]);
    }
}
