//! Saves the result of a search.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use athena_protocol::json::JsonValue;
use athena_protocol::{Rerecord, Verb};
use serde::Serialize;
use serde_json::Value;

use super::program::ModelProgram;
use crate::display::display_path;
use crate::error::{Error, Result};
use crate::session::Session;
use athena_shrink::ModelInput;

/// The longest name of a case.
const LONGEST: usize = 60;

/// The end of the name of a shrunk case.
const SUFFIX: &str = "-shrunk";

#[derive(Serialize)]
struct DraftCase<'a> {
    format: u32,
    model: &'a str,
    env: &'a BTreeMap<String, String>,
    input: JsonValue,
    output: Value,
}

/// The name of the case that a case is shrunk to.
pub(super) fn name_for(stem: &str) -> String {
    let stem = stem.split('@').next().unwrap_or(stem);
    let end = stem.floor_char_boundary(LONGEST - SUFFIX.len());
    format!("{}{SUFFIX}", &stem[..end])
}

/// Fails if the name is taken, before any work is done.
pub(super) fn check(head: &ModelProgram, name: &str) -> Result<()> {
    let path = case_path(head, name);
    if path.exists() {
        return Err(name_taken(&path));
    }
    Ok(())
}

/// Records a case. The runner rerecords a draft with the input and an empty outcome, in a temporary
/// folder: a plain recording would see the variables of this process.
pub(super) fn record(
    head: &ModelProgram,
    quiet: &Session,
    folder: &Path,
    name: &str,
    input: &ModelInput,
) -> Result<PathBuf> {
    let path = case_path(head, name);
    let fixtures = folder.join("recorded");
    let inside = path
        .strip_prefix(head.session.fixtures())
        .map_err(|error| Error::unwritable(&path, error))?;
    let draft = fixtures.join(inside);
    let case = DraftCase {
        format: 1,
        model: head.id(),
        env: &input.env,
        input: JsonValue(input.message.clone()),
        output: Value::Object(serde_json::Map::new()),
    };
    let text =
        serde_json::to_string_pretty(&case).map_err(|error| Error::unwritable(&path, error))?;
    draft
        .parent()
        .map_or(Ok(()), fs::create_dir_all)
        .map_err(|error| Error::unwritable(&path, error))?;
    fs::write(&draft, text + "\n").map_err(|error| Error::unwritable(&path, error))?;
    let request = Rerecord { models: vec![head.id().to_owned()], ..Rerecord::default() };
    let runner = &head.catalog.runners[head.catalog.models[head.model].runner];
    let reply = quiet.ask_over(runner, &fixtures, Verb::Rerecord(request))?;
    if reply.exit != 0 {
        return Err(Error::failure(format!("{} was not recorded", display_path(&path))));
    }
    let text = fs::read(&draft).map_err(|error| Error::unwritable(&path, error))?;
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| Error::unwritable(&path, error))?;
    let mut file = tempfile::Builder::new()
        .prefix(".shrunk-")
        .suffix(".tmp")
        .tempfile_in(parent)
        .map_err(|error| Error::unwritable(&path, error))?;
    file.write_all(&text).map_err(|error| Error::unwritable(&path, error))?;
    file.persist_noclobber(&path).map_err(|error| Error::unwritable(&path, error.error))?;
    Ok(path)
}

/// Writes the message to a file for `cargo athena run --message`.
pub(super) fn save(head: &ModelProgram, name: &str, input: &ModelInput) -> Result<PathBuf> {
    let folder = head.session.workspace.artifacts.join("shrunk");
    let path = folder.join(format!("{name}.json"));
    let text = serde_json::to_string_pretty(&JsonValue(input.message.clone()))
        .map_err(|error| Error::unwritable(&path, error))?;
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&path, text + "\n"))
        .map_err(|error| Error::unwritable(&path, error))?;
    Ok(path)
}

fn case_path(head: &ModelProgram, name: &str) -> PathBuf {
    let mut path = head.session.fixtures().to_path_buf();
    path.extend(head.id().split("::"));
    path.push(format!("{name}.json"));
    path
}

fn name_taken(path: &Path) -> Error {
    Error::usage(format!("{} already exists", display_path(path)))
        .help("choose another name: --record NAME")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_shrunk_cases_are_names_of_cases() {
        assert_eq!(name_for("seeded"), "seeded-shrunk");
        assert_eq!(name_for("seeded@ci"), "seeded-shrunk");
        assert_eq!(name_for(&"x".repeat(60)).len(), LONGEST);
    }
}
