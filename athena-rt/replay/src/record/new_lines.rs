//! The new cases of a suite, one line each, in a file: they may be more than memory should hold.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::path::Path;

use athena_cases::case::NewCase;
use athena_core::error::{Result, file_error};
use athena_protocol::files::{ContentWriter, StoredContent};

use super::write::same_name;

/// Lines that are written in the order of their messages, each name once.
pub(super) struct NewLines {
    lines: ContentWriter,
    /// The call of each name, both as hashes: there may be very many.
    calls: HashMap<u64, u64>,
    hasher: RandomState,
    duplicates: u64,
}

/// The lines, complete.
pub(super) struct FinishedLines {
    pub(super) content: StoredContent,
    /// The number of cases that occurred more than once.
    pub(super) duplicates: u64,
}

impl NewLines {
    /// Creates the file.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let lines = ContentWriter::create(path).map_err(file_error)?;
        let (calls, hasher) = (HashMap::new(), RandomState::new());
        Ok(Self { lines, calls, hasher, duplicates: 0 })
    }

    /// Adds a case. The same case is added once.
    ///
    /// # Errors
    ///
    /// Another case has the name.
    pub(super) fn add(&mut self, name: &str, case: &NewCase) -> Result<()> {
        let call = self.hasher.hash_one((&case.env, &case.input));
        match self.calls.insert(self.hasher.hash_one(name), call) {
            Some(before) if before == call => {
                self.duplicates += 1;
                Ok(())
            }
            Some(_) => Err(same_name(name)),
            None => {
                let mut line = case.to_line(name)?;
                line.push('\n');
                self.lines.write(&line).map_err(file_error)
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub(super) fn finish(self) -> Result<FinishedLines> {
        let content = self.lines.finish().map_err(file_error)?;
        Ok(FinishedLines { content, duplicates: self.duplicates })
    }
}
