//! Finds a case by its name without a build.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use walkdir::WalkDir;

use crate::advice::{CASE_NAMES, record_first};
use crate::catalog::list;
use crate::display::escape;
use crate::error::{Error, Result};
use crate::suggest::similar_names;
use athena_shrink::ModelInput;

/// The most suggested names.
const SUGGESTED: usize = 5;

#[derive(Debug)]
pub(super) struct RecordedCase {
    /// `model id::case`
    pub(super) name: String,
    pub(super) model: String,
    pub(super) input: ModelInput,
}

impl RecordedCase {
    /// The name without the model's id, from which the new case's name is made.
    pub(super) fn stem(&self) -> &str {
        let name = self.name.rsplit_once("::").map_or(self.name.as_str(), |(_, name)| name);
        name.rsplit_once('/').map_or(name, |(_, name)| name)
    }
}

/// The file of a case, and its line in a suite.
struct CaseLocation {
    name: String,
    model: String,
    path: PathBuf,
    /// From 1. `None` for a case in its own file.
    line: Option<usize>,
}

#[derive(Deserialize)]
struct CaseNameOnly {
    case: String,
}

#[derive(Deserialize)]
struct RecordedCall {
    env: BTreeMap<String, String>,
    input: Box<RawValue>,
}

/// The case with this name, or the only case whose name contains it.
///
/// # Errors
///
/// No case or several cases match, or the case can't be read.
pub(super) fn find(fixtures: &Path, wanted: &str) -> Result<RecordedCase> {
    let places = places(fixtures);
    if places.is_empty() {
        return Err(Error::nothing(format!("no case is recorded under {}", fixtures.display()))
            .help(record_first(None)));
    }
    let ends = [format!("::{wanted}"), format!("/{wanted}")];
    let tiers: [&dyn Fn(&CaseLocation) -> bool; 3] = [
        &|place| place.name == wanted,
        &|place| ends.iter().any(|end| place.name.ends_with(end.as_str())),
        &|place| !wanted.is_empty() && place.name.contains(wanted),
    ];
    for matches in tiers {
        let found: Vec<&CaseLocation> = places.iter().filter(|place| matches(place)).collect();
        match found[..] {
            [] => {}
            [place] => return place.read(),
            _ => {
                let names: Vec<&str> = found.iter().map(|place| place.name.as_str()).collect();
                return Err(Error::nothing(format!(
                    "{} cases have `{}` in their name; shrink needs exactly one",
                    names.len(),
                    escape(wanted)
                ))
                .help(format!("use one of {}", escape(&list(&names)))));
            }
        }
    }
    let error = Error::nothing(format!("no case is named `{}`", escape(wanted)));
    let near = suggestions(&places, wanted);
    Err(if near.is_empty() {
        error.help(CASE_NAMES)
    } else {
        error.help(format!("did you mean {}?", escape(&near.join(", "))))
    })
}

impl CaseLocation {
    fn read(&self) -> Result<RecordedCase> {
        let at = format!("{}:{}", self.path.display(), self.line.unwrap_or(1));
        let text = fs::read_to_string(&self.path)
            .map_err(|error| Error::usage(format!("{at} can't be read")).cause(error))?;
        let text = match self.line {
            Some(line) => text.lines().nth(line - 1).unwrap_or_default(),
            None => &text,
        };
        let recorded: RecordedCall = serde_json::from_str(text)
            .map_err(|error| Error::usage(format!("{at} is not a case")).cause(error))?;
        let message = athena_protocol::json::parse(recorded.input.get())
            .map_err(|error| Error::usage(format!("{at} is not a case")).cause(error))?;
        Ok(RecordedCase {
            name: self.name.clone(),
            model: self.model.clone(),
            input: ModelInput { env: recorded.env, message },
        })
    }
}

