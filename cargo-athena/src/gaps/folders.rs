//! The cases that exist, by the id of their model, without opening more files than necessary.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader};
use std::path::Path;

use serde::Deserialize;

/// The names of the cases of each model that is not known, sorted. Other files, and those
/// that can't be read, are left to the runners, which report them.
pub(super) fn unknown(fixtures: &Path, known: &[String]) -> BTreeMap<String, Vec<String>> {
    let known = known.iter().map(String::as_str).collect();
    let mut folders = Walk { known, takes_names: true, folders: BTreeMap::new() }.walk(fixtures);
    for names in folders.values_mut() {
        names.sort_unstable();
    }
    folders
}

/// The ids that have a file of cases, without a look into it.
pub(crate) fn ids_with_cases(fixtures: &Path) -> Vec<String> {
    let walk = Walk { known: HashSet::new(), takes_names: false, folders: BTreeMap::new() };
    walk.walk(fixtures).into_keys().collect()
}

/// The names of all cases by the id of their model, sorted.
pub(crate) fn case_names(fixtures: &Path) -> BTreeMap<String, Vec<String>> {
    unknown(fixtures, &[])
}

/// A walk that takes no more than the names from a folder: some have 100,000 cases.
struct Walk<'a> {
    known: HashSet<&'a str>,
    takes_names: bool,
    folders: BTreeMap<String, Vec<String>>,
}

impl Walk<'_> {
    fn walk(mut self, fixtures: &Path) -> BTreeMap<String, Vec<String>> {
        self.folder(fixtures, "");
        self.folders
    }

    fn folder(&mut self, folder: &Path, id: &str) {
        let is_known = self.known.contains(id);
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() || (kind.is_symlink() && is_other_folder(&entry.path())) {
                let id = if id.is_empty() { name.to_owned() } else { format!("{id}::{name}") };
                self.folder(&entry.path(), &id);
            } else if !is_known && !id.is_empty() {
                self.file(&entry.path(), id, name);
            }
        }
    }

    fn file(&mut self, path: &Path, id: &str, name: &str) {
        let case = name.strip_suffix(".json");
        let Some(stem) = case.or_else(|| name.strip_suffix(".jsonl")) else { return };
        let names = self.folders.entry(id.to_owned()).or_default();
        if self.takes_names {
            let name = format!("{id}::{stem}");
            match case {
                Some(_) => names.push(name),
                None => names.extend(lines(path, &name).unwrap_or_default()),
            }
        }
    }
}

/// Whether a link leads to a folder that it is not in itself.
fn is_other_folder(link: &Path) -> bool {
    let folders = fs::canonicalize(link).and_then(|target| {
        Ok((target, link.parent().map(fs::canonicalize).transpose()?.unwrap_or_default()))
    });
    folders.is_ok_and(|(target, parent)| target.is_dir() && !parent.starts_with(&target))
}

/// The names of the cases in a suite. A line without a name counts by its number.
fn lines(path: &Path, suite: &str) -> io::Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Line {
        case: String,
    }
    let mut names = Vec::new();
    for (at, line) in BufReader::new(File::open(path)?).lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            names.push(match serde_json::from_str(&line) {
                Ok(Line { case }) => format!("{suite}/{case}"),
                Err(_) => format!("{suite}/line-{}", at + 1),
            });
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_files_and_lines_of_suites_of_models_that_are_not_known() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("app/known/a.json", "{}");
        write("app/server/price/a.json", "{}");
        write("app/server/price/b.jsonl", "{\"case\":\"one\"}\n\n{\n");
        write("app/schema.proto", "");
        write("environments/dev.env", "");
        let found = unknown(folder.path(), &["app::known".to_owned()]);
        let names =
            ["app::server::price::a", "app::server::price::b/line-3", "app::server::price::b/one"];
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            [("app::server::price".to_owned(), names.map(str::to_owned).to_vec())]
        );
        assert_eq!(ids_with_cases(folder.path()), ["app::known", "app::server::price"]);
    }
}
