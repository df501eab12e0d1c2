//! The rejected cases, in `rejected.json` beside the report.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::report::write_text;

/// The version of the file.
const VERSION: u32 = 1;

/// Cases whose recorded outcome was kept, by name.
#[derive(Debug)]
pub(crate) struct RejectedCases {
    path: PathBuf,
    /// The fingerprint of what was rejected, by the case's name.
    fingerprints: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
struct RejectedFile {
    version: u32,
    rejected: BTreeMap<String, String>,
}

impl RejectedCases {
    /// Reads the file. Without a file nothing is rejected.
    pub(crate) fn read(artifacts: &Path) -> Result<Self> {
        let path = artifacts.join("rejected.json");
        let failed = || {
            Error::usage(format!("{} is not a list of rejected cases", path.display()))
                .help("remove it; rejected cases are then pending again")
        };
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Ok(Self { path, fingerprints: BTreeMap::new() });
            }
            Err(error) => return Err(failed().cause(error)),
        };
        let kept: RejectedFile =
            serde_json::from_slice(&text).map_err(|error| failed().cause(error))?;
        if kept.version != VERSION {
            return Err(failed().cause(format!("it has version {}, not {VERSION}", kept.version)));
        }
        Ok(Self { path, fingerprints: kept.rejected })
    }

    /// Whether exactly this failure was rejected.
    pub(crate) fn has(&self, name: &str, fingerprint: &str) -> bool {
        self.fingerprints.get(name).is_some_and(|known| known == fingerprint)
    }

    /// The names of the rejected cases.
    pub(crate) fn names(&self) -> Vec<String> {
        self.fingerprints.keys().cloned().collect()
    }

    /// Adds a rejection, and forgets an earlier one of the same case.
    pub(crate) fn add(&mut self, name: &str, fingerprint: &str) {
        self.fingerprints.insert(name.to_owned(), fingerprint.to_owned());
    }

    /// Forgets cases and returns their number.
    pub(crate) fn forget(&mut self, gone: impl Fn(&str) -> bool) -> usize {
        let before = self.fingerprints.len();
        self.fingerprints.retain(|name, _| !gone(name));
        before - self.fingerprints.len()
    }

    /// Writes the file atomically.
    pub(crate) fn write(self) -> Result<()> {
        let path = self.path;
        let kept = RejectedFile { version: VERSION, rejected: self.fingerprints };
        let text =
            serde_json::to_string_pretty(&kept).map_err(|error| Error::unwritable(&path, error))?;
        write_text(&path, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rejection_lasts_until_the_case_differs_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let mut rejected = RejectedCases::read(folder.path()).unwrap();
        rejected.add("m::f::a", "1");
        rejected.add("m::f::b", "1");
        rejected.write().unwrap();
        let mut rejected = RejectedCases::read(folder.path()).unwrap();
        assert!(rejected.has("m::f::a", "1") && !rejected.has("m::f::a", "2"));
        assert_eq!(rejected.forget(|name| name.ends_with('a')), 1);
        assert!(!rejected.has("m::f::a", "1") && rejected.has("m::f::b", "1"));
    }

    #[test]
    fn a_damaged_list_is_an_error_that_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        for text in ["{", "{\"version\":2,\"rejected\":{}}", ""] {
            fs::write(folder.path().join("rejected.json"), text).unwrap();
            let error = RejectedCases::read(folder.path()).unwrap_err();
            assert_eq!(error.exit().code(), 2);
            assert!(format!("{error:?}").contains("remove it"));
        }
    }
}
