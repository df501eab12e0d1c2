//! The failures of a report until it is written: their names in memory, their JSON in the files in which the
//! runners have written it.

use std::fs::File;
use std::io::{self, Write as _};
use std::ops::Range;
use std::path::Path;

use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::name_order::name_order;
use super::sorted_failures::{FailureFiles, SortedFailures, StoredFailure};

/// The most bytes in memory of failures that are in no other file.
const IN_MEMORY: usize = 16 << 20;

/// Failures in the order in which they came.
pub(super) struct FailureSpool {
    /// The names, one after the other.
    names: String,
    places: Vec<StoredFailure>,
    /// Failures that are in no other file.
    own: SpooledTempFile,
    length: u64,
    parts: Vec<File>,
}

/// The JSON of a failure in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredText {
    /// Its bytes in the file.
    pub(super) range: Range<u64>,
    /// The bytes of it that are left out, from its start.
    pub(super) cut: Range<usize>,
}

impl FailureSpool {
    /// Its own file, if it needs one, is in `folder`.
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            names: String::new(),
            places: Vec::new(),
            own: spooled_tempfile_in(IN_MEMORY, folder),
            length: 0,
            parts: Vec::new(),
        }
    }

    /// Adds a failure of the part that [`end_part`](Self::end_part) adds next.
    pub(super) fn add_stored(&mut self, name: &str, text: &StoredText) -> io::Result<()> {
        self.add(name, self.parts.len() + 1, text)
    }

    /// Adds the file of the failures that were added before.
    pub(super) fn end_part(&mut self, part: File) {
        self.parts.push(part);
    }

    /// Adds a failure: its name, and its JSON.
    pub(super) fn push(&mut self, name: &str, text: &[u8]) -> io::Result<()> {
        self.own.write_all(text)?;
        let start = self.length;
        self.length += text.len() as u64;
        self.add(name, 0, &StoredText { range: start..self.length, cut: 0..0 })
    }

    fn add(&mut self, name: &str, file: usize, text: &StoredText) -> io::Result<()> {
        let small = |number: u64| u32::try_from(number).map_err(io::Error::other);
        self.places.push(StoredFailure {
            name: self.names.len() as u64,
            name_length: small(name.len() as u64)?,
            file: small(file as u64)?,
            offset: text.range.start,
            length: small(text.range.end - text.range.start)?,
            cut: small(text.cut.start as u64)?,
            cut_length: small(text.cut.len() as u64)?,
        });
        self.names.push_str(name);
        Ok(())
    }

    /// Sorts the failures by name.
    pub(super) fn finish(self) -> SortedFailures {
        let Self { names, places, own, parts, .. } = self;
        let order = name_order(places.len(), |at| places[at].name(&names));
        let places = order.into_iter().map(|at| places[at]).collect();
        SortedFailures::new(names, places, FailureFiles::new(own, parts))
    }
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
                spool.push(name, &text(name)).unwrap();
            }
            let sorted = spool.finish();
            assert_eq!(sorted.get("bb").unwrap(), None);
            let mut out = Vec::new();
            sorted.copy(&mut out).unwrap();
            let lines = ["a", "b", "c", "d"].map(text).join(&b",\n"[..]);
            assert!(out == [&lines[..], b"\n"].concat(), "{size}");
        }
    }

    #[test]
    fn failures_of_several_files_are_read_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let name = |at: usize| format!("n{:05}", (at * 7_919) % 20_011);
        let text = |at: usize| {
            format!("{{\"name\":\"{}\",\"long\":\"{}\"}}", name(at), "y".repeat(at % 90))
        };
        let mut spool = FailureSpool::new(folder.path());
        let mut expected: Vec<(String, String)> = Vec::new();
        for (part, ats) in [(1, 0..9_000), (2, 9_000..20_011)] {
            let path = folder.path().join(part.to_string());
            let (mut file, mut stored) = (String::new(), Vec::new());
            for at in ats {
                file.push_str("{\"failed\":");
                let start = file.len() as u64;
                // Nine bytes are left out.
                file.push_str(&format!("{{\"name\":\"{}{}", "z".repeat(9), &text(at)[9..]));
                stored.push((at, StoredText { range: start..file.len() as u64, cut: 9..18 }));
                file.push_str("}\n");
                expected.push((name(at), text(at)));
            }
            std::fs::write(&path, file).unwrap();
            for (at, text) in stored {
                spool.add_stored(&name(at), &text).unwrap();
            }
            spool.end_part(File::open(&path).unwrap());
            spool.push(&format!("own{part}"), format!("[{part}]").as_bytes()).unwrap();
            expected.push((format!("own{part}"), format!("[{part}]")));
        }
        expected.sort();
        let mut out = Vec::new();
        spool.finish().copy(&mut out).unwrap();
        let lines: Vec<&str> = expected.iter().map(|(_, text)| text.as_str()).collect();
        assert!(String::from_utf8(out).unwrap() == lines.join(",\n") + "\n");
    }
}
