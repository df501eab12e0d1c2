//! The line of a failure in a runner's results: it becomes that of the report nearly as it is, and of its
//! details only the differences are looked at.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use athena_protocol::{Difference, Failure, FailureKind, JsonText};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A failure, and its JSON in the report.
pub(super) struct FailureText {
    /// The failure, without its outcomes; with its input if it has no differences.
    pub(super) failure: Failure,
    pub(super) text: Vec<u8>,
}

/// What is read of a failure. Its names are those of [`Failure`].
#[derive(Deserialize)]
struct FailureView<'l> {
    name: String,
    model: String,
    kind: FailureKind,
    /// Borrowed if it is written without escapes.
    #[serde(borrow)]
    file: Cow<'l, str>,
    line: u64,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    differences: Vec<Difference>,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    micros: u64,
    #[serde(borrow, default)]
    input: Option<&'l RawValue>,
}

impl FailureText {
    /// Reads a line. `None` if it isn't that of a failure, or needs more than another name of its file.
    pub(super) fn read(line: &[u8], relative: &mut Relative) -> Option<Self> {
        let line = std::str::from_utf8(line.strip_prefix(b"{\"failed\":")?).ok()?;
        let text = line.trim_end().strip_suffix('}')?;
        let view: FailureView<'_> = serde_json::from_str(text).ok()?;
        let (Cow::Borrowed(file), Some(input)) = (view.file, view.input) else { return None };
        // A reason may quote it.
        let input = if view.differences.is_empty() { JsonText::new(input.get()) } else { None };
        // It stands before all that could have a member of this name.
        let key = "\"file\":\"";
        let start = text.find(key)? + key.len();
        let (head, rest) = (&text[..start], text[start..].strip_prefix(file)?);
        let file = relative.file(file);
        let text = [head.as_bytes(), file.as_bytes(), rest.as_bytes()].concat();
        let failure = Failure {
            name: view.name,
            model: view.model,
            kind: view.kind,
            file: file.to_owned(),
            line: view.line,
            reason: view.reason,
            differences: view.differences,
            digest: view.digest,
            left_out: 0,
            label: view.label,
            env: None,
            input,
            recorded: None,
            now: None,
            printed: String::new(),
            micros: view.micros,
        };
        Some(Self { failure, text })
    }
}

/// Makes files relative to the workspace's root. Consecutive failures mostly are in one file.
pub(super) struct Relative {
    root: PathBuf,
    last: (String, String),
}

impl Relative {
    pub(super) fn to(root: &Path) -> Self {
        Self { root: root.to_owned(), last: <(String, String)>::default() }
    }

    fn file(&mut self, file: &str) -> &str {
        if self.last.0 != file {
            let inside = Path::new(file).strip_prefix(&self.root).ok();
            let relative = inside.map(|inside| inside.to_string_lossy().replace('\\', "/"));
            self.last = (file.to_owned(), relative.unwrap_or_else(|| file.to_owned()));
        }
        &self.last.1
    }

    pub(super) fn failure(&mut self, mut failure: Failure) -> Failure {
        failure.file = self.file(&failure.file).to_owned();
        failure
    }
}

/// Identifies a failure: the broken lines of one file share a name.
#[derive(Hash, Deserialize)]
struct FailureKey {
    name: String,
    file: String,
    line: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct KeyLine {
    #[serde(default)]
    failed: Option<FailureKey>,
    #[serde(default)]
    flaky: Option<FailureKey>,
}

/// The lines of failures that a later line of the same case replaces, from 0.
pub(super) fn superseded(part: &Path) -> io::Result<HashSet<usize>> {
    let hasher = RandomState::new();
    let mut last: HashMap<u64, usize> = HashMap::new();
    let mut superseded = HashSet::new();
    let file = BufReader::with_capacity(256 << 10, File::open(part)?);
    for (at, line) in file.split(b'\n').enumerate() {
        let line = line?;
        // Parsing is slow, and most lines are not failures.
        if !line.starts_with(b"{\"f") {
            continue;
        }
        let Ok(line) = serde_json::from_slice::<KeyLine>(&line) else { continue };
        let Some(key) = line.failed.or(line.flaky) else { continue };
        superseded.extend(last.insert(hasher.hash_one(&key), at));
    }
    Ok(superseded)
}

#[cfg(test)]
mod tests {
    use athena_protocol::{Entry, JsonText};
    use serde_json::json;

    use super::*;
    use crate::report::describe::tests::failure;

    fn line(failure: &Failure) -> Vec<u8> {
        let mut line = serde_json::to_vec(&Entry::Failed(failure.clone())).unwrap();
        line.push(b'\n');
        line
    }

    #[test]
    fn only_the_file_changes() {
        let mut relative = Relative::to(Path::new("/w s/x"));
        let input = json!({"file": "/w s/x/other", "b": [" {}"]});
        for (file, expected) in [
            ("/w s/x/fixtures/m/f/a.jsonl", "fixtures/m/f/a.jsonl"),
            ("/w s/x/fixtures/m/f/b.jsonl", "fixtures/m/f/b.jsonl"),
            ("/elsewhere/a.jsonl", "/elsewhere/a.jsonl"),
        ] {
            let given = Failure {
                file: file.to_owned(),
                input: JsonText::new(&input.to_string()),
                printed: "\"file\":\"\n".to_owned(),
                label: Some("q7".to_owned()),
                micros: 7,
                ..failure("m::f", "a\"file\":\"b", "/x")
            };
            let read = FailureText::read(&line(&given), &mut relative).unwrap();
            let expected = Failure { file: expected.to_owned(), ..given };
            assert_eq!(serde_json::from_slice::<Failure>(&read.text).unwrap(), expected);
            let seen = (&read.failure.name, &read.failure.file, &read.failure.differences);
            assert_eq!(seen, (&expected.name, &expected.file, &expected.differences));
            assert_eq!((read.failure.label.as_deref(), read.failure.micros), (Some("q7"), 7));
        }
    }

    #[test]
    fn a_line_that_needs_more_is_left_to_others() {
        let mut relative = Relative::to(Path::new("/w"));
        let input = JsonText::new("1");
        let none = failure("m::f", "a", "/x");
        let escaped = Failure { file: "C:\\w".to_owned(), input: input.clone(), ..none.clone() };
        assert!(FailureText::read(&line(&none), &mut relative).is_none());
        assert!(FailureText::read(&line(&escaped), &mut relative).is_none());
        let whole = line(&Failure { input, ..none });
        assert!(FailureText::read(&whole, &mut relative).is_some());
        for end in 0..whole.len() - 1 {
            assert!(FailureText::read(&whole[..end], &mut relative).is_none(), "{end}");
        }
        assert!(FailureText::read(b"{\"passed\":{}}\n", &mut relative).is_none());
    }
}
