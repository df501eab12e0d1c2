//! The cases that exist, by the id of their model, without opening more files than necessary.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The names of the cases of each model that is not known, sorted. Other files, and those
/// that can't be read, are left to the runners, which report them.
pub(super) fn unknown(fixtures: &Path, known: &[String]) -> BTreeMap<String, Vec<String>> {
    let known: HashSet<&str> = known.iter().map(String::as_str).collect();
    let mut walk = Walk { known, folders: BTreeMap::new() };
    walk.folder(fixtures, "");
    for names in walk.folders.values_mut() {
        names.sort_unstable();
    }
    walk.folders
}

/// The names of all cases by the id of their model, sorted.
pub(crate) fn case_names(fixtures: &Path) -> BTreeMap<String, Vec<String>> {
    unknown(fixtures, &[])
}

/// A walk that takes no more than the names from a folder: some have 100,000 cases.
struct Walk<'a> {
    known: HashSet<&'a str>,
    folders: BTreeMap<String, Vec<String>>,
}

impl Walk<'_> {
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
        let names = if let Some(stem) = name.strip_suffix(".json") {
            vec![format!("{id}::{stem}")]
        } else if let Some(stem) = name.strip_suffix(".jsonl") {
            lines(path, &format!("{id}::{stem}"))
        } else {
            return;
        };
        self.folders.entry(id.to_owned()).or_default().extend(names);
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
fn lines(path: &Path, suite: &str) -> Vec<String> {
    #[derive(Deserialize)]
    struct Line {
        case: String,
    }
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| match serde_json::from_str(line) {
            Ok(Line { case }) => format!("{suite}/{case}"),
            Err(_) => format!("{suite}/line-{}", at + 1),
        })
        .collect()
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
    }
}
