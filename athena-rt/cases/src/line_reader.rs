//! Reads lines of a file that may be larger than memory should be: all of them, or those whose places are known.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::store;
use athena_core::error::{Error, Result};

/// A file that is open for reading lines. One that follows the last one is read already.
#[derive(Debug)]
pub struct LineReader {
    path: PathBuf,
    reader: BufReader<File>,
    /// The position in the file.
    at: u64,
}

impl LineReader {
    /// Opens a file.
    ///
    /// # Errors
    ///
    /// It can't be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("read", path, &error))?;
        Ok(Self { path: path.to_path_buf(), reader: BufReader::new(file), at: 0 })
    }

    /// The text at a place.
    ///
    /// # Errors
    ///
    /// It can't be read, or is not UTF-8.
    pub fn read(&mut self, offset: u64, length: usize) -> Result<String> {
        let mut bytes = vec![0; length];
        let mut read = || {
            // A seek relative to the position keeps what is read already.
            match i64::try_from(i128::from(offset) - i128::from(self.at)) {
                Ok(by) => self.reader.seek_relative(by)?,
                Err(_) => self.reader.seek(SeekFrom::Start(offset)).map(|_| ())?,
            }
            self.at = offset;
            self.reader.read_exact(&mut bytes)?;
            self.at += length as u64;
            Ok(())
        };
        read().map_err(|error: std::io::Error| Error::io("read", &self.path, &error))?;
        match String::from_utf8(bytes) {
            Ok(text) => Ok(text),
            // It says in which line.
            Err(_) => store::read(&self.path).map(Option::unwrap_or_default),
        }
    }
}

/// Calls `take` with each line of a file, with its end, and with the place where it begins.
///
/// # Errors
///
/// The file can't be read, or is not UTF-8; `take` fails.
pub fn each_line(path: &Path, mut take: impl FnMut(&str, u64) -> Result<()>) -> Result<()> {
    let failed = |error: std::io::Error| Error::io("read", path, &error);
    let mut reader = BufReader::with_capacity(256 << 10, File::open(path).map_err(failed)?);
    let (mut line, mut offset) = (String::new(), 0);
    loop {
        line.clear();
        let length = reader.read_line(&mut line).map_err(failed)?;
        if length == 0 {
            return Ok(());
        }
        take(&line, offset)?;
        offset += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_in_any_order() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.jsonl");
        let lines: Vec<String> = (0..5_000).map(|at| format!("line {at}\n")).collect();
        std::fs::write(&path, lines.concat()).expect("written");
        let mut places = Vec::new();
        let mut offset = 0;
        for line in &lines {
            places.push((offset, line.len()));
            offset += line.len() as u64;
        }
        let mut at = 0;
        let read = each_line(&path, |line, offset| {
            assert_eq!((line, (offset, line.len())), (&*lines[at], places[at]));
            at += 1;
            Ok(())
        });
        read.expect("all lines are read");
        assert_eq!(at, 5_000);
        let mut reader = LineReader::open(&path).expect("it is there");
        for at in (0..5_000).map(|at| at * 1_999 % 5_000).chain(0..5_000).chain((0..5_000).rev()) {
            let (offset, length) = places[at];
            assert_eq!(reader.read(offset, length).expect("a line"), lines[at]);
        }
        assert!(reader.read(offset, 1).is_err());
        std::fs::write(&path, b"one\nt\xffo\n").expect("written");
        let error = LineReader::open(&path).expect("there").read(4, 3).expect_err("not UTF-8");
        assert!(error.to_string().contains("a.jsonl:2: the file is not valid UTF-8"), "{error}");
    }
}
