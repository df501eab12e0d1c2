//! The line of a failure in a runner's results: it becomes that of the report nearly as it is, and of its
//! details only the differences are looked at.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, BufRead as _, BufReader};
use std::ops::Range;
use std::path::Path;

use athena_protocol::{Failure, FailureKind};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Reads lines of failures, one after the other, into the same memory.
pub(super) struct FailureLines<'r> {
    root: &'r Path,
    failure: Failure,
    /// The file of the last failure as its line names it, and the bytes of that name that the report leaves out.
    file: String,
    cut: usize,
}

/// A failure, and where its JSON is in the line.
#[derive(Debug)]
pub(super) struct FailureText<'f> {
    /// The failure, without its outcomes; with its input if it has no differences.
    pub(super) failure: &'f Failure,
    pub(super) json: Range<usize>,
    /// What the report leaves out of the JSON: the folder of the workspace in the name of the file.
    pub(super) cut: Range<usize>,
}

impl<'r> FailureLines<'r> {
    /// Files become relative to `root`.
    pub(super) fn new(root: &'r Path) -> Self {
        let failure = Failure {
            name: String::new(),
            model: String::new(),
            label: None,
            kind: FailureKind::Differs,
            file: String::new(),
            line: 0,
            reason: String::new(),
            differences: Vec::new(),
            left_out: 0,
            env: None,
            input: None,
            recorded: None,
            now: None,
            digest: String::new(),
            printed: String::new(),
            micros: 0,
        };
        Self { root, failure, file: String::new(), cut: 0 }
    }

    /// Reads a line. `None` if it isn't that of a failure, or needs more than another name of its file.
    pub(super) fn read(&mut self, line: &[u8]) -> Option<FailureText<'_>> {
        let whole = std::str::from_utf8(line).ok()?;
        let text = whole.strip_prefix(HEAD)?.strip_suffix("}\n")?;
        let mut view = FailureView::new(&mut self.failure);
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = DeserializeSeed::deserialize(&mut view, &mut reader).and_then(|()| reader.end());
        let FailureView { has_kind, file, has_input, is_enough, failure } = view;
        // The rest of a failure is not read if its differences are known: it is whole, as the line is.
        if read.is_err() && !(is_enough && text.ends_with('}')) {
            return None;
        }
        if !has_kind || !has_input || failure.name.is_empty() || file.is_empty() {
            return None;
        }
        // Failures mostly are in the file of the one before.
        if self.file != file {
            let inside = Path::new(file).strip_prefix(self.root).ok();
            let relative = inside.and_then(Path::to_str).unwrap_or(file);
            self.cut = file.len() - relative.len();
            file.clone_into(&mut self.file);
            relative.clone_into(&mut failure.file);
        }
        let start = file.as_ptr() as usize - whole.as_ptr() as usize;
        let json = HEAD.len()..HEAD.len() + text.len();
        Some(FailureText { failure, json, cut: start..start + self.cut })
    }
}

/// What stands before the JSON of a failure.
const HEAD: &str = "{\"failed\":";

/// What is read of a failure.
struct FailureView<'f, 'l> {
    /// All but the file.
    failure: &'f mut Failure,
    has_kind: bool,
    /// Written without escapes.
    file: &'l str,
    has_input: bool,
    /// Whether nothing else is needed: what has not been read are the outcomes.
    is_enough: bool,
}

impl<'f> FailureView<'f, '_> {
    fn new(failure: &'f mut Failure) -> Self {
        let Failure { name, model, reason, digest, .. } = failure;
        for text in [name, model, reason, digest] {
            text.clear();
        }
        failure.differences.clear();
        (failure.label, failure.input) = (None, None);
        (failure.line, failure.micros) = (0, 0);
        Self { failure, has_kind: false, file: "", has_input: false, is_enough: false }
    }
}

/// Reads a text into memory that is there.
struct TextInto<'s>(&'s mut String);

impl<'de> DeserializeSeed<'de> for TextInto<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for TextInto<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        text.clone_into(self.0);
        Ok(())
    }
}

/// The members that are read. Their names are those of [`Failure`].
#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum FailureMember {
    Name,
    Model,
    Kind,
    File,
    Line,
    Reason,
    Differences,
    Digest,
    Label,
    Micros,
    Env,
    Input,
    #[serde(other)]
    Other,
}

