//! The file of captured messages. Several processes may write to it at once: each locks it for a batch of
//! lines, and first reads the lines that others have added.

use std::collections::HashSet;
use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::line::CaptureLine;
use athena_cases::capture_file::LineHeader;
use athena_cases::hash::fnv;
use athena_core::display;
use athena_core::error::{Error, Result};

/// A suite that lines are appended to.
pub(super) struct CaptureFile {
    path: PathBuf,
    max: u64,
    /// The identity of the file when it was last read.
    identity: u64,
    /// How many bytes were read.
    end: u64,
    /// How many lines were read, with blank ones.
    line_number: u64,
    /// How many lines are cases.
    cases: u64,
    /// Hashes of model ids and case names.
    known: HashSet<u64>,
}

/// The counts of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Added {
    pub(super) kept: u64,
    pub(super) duplicate: u64,
    pub(super) full: u64,
}

/// The start of every line.
const LINE_START: &[u8] = b"{\"model\":\"";

impl CaptureFile {
    /// Reads the file, or creates it. Warns if other users of this machine can read it.
    pub(super) fn open(path: &Path, max: u64) -> Result<Self> {
        let mut file = Self {
            path: path.to_owned(),
            max,
            identity: 0,
            end: 0,
            line_number: 0,
            cases: 0,
            known: HashSet::new(),
        };
        file.add(&[])?;
        #[cfg(unix)]
        if fs::metadata(path).is_ok_and(|metadata| {
            std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o004 != 0
        }) {
            let path = file.display_path();
            tracing::warn!(
                "{path}: every user of this machine can read the messages; chmod 600 it"
            );
        }
        Ok(file)
    }

    /// The number of cases.
    pub(super) fn cases(&self) -> u64 {
        self.cases
    }

    /// Whether the file has its largest number of lines.
    pub(super) fn is_full(&self) -> bool {
        self.cases >= self.max
    }

    pub(super) fn display_path(&self) -> String {
        display::display_path(&self.path)
    }

    /// Appends lines that are new, up to the largest number of lines. On an error none is added.
    pub(super) fn add(&mut self, lines: &[CaptureLine]) -> Result<Added> {
        let mut file = self.lock()?;
        self.catch_up(&mut file)?;
        let mut added = Added::default();
        let mut text = String::new();
        let mut fresh = HashSet::new();
        for line in lines {
            let key = key(&line.model, &line.case);
            if self.known.contains(&key) || fresh.contains(&key) {
                added.duplicate += 1;
            } else if self.cases + added.kept >= self.max {
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
            // If the disk is full, a part may have been written.
            let _ = file.set_len(self.end);
            return Err(Error::io("write", &self.path, &error));
        }
        self.end += text.len() as u64;
        self.line_number += added.kept;
        self.cases += added.kept;
        self.known.extend(fresh);
        Ok(added)
    }

    /// Opens and locks the file, each time again because it may have been moved away. Closing it releases
    /// the lock.
    fn lock(&self) -> Result<fs::File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        // Other users of this machine may not read messages, nor have them written elsewhere by a link.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        if fs::symlink_metadata(&self.path).is_ok_and(|metadata| metadata.is_symlink()) {
            let path = self.display_path();
            return Err(Error::usage(format!("--capture: {path} is a symbolic link"))
                .help("name the file that it leads to"));
        }
        let file = options.open(&self.path).map_err(|error| {
            let failed = Error::io("write", &self.path, &error);
            if error.kind() == io::ErrorKind::NotFound {
                return failed.help("the folder does not exist; create it first");
            }
            failed
        })?;
        file.lock().map_err(|error| Error::io("lock", &self.path, &error))?;
        Ok(file)
    }

    /// Reads lines that were added, and repairs the last line if it is incomplete.
    fn catch_up(&mut self, file: &mut fs::File) -> Result<()> {
        let path = self.path.clone();
        let failed = |error: io::Error| Error::io("read", &path, &error);
        let metadata = file.metadata().map_err(failed)?;
        let identity = identity(&metadata);
        if metadata.len() < self.end || identity != self.identity {
            self.known.clear();
            (self.identity, self.end, self.line_number, self.cases) = (identity, 0, 0, 0);
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
            let is_complete = line.ends_with(b"\n");
            let found = self.index_line(&line);
            if !is_complete {
                return self.repair_last_line(file, &line, found);
            }
            found?;
            self.end += line.len() as u64;
        }
    }

    fn index_line(&mut self, line: &[u8]) -> Result<()> {
        let trimmed = line.trim_ascii();
        if !trimmed.is_empty() {
            let head = LineHeader::read(trimmed).map_err(|reason| {
                let place = display::display_path(&self.path);
                Error::usage(format!("{place}:{}: {reason}", self.line_number + 1))
                    .help("--capture needs a suite: use another file, or fix this one")
            })?;
            self.known.insert(key(&head.model, &head.case));
            self.cases += 1;
        }
        self.line_number += 1;
        Ok(())
    }

    /// Ends the last line if only its end is missing, or removes it if its writer died. A line that this
    /// program can't have written is an error.
    fn repair_last_line(
        &mut self,
        file: &mut fs::File,
        line: &[u8],
        found: Result<()>,
    ) -> Result<()> {
        let failed = |error: io::Error| Error::io("repair", &self.path, &error);
        let Err(error) = found else {
            file.write_all(b"\n").map_err(failed)?;
            self.end += line.len() as u64 + 1;
            return Ok(());
        };
        if !line.starts_with(LINE_START) && !LINE_START.starts_with(line) {
            return Err(error);
        }
        file.set_len(self.end).map_err(failed)?;
        tracing::warn!("{}: removed the incomplete last line", self.display_path());
        Ok(())
    }
}

/// Distinguishes files that have had the same name.
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
