//! The file that messages are kept in. Several processes may write to it at once: each takes a lock
//! for a batch of lines, and first reads what the others have added.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::line::Line;
use athena_cases::capture_line::LineHeader;
use athena_cases::hash::fnv;
use athena_core::display;
use athena_core::error::{Error, Result};

/// A suite that grows.
pub(super) struct File {
    path: PathBuf,
    max: u64,
    /// Which file it was when it was last read.
    identity: u64,
    /// How much of it is known.
    end: u64,
    /// How many lines that is, and how many of them are cases.
    numbers: u64,
    lines: u64,
    /// The hashes of models and cases' names.
    known: HashSet<u64>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) kept: u64,
    pub(super) duplicate: u64,
    pub(super) full: u64,
}

/// What every line begins with.
const START: &[u8] = b"{\"model\":\"";

impl File {
    /// Reads what the file has; creates it where there is none.
    pub(super) fn open(path: &Path, max: u64) -> Result<Self> {
        let mut file = Self {
            path: path.to_owned(),
            max,
            identity: 0,
            end: 0,
            numbers: 0,
            lines: 0,
            known: HashSet::new(),
        };
        file.add(&[])?;
        Ok(file)
    }

    /// How many cases it has.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Whether it has as many lines as it may.
    pub(super) fn is_full(&self) -> bool {
        self.lines >= self.max
    }

    /// Its path, for messages.
    pub(super) fn place(&self) -> String {
        display::display_path(&self.path)
    }

    /// Adds the lines that it has not yet, as far as they fit: all of them, or on an error none.
    pub(super) fn add(&mut self, lines: &[Line]) -> Result<Added> {
        let mut file = self.locked()?;
        self.catch_up(&mut file)?;
        let mut added = Added::default();
        let mut text = String::new();
        let mut fresh = HashSet::new();
        for line in lines {
            let key = key(&line.model, &line.case);
            if self.known.contains(&key) || fresh.contains(&key) {
                added.duplicate += 1;
            } else if self.lines + added.kept >= self.max {
                added.full += 1;
            } else {
                fresh.insert(key);
                text.push_str(&line.text);
                added.kept += 1;
            }
        }
        if text.is_empty() {
            return Ok(added);
        }
        if let Err(error) = file.write_all(text.as_bytes()) {
            // A disk that is full may have taken a part.
            let _ = file.set_len(self.end);
            return Err(Error::io("write", &self.path, &error));
        }
        self.end += text.len() as u64;
        self.numbers += added.kept;
        self.lines += added.kept;
        self.known.extend(fresh);
        Ok(added)
    }

    /// Opened anew each time: it may have been moved away. Closing gives up the lock.
    fn locked(&self) -> Result<fs::File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        // What people send is not for everybody on this machine.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path).map_err(|error| {
            let failed = Error::io("write", &self.path, &error);
            if error.kind() == io::ErrorKind::NotFound {
                return failed.help("there is no such folder: create it first");
            }
            failed
        })?;
        file.lock().map_err(|error| Error::io("lock", &self.path, &error))?;
        Ok(file)
    }

    /// Reads what was added since, and mends the last line where it has no end.
    fn catch_up(&mut self, file: &mut fs::File) -> Result<()> {
        let path = self.path.clone();
        let failed = |error: io::Error| Error::io("read", &path, &error);
        let metadata = file.metadata().map_err(failed)?;
        let identity = identity(&metadata);
        if metadata.len() < self.end || identity != self.identity {
            self.known.clear();
            (self.identity, self.end, self.numbers, self.lines) = (identity, 0, 0, 0);
        }
        if metadata.len() == self.end {
            return Ok(());
        }
        file.seek(SeekFrom::Start(self.end)).map_err(failed)?;
        let mut reader = BufReader::with_capacity(256 << 10, file.try_clone().map_err(failed)?);
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                return Ok(());
            }
            let is_whole = line.ends_with(b"\n");
            let found = self.learn(&line);
            if !is_whole {
                return self.mend(file, &line, found);
            }
            found?;
            self.end += line.len() as u64;
        }
    }

    /// Takes in a line.
    fn learn(&mut self, line: &[u8]) -> Result<()> {
        let trimmed = line.trim_ascii();
        if !trimmed.is_empty() {
            let head = LineHeader::read(trimmed).map_err(|reason| {
                let place = display::display_path(&self.path);
                Error::usage(format!("{place}:{}: {reason}", self.numbers + 1))
                    .help("messages are captured into a suite of their own: give another --capture FILE, or mend this one")
            })?;
            self.known.insert(key(&head.model, &head.case));
            self.lines += 1;
        }
        self.numbers += 1;
        Ok(())
    }

    /// Ends a last line that lacks nothing else, and takes away one whose writer died before its
    /// end. What no line of ours begins with is left alone.
    fn mend(&mut self, file: &mut fs::File, line: &[u8], found: Result<()>) -> Result<()> {
        let failed = |error: io::Error| Error::io("mend", &self.path, &error);
        let Err(wrong) = found else {
            file.write_all(b"\n").map_err(failed)?;
            self.end += line.len() as u64 + 1;
            return Ok(());
        };
        if !line.starts_with(START) && !START.starts_with(line) {
            return Err(wrong);
        }
        file.set_len(self.end).map_err(failed)?;
        tracing::warn!("{}: the last line has no end, and is taken away", self.place());
        Ok(())
    }
}

/// Tells a file from another that has taken its name.
#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> u64 {
    0
}

fn key(model: &str, case: &str) -> u64 {
    fnv(model.bytes().chain([0xff]).chain(case.bytes()))
}
