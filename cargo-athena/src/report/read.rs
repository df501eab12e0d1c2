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
