//! The figures of the last `cargo athena strength` of a workspace, which other commands link to.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

/// What one package's cases caught, and the page that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastStrength {
    pub(crate) package: String,
    pub(crate) caught: usize,
    /// All mutants of the package that were examined.
    pub(crate) mutants: usize,
    pub(crate) page: PathBuf,
}

impl LastStrength {
    /// The figures of each package; none if the command did not run yet.
    pub(crate) fn read(artifacts: &Path) -> Vec<Self> {
        let text = fs::read(file(artifacts)).unwrap_or_default();
        let all: Vec<Self> = serde_json::from_slice(&text).unwrap_or_default();
        all.into_iter().filter(|one| one.page.is_file()).collect()
    }

    /// `strsim: 333 of 358 mutants caught`
    pub(crate) fn to_line(&self) -> String {
        format!("{}: {} of {} mutants caught", self.package, self.caught, self.mutants)
    }

    /// Whether a source file of the package, which is in this folder, is younger than the page.
    pub(crate) fn is_outdated(&self, root: &Path) -> bool {
        let modified = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
        let Some(written) = modified(&self.page) else { return false };
        let is_source = |entry: &DirEntry| {
            let name = entry.file_name().to_string_lossy();
            entry.depth() == 0 || !(name.starts_with('.') || name == "target")
        };
        let files = WalkDir::new(root).into_iter().filter_entry(is_source).filter_map(Result::ok);
        files
            .filter(|entry| entry.path().extension().is_some_and(|end| end == "rs"))
            .any(|entry| modified(entry.path()).is_some_and(|modified| modified > written))
    }

    /// The page of a package.
    pub(crate) fn page(artifacts: &Path, package: &str) -> PathBuf {
        artifacts.join("strength/pages").join(format!("{package}.html"))
    }
}

/// The file in which the figures are kept.
pub(crate) fn file(artifacts: &Path) -> PathBuf {
    artifacts.join("strength/last.json")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    #[test]
    fn a_source_file_that_is_younger_than_the_page_makes_it_outdated() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, age: u64| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            let time = SystemTime::now() - Duration::from_secs(age);
            fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            path
        };
        let page = write("target/page.html", 50);
        let last = LastStrength { page, ..LastStrength::default() };
        write("src/lib.rs", 100);
        write("target/build.rs", 10);
        write("src/data.json", 10);
        assert!(!last.is_outdated(folder.path()));
        write("src/other.rs", 10);
        assert!(last.is_outdated(folder.path()));
    }
}
