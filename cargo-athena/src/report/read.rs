//! Reads a report: all but the failures at once, these one by one.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Lines};
use std::path::{Path, PathBuf};

use athena_protocol::Failure;
use serde::Deserialize;

use super::{Report, VERSION};
use crate::error::{Error, Result};

/// The failures of a report, in the order of their names.
pub(crate) struct Failures {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
}

#[derive(Deserialize)]
struct VersionOnly {
    version: u32,
}

/// Reads a report; none where no file is.
///
/// # Errors
///
/// A file that can't be read, is no report, or is one of another version.
pub(crate) fn read(path: &Path) -> Result<Option<(Report, Failures)>> {
    let failed = |error: &dyn std::fmt::Display| {
        Error::usage(format!("{} is no report of a test run", path.display())).cause(error)
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(&error)),
    };
    let mut lines = BufReader::with_capacity(256 << 10, file).lines();
    let mut head = String::new();
    loop {
        match lines.next() {
            Some(Ok(line)) if line == super::assemble::FAILURES => break,
            Some(Ok(line)) => head.push_str(&line),
            Some(Err(error)) => return Err(failed(&error)),
            None => break,
        }
    }
    // All but the failures, closed.
    let head = match head.strip_suffix(',') {
        Some(open) => format!("{open}}}"),
        None => head,
    };
    let VersionOnly { version } = serde_json::from_str(&head).map_err(|error| failed(&error))?;
    if version != VERSION {
        return Err(Error::usage(format!(
            "{} is a report of version {version}; this is cargo-athena {}, which reads version {VERSION}",
            path.display(),
            env!("CARGO_PKG_VERSION"),
        ))
        .help("write it anew: cargo athena test"));
    }
    let report = serde_json::from_str(&head).map_err(|error| failed(&error))?;
    Ok(Some((report, Failures { path: path.to_owned(), lines })))
}

impl Iterator for Failures {
    type Item = Result<Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let failed = |path: &Path, error: &dyn std::fmt::Display| {
            Error::usage(format!("{} is damaged", path.display()))
                .cause(error)
                .help("write it anew: cargo athena test")
        };
        let line = match self.lines.next() {
            Some(Ok(line)) => line,
            Some(Err(error)) => return Some(Err(failed(&self.path, &error))),
            None => return Some(Err(failed(&self.path, &"it has no end"))),
        };
        if line == super::assemble::END {
            return None;
        }
        let failure = serde_json::from_str(line.trim_end_matches(','));
        Some(failure.map_err(|error| failed(&self.path, &error)))
    }
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
        let failures: Vec<Failure> = failures.collect::<Result<_>>().unwrap();
        assert_eq!(failures.len() as u64, report.summary.failed);
        assert_eq!(report.clusters[0].example, failures[0].name);
        // It has every field that is written, and no other.
        let written = serde_json::to_value(&report).unwrap();
        let mut shown: serde_json::Value = serde_json::from_str(example).unwrap();
        shown.as_object_mut().unwrap().remove("failures").unwrap();
        assert_eq!(shown, written);
        for field in written.as_object().unwrap().keys() {
            assert!(docs.contains(&format!("`{field}`")), "{field} is not described");
        }
    }

    #[test]
    fn a_report_of_another_version_says_how_to_write_it_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        assert!(read(&path).unwrap().is_none());
        std::fs::write(&path, "{\"version\":99,\"new\":true}").unwrap();
        assert!(read(&path).is_err());
        std::fs::write(&path, "no report").unwrap();
        assert!(read(&path).is_err());
    }
}
