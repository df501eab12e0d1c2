//! Reads a report, and its failures one by one.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use athena_protocol::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::format::{END, FAILURES};
use super::{Report, VERSION};
use crate::error::{Cause, Error, Result};

/// The failures of a report, sorted by name.
pub(crate) struct StoredFailures {
    path: PathBuf,
    reader: BufReader<File>,
    line: String,
    /// The offset of the next line.
    offset: u64,
    /// The position of the last failure.
    position: FailurePosition,
}

/// The position of a failure in its report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FailurePosition {
    offset: u64,
    length: usize,
}

/// Reads single failures again by their positions. The open file stays unchanged while another run
/// writes a new report.
#[derive(Debug)]
pub(crate) struct FailureArchive {
    path: PathBuf,
    reader: BufReader<File>,
    offset: u64,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Reads a report. `None` if the file does not exist.
///
/// # Errors
///
/// The file can't be read, is not a report, or has another version.
pub(crate) fn read(path: &Path) -> Result<Option<(Report, StoredFailures)>> {
    read_as(path)
}

/// The same with some of a report's fields: all of the names in it take much memory.
///
/// # Errors
///
/// Those of [`read`].
pub(crate) fn read_as<R: DeserializeOwned>(path: &Path) -> Result<Option<(R, StoredFailures)>> {
    let failed = || not_a_report(path);
    let Some(mut reader) = open(path)? else { return Ok(None) };
    let (mut head, mut line, mut offset) = (String::new(), String::new(), 0);
    loop {
        line.clear();
        let length = reader.read_line(&mut line).map_err(|error| failed().cause(error))?;
        offset += length as u64;
        let line = line.trim_end_matches(['\n', '\r']);
        if length == 0 || line == FAILURES {
            break;
        }
        head.push_str(line);
    }
    // Close the JSON object before the failures.
    if head.ends_with(',') {
        head.pop();
        head.push('}');
    }
    let VersionOnly { version } =
        serde_json::from_str(&head).map_err(|error| failed().cause(error))?;
    if version != VERSION {
        return Err(Error::usage(format!(
            "{} is a report of version {version}; cargo-athena {} reads version {VERSION}",
            path.display(),
            env!("CARGO_PKG_VERSION"),
        ))
        .help("write it again: cargo athena test"));
    }
    let report = serde_json::from_str(&head).map_err(|error| failed().cause(error))?;
    let path = path.to_owned();
    Ok(Some((
        report,
        StoredFailures { path, reader, line, offset, position: FailurePosition::default() },
    )))
}

/// Reads no more than the failures of a report. `None` if the file does not exist.
///
/// # Errors
///
/// The file can't be read.
pub(super) fn read_failures(path: &Path) -> Result<Option<StoredFailures>> {
    let Some(mut reader) = open(path)? else { return Ok(None) };
    let (mut start, mut offset) = (Vec::new(), 0);
    // The lines before are long: they have the names of all cases.
    let mut skip_line = || {
        start.clear();
        let longest = FAILURES.len() as u64 + 2;
        offset += reader.by_ref().take(longest).read_until(b'\n', &mut start)? as u64;
        if !start.ends_with(b"\n") {
            offset += reader.skip_until(b'\n')? as u64;
        }
        Ok(start.is_empty() || start.trim_ascii_end() == FAILURES.as_bytes())
    };
    while !skip_line().map_err(|error: io::Error| not_a_report(path).cause(error))? {}
    let (path, line) = (path.to_owned(), String::new());
    Ok(Some(StoredFailures { path, reader, line, offset, position: FailurePosition::default() }))
}

fn open(path: &Path) -> Result<Option<BufReader<File>>> {
    match File::open(path) {
        Ok(file) => Ok(Some(BufReader::with_capacity(256 << 10, file))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(not_a_report(path).cause(error)),
    }
}

fn not_a_report(path: &Path) -> Error {
    Error::usage(format!("{} is not the report of a test run", path.display()))
}

impl StoredFailures {
    /// The position of the last failure.
    pub(crate) fn position(&self) -> FailurePosition {
        self.position
    }

    /// Turns into a reader of single failures.
    pub(crate) fn into_archive(self) -> FailureArchive {
        FailureArchive { path: self.path, reader: self.reader, offset: self.offset }
    }
}

impl FailureArchive {
    /// Reads the failure at a position.
    pub(crate) fn get(&mut self, position: FailurePosition) -> Result<Failure> {
        let by = position.offset.cast_signed() - self.offset.cast_signed();
        let mut line = vec![0; position.length];
        let read = if self.offset == u64::MAX {
            self.reader.seek(SeekFrom::Start(position.offset)).map(|_| ())
        } else {
            self.reader.seek_relative(by)
        };
        // After a failed read the position is unknown.
        self.offset = u64::MAX;
        read.and_then(|()| self.reader.read_exact(&mut line))
            .map_err(|error| damaged(&self.path, error))?;
        self.offset = position.offset + position.length as u64;
        serde_json::from_slice(&line).map_err(|error| damaged(&self.path, error))
    }
}

impl Iterator for StoredFailures {
    type Item = Result<Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        self.line.clear();
        let length = match self.reader.read_line(&mut self.line) {
            Ok(0) => return Some(Err(damaged(&self.path, "it has no end"))),
            Ok(length) => length,
            Err(error) => return Some(Err(damaged(&self.path, error))),
        };
        let line = self.line.trim_end_matches(['\n', '\r']);
        let text = line.trim_end_matches(',');
        self.position = FailurePosition { offset: self.offset, length: text.len() };
        self.offset += length as u64;
        if line == END {
            return None;
        }
        Some(serde_json::from_str(text).map_err(|error| damaged(&self.path, error)))
    }
}

fn damaged(path: &Path, cause: impl Into<Cause>) -> Error {
    Error::usage(format!("{} is damaged", path.display()))
        .cause(cause)
        .help("write it again: cargo athena test")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_in_the_docs_is_a_report() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/report.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let example = docs.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        std::fs::write(&path, example).unwrap();
        let (report, failures) = read(&path).unwrap().unwrap();
        let alone = read_failures(&path).unwrap().unwrap();
        assert_eq!(alone.offset, failures.offset);
        let failures: Vec<Failure> = failures.collect::<Result<_>>().unwrap();
        assert_eq!(alone.collect::<Result<Vec<_>>>().unwrap(), failures);
        assert_eq!(failures.len() as u64, report.summary.failed);
        assert_eq!(report.clusters[0].example, failures[0].name);
        // The example has exactly the fields that are written.
        let written = serde_json::to_value(&report).unwrap();
        let mut shown: serde_json::Value = serde_json::from_str(example).unwrap();
        shown.as_object_mut().unwrap().remove("failures").unwrap();
        assert_eq!(shown, written);
        for field in written.as_object().unwrap().keys() {
            assert!(docs.contains(&format!("`{field}`")), "{field} is not described");
        }
    }

    #[test]
    fn a_report_of_another_version_says_how_to_write_it_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        assert!(read(&path).unwrap().is_none());
        std::fs::write(&path, "{\"version\":99,\"new\":true}").unwrap();
        assert!(read(&path).is_err());
        std::fs::write(&path, "no report").unwrap();
        assert!(read(&path).is_err());
    }
}