impl<'l> DeserializeSeed<'l> for &mut FailureView<'_, 'l> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'l> Visitor<'l> for &mut FailureView<'_, 'l> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a failure")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key()? {
            match key {
                FailureMember::Name => map.next_value_seed(TextInto(&mut self.failure.name))?,
                FailureMember::Model => map.next_value_seed(TextInto(&mut self.failure.model))?,
                FailureMember::Kind => {
                    (self.failure.kind, self.has_kind) = (map.next_value()?, true);
                }
                FailureMember::File => self.file = map.next_value()?,
                FailureMember::Line => self.failure.line = map.next_value()?,
                FailureMember::Reason => map.next_value_seed(TextInto(&mut self.failure.reason))?,
                FailureMember::Differences => self.failure.differences = map.next_value()?,
                FailureMember::Digest => map.next_value_seed(TextInto(&mut self.failure.digest))?,
                FailureMember::Label => self.failure.label = map.next_value()?,
                FailureMember::Micros => self.failure.micros = map.next_value()?,
                // Runners of this version write what is read before these; one that knows neither leaves the
                // input to others.
                FailureMember::Env | FailureMember::Input if self.is_read() => {
                    (self.has_input, self.is_enough) = (true, true);
                    return Ok(());
                }
                FailureMember::Input => {
                    let input: &RawValue = map.next_value()?;
                    self.has_input = true;
                    self.failure.input = self.failure.differences.is_empty().then(|| input.into());
                }
                FailureMember::Env | FailureMember::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl FailureView<'_, '_> {
    /// Whether all is read that a difference needs.
    fn is_read(&self) -> bool {
        let Failure { kind, differences, digest, .. } = &*self.failure;
        self.has_kind
            && *kind == FailureKind::Differs
            && !differences.is_empty()
            && !digest.is_empty()
            && !self.file.is_empty()
    }
}

/// Makes a failure's file relative to the workspace's root.
pub(super) fn relative_to(root: &Path, mut failure: Failure) -> Failure {
    if let Ok(inside) = Path::new(&failure.file).strip_prefix(root) {
        failure.file = inside.to_string_lossy().replace('\\', "/");
    }
    failure
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

    /// The JSON of the report.
    fn shown(line: &[u8], read: &FailureText<'_>) -> Failure {
        let (json, cut) = (read.json.clone(), read.cut.clone());
        let text = [&line[json.start..cut.start], &line[cut.end..json.end]].concat();
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn only_the_file_changes() {
        let mut lines = FailureLines::new(Path::new("/w s/x"));
        let input = json!({"file": "/w s/x/other", "b": [" {}"]});
        for (file, expected) in [
            ("/w s/x/fixtures/m/f/a.jsonl", "fixtures/m/f/a.jsonl"),
            ("/w s/x/fixtures/m/f/b.jsonl", "fixtures/m/f/b.jsonl"),
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
            let line = line(&given);
            let read = lines.read(&line).unwrap();
            let expected = Failure { file: expected.to_owned(), ..given };
            assert_eq!(shown(&line, &read), expected);
            let seen = (&read.failure.name, &read.failure.file, &read.failure.differences);
            assert_eq!(seen, (&expected.name, &expected.file, &expected.differences));
            assert_eq!((read.failure.label.as_deref(), read.failure.micros), (Some("q7"), 7));
        }
    }

    #[test]
    fn what_stands_behind_the_differences_is_not_read() {
        let given = Failure {
            input: JsonText::new("[1]"),
            digest: "0123".to_owned(),
            file: "/w/a.jsonl".to_owned(),
            ..failure("m::f", "a", "/x")
        };
        // As a runner writes it: the digest stands before the input.
        let mut members = serde_json::to_value(&given).unwrap();
        let digest = members.as_object_mut().unwrap().remove("digest").unwrap();
        let text = serde_json::to_string(&Failure { digest: String::new(), ..given.clone() });
        let (head, tail) = text.as_ref().unwrap().split_once("\"input\"").unwrap();
        let line = format!("{HEAD}{head}\"digest\":{digest},\"input\"{tail}}}\n");
        let mut lines = FailureLines::new(Path::new("/w"));
        let read = lines.read(line.as_bytes()).unwrap();
        assert_eq!(shown(line.as_bytes(), &read), Failure { file: "a.jsonl".to_owned(), ..given });
        assert_eq!(read.failure.digest, "0123");
        for end in 0..line.len() {
            assert!(lines.read(&line.as_bytes()[..end]).is_none(), "{end}");
        }
    }

    #[test]
    fn a_line_that_needs_more_is_left_to_others() {
        let mut lines = FailureLines::new(Path::new("/w"));
        let input = JsonText::new("1");
        let none = failure("m::f", "a", "/x");
        let escaped = Failure { file: "C:\\w".to_owned(), input: input.clone(), ..none.clone() };
        assert!(lines.read(&line(&none)).is_none());
        assert!(lines.read(&line(&escaped)).is_none());
        let whole = line(&Failure { input, ..none });
        assert!(lines.read(&whole).is_some());
        for end in 0..whole.len() {
            assert!(lines.read(&whole[..end]).is_none(), "{end}");
        }
        assert!(lines.read(b"{\"passed\":{}}\n").is_none());
    }
}
