//! The failures of a report until it is written: in memory while they are few, otherwise on disk.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::Path;

use athena_protocol::Failure;
use tempfile::{SpooledTempFile, spooled_tempfile_in};

/// The most bytes in memory.
const IN_MEMORY: usize = 16 << 20;

/// Failures in the order in which they came.
pub(super) struct FailureSpool {
    file: SpooledTempFile,
    /// Name, offset, length.
    places: Vec<(String, u64, usize)>,
    length: u64,
}

impl FailureSpool {
    /// Its file, if it needs one, is in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self { file: spooled_tempfile_in(IN_MEMORY, folder), places: Vec::new(), length: 0 }
    }

    /// Adds a failure: its name, and its JSON.
    pub(super) fn push(&mut self, name: String, text: &[u8]) -> io::Result<()> {
        self.file.write_all(text)?;
        self.places.push((name, self.length, text.len()));
        self.length += text.len() as u64;
        Ok(())
    }

    /// Sorts the failures by name.
    pub(super) fn finish(self) -> SortedFailures {
        let Self { file, mut places, .. } = self;
        places.sort_unstable();
        SortedFailures { file, places }
    }
}

/// Failures to be read by name, or in the order of their names.
pub(super) struct SortedFailures {
    file: SpooledTempFile,
    places: Vec<(String, u64, usize)>,
}

impl SortedFailures {
    /// The failure of this name, if there is one.
    pub(super) fn get(&mut self, name: &str) -> io::Result<Option<Failure>> {
        let at = self.places.partition_point(|(known, ..)| known.as_str() < name);
        let Some((_, offset, length)) = self.places.get(at).filter(|(known, ..)| known == name)
        else {
            return Ok(None);
        };
        let mut text = Vec::new();
        read(&mut self.file, *offset, *length, &mut text)?;
        Ok(serde_json::from_slice(&text).ok())
    }

    /// Writes the failures, one per line.
    pub(super) fn copy(mut self, out: &mut impl Write) -> io::Result<()> {
        let count = self.places.len();
        let mut text = Vec::new();
        for (at, (_, offset, length)) in self.places.into_iter().enumerate() {
            read(&mut self.file, offset, length, &mut text)?;
            out.write_all(&text)?;
            out.write_all(if at + 1 == count { b"\n" } else { b",\n" })?;
        }
        Ok(())
    }
}

fn read(
    file: &mut SpooledTempFile,
    offset: u64,
    length: usize,
    text: &mut Vec<u8>,
) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    text.resize(length, 0);
    file.read_exact(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_come_back_by_name_and_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        // Under the limit, and over it.
        for size in [10, IN_MEMORY / 3] {
            let mut spool = FailureSpool::new(folder.path());
            let text = |name: &str| format!("\"{name}{}\"", "x".repeat(size)).into_bytes();
            for name in ["c", "a", "d", "b"] {
                spool.push(name.to_owned(), &text(name)).unwrap();
            }
            let mut sorted = spool.finish();
            assert_eq!(sorted.get("bb").unwrap(), None);
            let mut out = Vec::new();
            sorted.copy(&mut out).unwrap();
            let lines = ["a", "b", "c", "d"].map(text).join(&b",\n"[..]);
            assert!(out == [&lines[..], b"\n"].concat(), "{size}");
        }
    }
}
