//! The generated cases that a reader has kept, in `kept.txt` beside the report: they are not shown again.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::display::hex;
use crate::error::{Error, Result};
use crate::report::write_text;

/// Generated cases that were read and kept, each by the hash of its line.
#[derive(Debug)]
pub(crate) struct KeptCases {
    path: PathBuf,
    hashes: BTreeSet<String>,
}

impl KeptCases {
    /// Reads the file. Without a file nothing was kept.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub(crate) fn read(artifacts: &Path) -> Result<Self> {
        let path = artifacts.join("kept.txt");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Error::unreadable(&path, error)),
        };
        Ok(Self { path, hashes: text.lines().map(str::to_owned).collect() })
    }

    /// Whether exactly this case was kept.
    pub(crate) fn has(&self, hash: &str) -> bool {
        self.hashes.contains(hash)
    }

    /// Adds cases and writes the file atomically.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub(crate) fn keep(mut self, hashes: impl IntoIterator<Item = String>) -> Result<()> {
        let before = self.hashes.len();
        self.hashes.extend(hashes);
        if self.hashes.len() == before {
            return Ok(());
        }
        let lines: String = self.hashes.iter().flat_map(|hash| [hash, "\n"]).collect();
        write_text(&self.path, &lines)
    }
}

/// The hash of a case's line: one that changes in any way is to be read again.
pub(super) fn hash(line: &str) -> String {
    hex(&Sha256::digest(line.as_bytes())[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_known_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptCases::read(folder.path()).unwrap();
        kept.keep([hash("a")]).unwrap();
        KeptCases::read(folder.path()).unwrap().keep([hash("b")]).unwrap();
        let kept = KeptCases::read(folder.path()).unwrap();
        assert!(kept.has(&hash("a")) && kept.has(&hash("b")) && !kept.has(&hash("a2")));
    }
}
