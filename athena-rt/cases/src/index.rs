//! Lists the cases under `fixtures/`, without opening them.

use std::collections::BTreeMap;
use std::io::ErrorKind::NotFound;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

use super::layout::{self, ENVIRONMENTS, REJECTED, Stem};
use athena_core::display::escape;
use athena_protocol::collect::sort_by;
use athena_protocol::text::order_number;

/// The cases under `fixtures/`, by the id of their model.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub folders: BTreeMap<String, Folder>,
    pub broken: Vec<InvalidFile>,
    /// Files in folders of models whose names are not those of cases, and don't resemble them.
    pub ignored: Vec<PathBuf>,
}

/// The cases of one model, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    pub path: PathBuf,
    pub cases: Vec<Stem>,
    pub suites: Vec<Stem>,
}

/// A file under `fixtures/` that can't be a case although it looks like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidFile {
    pub path: PathBuf,
    /// From 1; 0 for the file as a whole.
    pub line: usize,
    pub reason: String,
}

impl std::fmt::Display for InvalidFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.to_string_lossy();
        match self.line {
            0 => write!(f, "{}: {}", escape(&path), self.reason),
            line => write!(f, "{}:{line}: {}", escape(&path), self.reason),
        }
    }
}

impl Index {
    /// Walks `fixtures/`; with `roots`, only what is below those first segments of an id.
    pub fn read(fixtures: &Path, roots: Option<&[&str]>) -> Self {
        let mut index = Self::default();
        match std::fs::metadata(fixtures) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => {
                index.refuse(fixtures, "not a folder");
                return index;
            }
            // A missing folder has no cases; a dangling link is a mistake.
            Err(error) if error.kind() == NotFound && !fixtures.is_symlink() => return index,
            Err(error) => {
                index.refuse(fixtures, &format!("can't be read: {error}"));
                return index;
            }
        }
        // Links are followed; a loop of links is an error.
        let walk = WalkDir::new(fixtures).follow_links(true).into_iter().filter_entry(|entry| {
            let name = entry.file_name().to_string_lossy();
            match entry.depth() {
                0 => true,
                1 => roots.is_none_or(|roots| roots.contains(&&*name)),
                _ => !name.starts_with('.'),
            }
        });
        let mut last = (PathBuf::new(), String::new());
        for entry in walk {
            match entry {
                // A package may have the name of the folder of environments: its cases are deeper.
                Ok(entry) if entry.depth() == 2 && is_environment(&entry) => {}
                Ok(entry) if entry.file_type().is_file() => {
                    index.add(fixtures, entry.path(), &mut last);
                }
                Ok(entry) if entry.depth() > 1 && is_case_name(entry.path()) => {
                    index.refuse(
                        entry.path(),
                        "not a file, although its name ends in .json or .jsonl",
                    );
                }
                Ok(_) => {}
                Err(error) => index.broken.push(InvalidFile {
                    path: error.path().unwrap_or(fixtures).to_path_buf(),
                    line: 0,
                    reason: match error.loop_ancestor() {
                        Some(ancestor) => format!("a link back to {}", ancestor.display()),
                        None => error.io_error().map_or_else(
                            || error.to_string(),
                            |error| format!("can't be read: {error}"),
                        ),
                    },
                }),
            }
        }
        for folder in index.folders.values_mut() {
            sort(&mut folder.cases);
            sort(&mut folder.suites);
            index.broken.extend(folder.equal_elsewhere());
        }
        sort_by(&mut index.broken, |a, b| a.path.cmp(&b.path));
        index.ignored.sort();
        index
    }

    /// Adds a file. `last` is the folder of the last one, and its id.
    fn add(&mut self, fixtures: &Path, path: &Path, last: &mut (PathBuf, String)) {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return self.refuse(path, "the file's name is not valid UTF-8");
        };
        let (stem, is_suite) = if let Some(stem) = name.strip_suffix(".jsonl") {
            (stem, true)
        } else if let Some(stem) = name.strip_suffix(".json") {
            (stem, false)
        } else {
            if name.starts_with('.') || path.extension().is_some_and(|it| it == REJECTED) {
                return;
            }
            if resembles_case(name) {
                self.refuse(path, "a case file's name ends in .json or .jsonl");
            } else if is_beside_cases(fixtures, path) {
                self.ignored.push(path.to_owned());
            }
            return;
        };
        let parent = path.parent().unwrap_or(fixtures);
        // The files of a folder follow each other.
        if last.1.is_empty() || last.0.as_os_str() != parent.as_os_str() {
            let relative = parent.strip_prefix(fixtures).unwrap_or(parent);
            if relative.as_os_str().is_empty() {
                return self.refuse(
                    path,
                    "a case is in the folder of its model: fixtures/<package>/../<function>/",
                );
            }
            *last = (parent.to_path_buf(), layout::id_of(relative));
        }
        match Stem::parse(stem) {
            Ok(stem) => {
                let folder = match self.folders.get_mut(&last.1) {
                    Some(folder) => folder,
                    None => self.folders.entry(last.1.clone()).or_default(),
                };
                if folder.path.as_os_str().is_empty() {
                    folder.path = parent.to_path_buf();
                }
                if is_suite { &mut folder.suites } else { &mut folder.cases }.push(stem);
            }
            Err(error) => self.refuse(path, &error.to_string()),
        }
    }

    fn refuse(&mut self, path: &Path, reason: &str) {
        self.broken.push(InvalidFile {
            path: path.to_path_buf(),
            line: 0,
            reason: reason.to_owned(),
        });
    }
}

