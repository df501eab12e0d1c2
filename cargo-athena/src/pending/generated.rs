//! Generated cases that are not committed yet: nobody has read them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use serde_json::value::RawValue;

use super::kept::{KeptCases, hash};
use crate::baseline::Git;
use crate::catalog::Catalog;
use crate::error::{Error, Result};
use crate::options::CaseFilter;

/// A generated case that waits for its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GeneratedPending {
    /// The model's id.
    pub(crate) model: String,
    /// The suite's name, with its environment if it has one.
    pub(crate) suite: String,
    pub(crate) case: String,
    /// Why it was generated.
    pub(crate) reason: String,
    /// Its variables and input, in one line.
    pub(crate) input: String,
    /// Its outcome, in one line.
    pub(crate) outcome: String,
    /// The hash of all of it.
    pub(crate) hash: String,
}

/// The generated cases of the models whose lines are not in the last commit, apart from those that were kept. Outside
/// of a repository no line is in a commit.
///
/// # Errors
///
/// A suite can't be read.
pub(crate) fn uncommitted(
    fixtures: &Path,
    catalog: &Catalog,
    which: &CaseFilter,
    kept: &KeptCases,
) -> Result<Vec<GeneratedPending>> {
    let mut all = Vec::new();
    for model in catalog.ids() {
        let folder = fixtures.join(model.replace("::", "/"));
        let Ok(files) = folder.read_dir() else { continue };
        let mut files: Vec<_> = files.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Error::usage(format!("{} can't be read", path.display())).cause(error)
            })?;
            if !text.contains("\"generated\"") {
                continue;
            }
            let committed = Git::committed(&path).unwrap_or_default();
            let known: BTreeSet<&str> = committed.lines().collect();
            let suite = path.file_stem().unwrap_or_default().to_string_lossy();
            let new = text.lines().filter(|line| !known.contains(line));
            let cases = new.filter_map(|line| read(line, &model, &suite));
            let cases = cases.filter(|it| !kept.has(&it.hash));
            all.extend(cases.filter(|it| which.matches(&format!("{model}::{suite}/{}", it.case))));
        }
    }
    Ok(all)
}

/// A line of a suite; `None` unless it is a generated case.
fn read(text: &str, model: &str, suite: &str) -> Option<GeneratedPending> {
    #[derive(serde::Deserialize)]
    struct Line<'a> {
        case: String,
        generated: String,
        #[serde(default)]
        env: std::collections::BTreeMap<String, String>,
        #[serde(borrow)]
        input: &'a RawValue,
        #[serde(borrow)]
        output: Option<&'a RawValue>,
        #[serde(borrow)]
        outputs: Option<&'a RawValue>,
        error: Option<Value>,
    }
    let line: Line<'_> = serde_json::from_str(text).ok()?;
    let env: Vec<String> =
        line.env.iter().map(|(name, value)| format!("{name}={value} ")).collect();
    let outcome = match (line.output.or(line.outputs), line.error) {
        (Some(output), None) => output.get().to_owned(),
        (_, Some(error)) => {
            let text = |key: &str| error.get(key).and_then(Value::as_str).unwrap_or_default();
            format!("{}: {}", text("kind"), text("message"))
        }
        (None, None) => String::new(),
    };
    Some(GeneratedPending {
        model: model.to_owned(),
        suite: suite.to_owned(),
        case: line.case,
        reason: line.generated,
        input: format!("{}{}", env.concat(), line.input.get()),
        outcome,
        hash: hash(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_generated_cases_are_read() {
        let line = r#"{"model":"m::f","case":"n-10","format":1,"generated":"catches >= for > in f","env":{"A":"1"},"input":{"n":10},"error":{"kind":"E","message":"no"}}"#;
        let read = |line: &str| read(line, "m::f", "generated");
        let case = read(line).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(case.input, r#"A=1 {"n":10}"#);
        assert_eq!(
            (case.outcome.as_str(), case.reason.as_str()),
            ("E: no", "catches >= for > in f")
        );
        assert_eq!(read(&line.replace("\"generated\":\"catches >= for > in f\",", "")), None);
        assert_eq!(read("<<<<<<<"), None);
    }
}
