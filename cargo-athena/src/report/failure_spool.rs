//! The failures of a report until it is written: their names in memory, their JSON in the files in which the
//! runners have written it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use athena_protocol::Failure;
use tempfile::{SpooledTempFile, spooled_tempfile_in};

use super::name_order::name_order;

/// The most bytes in memory of failures that are in no other file.
const IN_MEMORY: usize = 16 << 20;

/// How much is read at once of failures that follow each other.
const BLOCK: usize = 256 << 10;

/// The most bytes between failures that follow each other.
const GAP: u64 = 64;

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

/// Where a failure is.
#[derive(Clone, Copy)]
struct StoredFailure {
    /// The name's position and length in all names.
    name: u64,
    name_length: u32,
    /// The file: 0 is the spool's own, the others are numbered from 1.
    file: u32,
    offset: u64,
    length: u32,
    /// The bytes from here that are left out, and their number.
    cut: u32,
    cut_length: u32,
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
        let texts = Texts { own, parts, file: 0, start: 0, bytes: Vec::new() };
        SortedFailures { names, places, texts }
    }
}

impl StoredFailure {
    fn name(self, names: &str) -> &str {
        let start = usize::try_from(self.name).unwrap_or(usize::MAX);
        &names[start..start + self.name_length as usize]
    }
}

/// Failures to be read by name, or in the order of their names.
pub(super) struct SortedFailures {
    names: String,
    places: Vec<StoredFailure>,
    texts: Texts,
}

impl SortedFailures {
    /// The failure of this name, if there is one.
    pub(super) fn get(&mut self, name: &str) -> io::Result<Option<Failure>> {
        let Self { names, places, texts } = self;
        let at = places.partition_point(|place| place.name(names) < name);
        let Some(place) = places.get(at).filter(|place| place.name(names) == name) else {
            return Ok(None);
        };
        let text = texts.parts_of(*place)?.concat();
        Ok(serde_json::from_slice(&text).ok())
    }

    /// Writes the failures, one per line.
    pub(super) fn copy(mut self, out: &mut impl Write) -> io::Result<()> {
        for (at, place) in self.places.iter().enumerate() {
            let [head, tail] = self.texts.parts_of(*place)?;
            out.write_all(head)?;
            out.write_all(tail)?;
            out.write_all(if at + 1 == self.places.len() { b"\n" } else { b",\n" })?;
        }
        Ok(())
    }
}

/// Reads stretches of files.
struct Texts {
    own: SpooledTempFile,
    parts: Vec<File>,
    /// The file whose bytes from `start` were read last.
    file: u32,
    start: u64,
    bytes: Vec<u8>,
}

impl Texts {
    /// The JSON of a failure, on both sides of what is left out.
    fn parts_of(&mut self, place: StoredFailure) -> io::Result<[&[u8]; 2]> {
        let (length, cut) = (place.length as usize, place.cut as usize);
        let read = self.start + self.bytes.len() as u64;
        let is_same = self.file == place.file && self.start <= place.offset;
        if !is_same || place.offset + u64::from(place.length) > read {
            let is_next = is_same && place.offset <= read + GAP;
            self.load(place, if is_next { BLOCK.saturating_sub(length) } else { 0 })?;
        }
        let at = usize::try_from(place.offset - self.start).map_err(io::Error::other)?;
        let text = &self.bytes[at..at + length];
        Ok([&text[..cut], &text[cut + place.cut_length as usize..]])
    }

    /// Reads a failure, and up to `more` bytes behind it.
    fn load(&mut self, place: StoredFailure, more: usize) -> io::Result<()> {
        (self.file, self.start) = (place.file, place.offset);
        let length = place.length as usize;
        self.bytes.resize(length + more, 0);
        let mut filled = 0;
        while filled < length {
            let offset = place.offset + filled as u64;
            let read = if let Some(part) = place.file.checked_sub(1) {
                read_at(&self.parts[part as usize], &mut self.bytes[filled..], offset)
            } else {
                self.own.seek(SeekFrom::Start(offset))?;
                self.own.read(&mut self.bytes[filled..])
            };
            match read {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.bytes.truncate(filled);
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
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
            let mut sorted = spool.finish();
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