/// Sorts the names of a folder, of which there may be a hundred thousand.
fn sort(stems: &mut Vec<Stem>) {
    let number = |stem: &Stem| order_number(stem.as_str().as_bytes());
    let mut numbered: Vec<_> = stems.drain(..).map(|stem| (number(&stem), stem)).collect();
    numbered.sort_unstable();
    stems.extend(numbered.into_iter().map(|(_, stem)| stem));
}

impl Folder {
    /// The files whose names differ from another's in capitals only.
    fn equal_elsewhere(&self) -> Vec<InvalidFile> {
        let has_capitals =
            |stem: &Stem| stem.as_str().bytes().any(|byte| byte.is_ascii_uppercase());
        if !self.cases.iter().chain(&self.suites).any(has_capitals) {
            return Vec::new();
        }
        let cases = self.cases.iter().map(|stem| stem.case_file(&self.path));
        let suites = self.suites.iter().map(|stem| stem.suite_file(&self.path));
        let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
        let mut equal = Vec::new();
        for path in cases.chain(suites) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if let Some(other) = seen.insert(name.to_lowercase(), path.clone()) {
                let other = other.file_name().unwrap_or_default().to_string_lossy().into_owned();
                equal.push(InvalidFile {
                    path,
                    line: 0,
                    reason: format!("on other systems its name is that of `{other}`: rename one, with `cargo athena mv`"),
                });
            }
        }
        equal
    }
}

/// Whether a name may be meant as that of a case: `a.JSON`, `a.json.bak`, `a.jsn`, `a.ndjson`.
fn resembles_case(name: &str) -> bool {
    let name = name.to_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    name.contains(".json") || extension.starts_with("js") || extension.ends_with("json")
}

/// Whether a file is where cases are, and is not about them: a package's folder has its schema.
fn is_beside_cases(fixtures: &Path, path: &Path) -> bool {
    let depth = path.strip_prefix(fixtures).map_or(0, |relative| relative.iter().count());
    depth > 2 && path.extension().is_none_or(|extension| extension != "md")
}

fn is_environment(entry: &DirEntry) -> bool {
    entry.file_type().is_file()
        && entry.path().parent().is_some_and(|parent| parent.ends_with(ENVIRONMENTS))
}

fn is_case_name(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_may_be_meant_as_cases_are_refused_and_others_are_ignored() {
        let fixtures = tempfile::tempdir().expect("a folder");
        let folder = fixtures.path().join("m/f");
        std::fs::create_dir_all(&folder).expect("a folder");
        let files = [
            "a.json",
            "b.jsn",
            "c.JSON",
            "d.ndjson",
            "e.txt",
            "README.md",
            ".hidden",
            "g.rejected",
        ];
        for name in files {
            std::fs::write(folder.join(name), "").expect("written");
        }
        std::fs::write(fixtures.path().join("m/schema.proto"), "").expect("written");
        let index = Index::read(fixtures.path(), None);
        let names = |paths: Vec<&PathBuf>| {
            let names = paths.into_iter().filter_map(|path| path.file_name()?.to_str());
            names.map(str::to_owned).collect::<Vec<_>>()
        };
        let broken = index.broken.iter().map(|broken| &broken.path).collect();
        assert_eq!(names(broken), ["b.jsn", "c.JSON", "d.ndjson"]);
        assert_eq!(names(index.ignored.iter().collect()), ["e.txt"]);
        assert_eq!(index.folders["m::f"].cases.len(), 1);
    }
}
