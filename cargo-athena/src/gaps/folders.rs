//! The cases that exist, by the id of their model, without opening more files than necessary.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use walkdir::WalkDir;

/// The names of the cases of each model that is not known, sorted. Other files, and those
/// that can't be read, are left to the runners, which report them.
pub(super) fn unknown(fixtures: &Path, known: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut folders: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let entries = WalkDir::new(fixtures).min_depth(2).follow_links(true).into_iter();
    for entry in entries.filter_entry(|entry| !is_hidden(entry.file_name())).flatten() {
        let path = entry.path();
        let (Some(stem), Some(extension), Some(folder)) =
            (path.file_stem(), path.extension(), path.parent())
        else {
            continue;
        };
        let Ok(relative) = folder.strip_prefix(fixtures) else { continue };
        let segments: Vec<_> = relative.iter().map(|segment| segment.to_string_lossy()).collect();
        let id = segments.join("::");
        if known.contains(&id) || !entry.file_type().is_file() {
            continue;
        }
        let name = format!("{id}::{}", stem.to_string_lossy());
        if extension == "json" {
            folders.entry(id).or_default().push(name);
        } else if extension == "jsonl" {
            folders.entry(id).or_default().extend(lines(path, &name));
        }
    }
    for names in folders.values_mut() {
        names.sort_unstable();
    }
    folders
}

fn is_hidden(name: &std::ffi::OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
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