/// All cases. A case that can't be read has no name; a replay reports it.
fn places(fixtures: &Path) -> Vec<CaseLocation> {
    let mut places = Vec::new();
    let files = WalkDir::new(fixtures).min_depth(2).sort_by_file_name();
    for file in files.into_iter().filter_map(std::result::Result::ok) {
        let path = file.path();
        let Ok(relative) = path.strip_prefix(fixtures) else { continue };
        let folders: Vec<String> = relative
            .parent()
            .into_iter()
            .flat_map(|folder| folder.iter().map(|part| part.to_string_lossy().into_owned()))
            .collect();
        let Some(stem) = path.file_stem().and_then(OsStr::to_str) else { continue };
        let model = folders.join("::");
        let place = |name: &str, line| CaseLocation {
            name: format!("{model}::{name}"),
            model: model.clone(),
            path: path.to_owned(),
            line,
        };
        match path.extension().and_then(OsStr::to_str) {
            Some("json") => places.push(place(stem, None)),
            Some("jsonl") => {
                let text = fs::read_to_string(path).unwrap_or_default();
                for (at, line) in text.lines().enumerate() {
                    if let Ok(CaseNameOnly { case }) = serde_json::from_str(line) {
                        places.push(place(&format!("{stem}/{case}"), Some(at + 1)));
                    }
                }
            }
            _ => {}
        }
    }
    places
}

fn suggestions(places: &[CaseLocation], wanted: &str) -> Vec<String> {
    let names = places.iter().map(|place| place.name.as_str());
    let similar = similar_names(wanted, names).into_iter().take(SUGGESTED);
    similar.map(|name| format!("`{name}`")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixtures() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let case = r#"{"format":1,"model":"m::f","env":{"A":"1"},"input":{"x":2},"output":{}}"#;
        write("m/f/one.json", case);
        write("m/f/one-more.json", case);
        write("m/g/two.json", "{");
        let line = |name: &str| case.replacen('{', &format!("{{\"case\":\"{name}\","), 1);
        write("m/g/book.jsonl", &format!("{}\n\nnoise\n{}\n", line("first"), line("one")));
        write("m/schema.proto", "");
        write("environments/ci.env", "");
        folder
    }

    fn error(wanted: &str) -> (u8, String) {
        let error = find(fixtures().path(), wanted).unwrap_err();
        (error.exit().code(), format!("{error:?}"))
    }

    #[test]
    fn a_case_is_found_by_its_name_by_its_end_and_by_what_only_it_has() {
        let folder = fixtures();
        for (wanted, name) in [
            ("m::f::one", "m::f::one"),
            ("one-more", "m::f::one-more"),
            ("f::one", "m::f::one"),
            ("book/one", "m::g::book/one"),
            ("first", "m::g::book/first"),
            ("fir", "m::g::book/first"),
        ] {
            let case = find(folder.path(), wanted).unwrap();
            assert_eq!(case.name, name);
            assert_eq!(case.input.message, serde_json::json!({ "x": 2 }));
            assert_eq!(case.input.env["A"], "1");
        }
        let case = find(folder.path(), "book/one").unwrap();
        assert_eq!((case.model.as_str(), case.stem()), ("m::g", "one"));
    }

    #[test]
    fn none_and_several_name_the_nearest() {
        let (code, text) = error("one");
        assert_eq!(code, 4);
        assert!(text.contains("2 cases") && text.contains("m::f::one, m::g::book/one"), "{text}");
        let (code, text) = error("m::f::onn");
        assert_eq!(code, 4);
        assert!(text.contains("did you mean `m::f::one`"), "{text}");
        let (code, text) = error("entirely unknown");
        assert_eq!(code, 4);
        assert!(text.contains("a name is `model id::case`"), "{text}");
        assert_eq!(error("").0, 4);
        let nowhere = find(Path::new("/nowhere"), "one").unwrap_err();
        assert_eq!(nowhere.exit().code(), 4);
    }

    #[test]
    fn a_broken_case_is_named_with_its_place() {
        let (code, text) = error("two");
        assert_eq!(code, 2);
        assert!(text.contains("two.json:1 is not a case"), "{text}");
    }
}
