//! The figures of the last `cargo athena strength` of a workspace, which other commands link to.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use walkdir::{DirEntry, WalkDir};

use crate::source_hash::hash_files;

/// The figures of each package, and what they are of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastStrength {
    pub(crate) examined: ExaminedFiles,
    pub(crate) packages: Vec<PackageFigures>,
}

/// What one package's cases caught, and the page that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PackageFigures {
    pub(crate) package: String,
    pub(crate) caught: usize,
    /// All mutants of the package that were examined.
    pub(crate) mutants: usize,
    pub(crate) page: PathBuf,
}

/// The files that a strength depends on, as hashes of their contents: a checkout changes the times of files.
///
/// They are those of the whole workspace: a case of one package may run the code of another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExaminedFiles {
    root: PathBuf,
    fixtures: PathBuf,
    sources: String,
    cases: String,
}

impl LastStrength {
    /// The figures of each package; none if the command did not run yet.
    pub(crate) fn read(artifacts: &Path) -> Self {
        let text = fs::read(file(artifacts)).unwrap_or_default();
        let mut last: Self = serde_json::from_slice(&text).unwrap_or_default();
        last.packages.retain(|one| one.page.is_file());
        last
    }

    /// What has changed since: `the code`, `the cases`. `None` if nothing has, or if nothing is known.
    pub(crate) fn change(&self) -> Option<&'static str> {
        if self.packages.is_empty() {
            return None;
        }
        let ExaminedFiles { root, fixtures, sources, cases } = &self.examined;
        let now = ExaminedFiles::read(root, fixtures);
        match (now.sources == *sources, now.cases == *cases) {
            (true, true) => None,
            (false, _) => Some("the code"),
            (true, false) => Some("the cases"),
        }
    }

    /// The page of a package.
    pub(crate) fn page(artifacts: &Path, package: &str) -> PathBuf {
        artifacts.join("strength/pages").join(format!("{package}.html"))
    }
}

impl PackageFigures {
    /// `strsim: 333 of 358 mutants caught`
    pub(crate) fn to_line(&self) -> String {
        format!("{}: {} of {} mutants caught", self.package, self.caught, self.mutants)
    }
}

impl ExaminedFiles {
    /// Reads the sources below the workspace's folder, and the cases.
    pub(crate) fn read(root: &Path, fixtures: &Path) -> Self {
        let sources =
            WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_source_folder);
        let sources = sources.filter_map(Result::ok).map(DirEntry::into_path).filter(|path| {
            let name = path.file_name().unwrap_or_default();
            has_extension(path, &["rs"]) || name == "Cargo.toml" || name == "Cargo.lock"
        });
        let cases = WalkDir::new(fixtures).follow_links(true).sort_by_file_name().into_iter();
        let cases = cases.filter_map(Result::ok).map(DirEntry::into_path);
        let cases = cases.filter(|path| has_extension(path, &["json", "jsonl", "env"]));
        Self {
            root: root.to_owned(),
            fixtures: fixtures.to_owned(),
            sources: hash_files(root, sources),
            cases: hash_files(fixtures, cases),
        }
    }
}

/// Whether a file or folder is not hidden, and not what a build leaves behind: cargo tags such a folder.
fn is_source_folder(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_built = || name == "target" || entry.path().join("CACHEDIR.TAG").is_file();
    entry.depth() == 0 || !(name.starts_with('.') || (entry.file_type().is_dir() && is_built()))
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|end| extensions.contains(&end))
}

/// The file in which the figures are kept.
pub(crate) fn file(artifacts: &Path) -> PathBuf {
    artifacts.join("strength/last.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_text_of_a_source_or_a_case_outdates_the_figures_and_another_time_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let page = write("target/page.html", "");
        write("src/lib.rs", "1");
        write("fixtures/m/f/a.json", "{}");
        let fixtures = folder.path().join("fixtures");
        let packages = vec![PackageFigures { page, ..PackageFigures::default() }];
        let read = || {
            let examined = ExaminedFiles::read(folder.path(), &fixtures);
            LastStrength { examined, packages: packages.clone() }
        };
        let last = read();
        write("src/lib.rs", "1");
        write("target/build.rs", "");
        write("out/CACHEDIR.TAG", "");
        write("out/build.rs", "");
        write("src/data.json", "{}");
        assert_eq!(last.change(), None);
        let added = write("fixtures/m/f/b.json", "{}");
        assert_eq!(last.change(), Some("the cases"));
        write("src/other.rs", "");
        assert_eq!(last.change(), Some("the code"));
        fs::remove_file(added).unwrap();
        assert_eq!(read().change(), None);
        assert_eq!(LastStrength::default().change(), None);
    }
}
