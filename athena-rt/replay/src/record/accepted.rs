//! Outcomes that a person has seen and accepted: only these are recorded.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use athena_protocol::{Accepted as AcceptedCase, JsonText};

use crate::differences::differences;
use crate::harness::digest;
use athena_cases::case::{Case, CaseOutcome};
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_structure::description::TypeDescription;

/// The cases, by name.
pub(super) struct Accepted {
    /// Where the line of each is in the file.
    lines: HashMap<String, Range<u64>>,
    file: File,
    path: PathBuf,
    /// Their files, as `model id::stem`.
    files: HashSet<String>,
}

/// Checks that an outcome is still the one that was shown. Looks up each model once.
pub(super) struct AcceptedCheck<'a> {
    accepted: &'a Accepted,
    types: BTreeMap<&'a str, TypeDescription>,
}

impl Accepted {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let failed = |error: io::Error| Error::io("read", path, &error);
        let file = File::open(path).map_err(failed)?;
        let (mut reader, mut line, mut offset) = (BufReader::new(&file), Vec::new(), 0);
        let (mut lines, mut files) = (HashMap::new(), HashSet::new());
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(failed)? as u64;
            if length == 0 {
                break;
            }
            let name = parse(&line)?.name;
            files.insert(file_of(&name).to_owned());
            lines.insert(name, offset..offset + length);
            offset += length;
        }
        Ok(Self { lines, file, path: path.to_path_buf(), files })
    }

    /// A case, if it is accepted.
    fn get(&self, name: &str) -> Result<Option<AcceptedCase>> {
        let Some(range) = self.lines.get(name) else { return Ok(None) };
        let mut line = vec![0; usize::try_from(range.end - range.start).unwrap_or(0)];
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(range.start)).and_then(|_| file.read_exact(&mut line));
        read.map_err(|error| Error::io("read", &self.path, &error))?;
        parse(&line).map(Some)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.lines.contains_key(name)
    }

    /// Whether a case of this file, named `model id::stem`, is accepted.
    pub(super) fn has_any_of(&self, file: &str) -> bool {
        self.files.contains(file)
    }

    /// Returns an error if one of the cases is not among those found.
    pub(super) fn all_in(&self, found: impl Iterator<Item = String>) -> Result<()> {
        let found: HashSet<String> = found.collect();
        match self.lines.keys().filter(|name| !found.contains(*name)).min() {
            None => Ok(()),
            Some(gone) => Err(Error::usage(format!("{gone}: the case no longer exists"))
                .help("see the current cases: cargo athena test; nothing was changed")),
        }
    }

    pub(super) fn check(&self) -> AcceptedCheck<'_> {
        AcceptedCheck { accepted: self, types: BTreeMap::new() }
    }
}

impl<'a> AcceptedCheck<'a> {
    /// Whether the recorded and the new outcome of a case are still what was shown. `place` is the
    /// case's position, for messages.
    pub(super) fn case(
        &mut self,
        entry: &'a Entry,
        name: &str,
        place: &str,
        old: &str,
        now: &CaseOutcome,
    ) -> Result<()> {
        let Some(shown) = self.accepted.get(name)? else { return Ok(()) };
        let refuse = |what: &str| Err(changed(name, place, what));
        let output = self.types.entry(&entry.id).or_insert_with(|| entry.model.output_type());
        let many = entry.model.source().many;
        let same = |shown: &JsonText, actual: &CaseOutcome| {
            CaseOutcome::from_text(shown.as_str(), many)
                .is_ok_and(|shown| differences(output, &shown, actual).is_empty())
        };
        if let Some(recorded) = &shown.recorded {
            let is_same =
                Case::parse(old, &entry.id).is_ok_and(|case| same(recorded, &case.recorded(many)));
            if !is_same {
                return refuse("the recorded outcome changed since it was shown");
            }
        }
        // A volatile field differs from run to run: then the values decide.
        let is_same =
            shown.digest == digest(now) || shown.now.as_ref().is_some_and(|shown| same(shown, now));
        if is_same { Ok(()) } else { refuse("the new outcome changed since it was shown") }
    }
}

fn parse(line: &[u8]) -> Result<AcceptedCase> {
    serde_json::from_slice(line)
        .map_err(|error| Error::failure(format!("not an accepted case: {error}")))
}

/// The file of a case: its name without the name in a suite.
fn file_of(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(file, _)| file)
}

/// The error for a case that changed since it was shown.
fn changed(name: &str, place: &str, what: &str) -> Error {
    Error::usage(format!("{name}: {what}"))
        .detail(&format!("  case: {place}"))
        .help("see the current outcome: cargo athena test; nothing was changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_changed_is_located() {
        let text = changed("m::f::one", "fixtures/m/f/one.json:1", "it changed").to_string();
        assert!(text.contains("\n  case: fixtures/m/f/one.json:1\n"), "{text}");
        assert!(text.contains("; nothing was changed"), "{text}");
    }
}
