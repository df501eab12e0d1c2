//! A suite: many cases of one model in one file, one line per case.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::case::{self, not_a_case};
use super::hash::fnv;
use athena_core::error::{Error, Result};

/// The names and positions of the cases of a suite.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuiteIndex {
    names: String,
    lines: Vec<LineEntry>,
    /// Lines that are not a case: number and reason.
    pub broken: Vec<(usize, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct LineEntry {
    /// Its number in the file, from 1.
    number: u32,
    /// Its position in the file.
    offset: u64,
    length: u32,
    /// The end of its case's name in `names`.
    name_end: u32,
}

/// The reason of a suite without a line: what stood there is gone.
const EMPTY: &str = "the file is empty: restore it from version control, or delete the file";

/// A line of a suite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuiteLine<'a> {
    pub name: &'a str,
    pub number: usize,
    pub offset: u64,
    pub length: usize,
}

#[derive(Deserialize)]
struct NameOnly<'a> {
    case: Option<&'a str>,
}

impl SuiteIndex {
    /// Finds the lines of a suite and the name of each.
    ///
    /// # Errors
    ///
    /// A file that can't be read, or is too large to index. Lines that are not a case go to
    /// `broken`.
    pub fn read(path: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io("read", path, &error);
        let file = File::open(path).map_err(failed)?;
        Self::from_reader(path, BufReader::with_capacity(256 << 10, file))
    }

    /// Finds the lines in the text of a suite.
    pub fn scan(path: &Path, text: &str) -> Result<Self> {
        Self::from_reader(path, text.as_bytes())
    }

    fn from_reader(path: &Path, mut reader: impl BufRead) -> Result<Self> {
        let mut scanned = Self::default();
        let mut raw = Vec::new();
        let (mut number, mut offset) = (0, 0);
        loop {
            raw.clear();
            let read = reader.read_until(b'\n', &mut raw);
            let length = read.map_err(|error| Error::io("read", path, &error))?;
            if length == 0 {
                break;
            }
            number += 1;
            let start = offset;
            offset += length as u64;
            let line = raw.trim_ascii_end();
            if line.is_empty() {
                continue;
            }
            match name_of(line) {
                Ok(name) => scanned.push(path, name, number, start, line.len())?,
                Err(reason) => scanned.broken.push((number, reason)),
            }
        }
        scanned.move_duplicates_to_broken();
        if scanned.is_empty() && scanned.broken.is_empty() {
            scanned.broken.push((1, EMPTY.to_owned()));
        }
        Ok(scanned)
    }

    fn push(
        &mut self,
        path: &Path,
        name: &str,
        number: usize,
        offset: u64,
        length: usize,
    ) -> Result<()> {
        self.names.push_str(name);
        let (Ok(number), Ok(length), Ok(name_end)) =
            (u32::try_from(number), u32::try_from(length), u32::try_from(self.names.len()))
        else {
            return Err(Error::usage(format!("{} is too large for a suite", path.display()))
                .help("keep lines and names under 4 GB: split the suite"));
        };
        self.lines.push(LineEntry { number, offset, length, name_end });
        Ok(())
    }

    /// Moves lines whose name an earlier line has to `broken`.
    fn move_duplicates_to_broken(&mut self) {
        // By hash, as sorting numbers is faster than sorting names.
        let mut hashes: Vec<u64> = self.iter().map(|line| fnv(line.name.bytes())).collect();
        hashes.sort_unstable();
        if hashes.windows(2).all(|pair| pair[0] != pair[1]) {
            return;
        }
        let mut seen = HashSet::new();
        let mut broken = Vec::new();
        let kept = self.kept(|line| {
            let is_first = seen.insert(line.name.to_owned());
            if !is_first {
                broken.push((line.number, format!("the suite has the case `{}` twice", line.name)));
            }
            is_first
        });
        *self = kept;
        self.broken.extend(broken);
        self.broken.sort();
    }

    /// Leaves out all other lines that are a case.
    pub fn retain(&mut self, is_kept: impl FnMut(SuiteLine<'_>) -> bool) {
        *self = self.kept(is_kept);
    }

    fn kept(&mut self, mut is_kept: impl FnMut(SuiteLine<'_>) -> bool) -> Self {
        let mut kept = Self { broken: std::mem::take(&mut self.broken), ..Self::default() };
        for (index, line) in self.iter().enumerate().filter(|(_, line)| is_kept(*line)) {
            kept.names.push_str(line.name);
            let name_end = u32::try_from(kept.names.len()).unwrap_or(u32::MAX);
            kept.lines.push(LineEntry { name_end, ..self.lines[index] });
        }
        kept
    }

    pub fn len(&self) -> usize {
        self.lines.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    pub fn get(&self, index: usize) -> SuiteLine<'_> {
        let line = self.lines[index];
        let start = index.checked_sub(1).map_or(0, |before| self.lines[before].name_end);
        SuiteLine {
            name: &self.names[start as usize..line.name_end as usize],
            number: line.number as usize,
            offset: line.offset,
            length: line.length as usize,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = SuiteLine<'_>> {
        (0..self.len()).map(|index| self.get(index))
    }
}

/// The name of the case in a line. `model` and `case` come first in the lines we write, so the
/// line is not parsed for it.
pub fn name_of(line: &[u8]) -> std::result::Result<&str, String> {
    let name = match quick_name_of(line) {
        Some(name) => name,
        None => slow_name_of(line)?,
    };
    super::layout::check(name, "case name").map_err(|error| error.to_string())?;
    Ok(name)
}

fn quick_name_of(line: &[u8]) -> Option<&str> {
    let until_quote = |text: &[u8]| text.iter().position(|&byte| byte == b'"' || byte == b'\\');
    let model = line.strip_prefix(b"{\"model\":\"")?;
    let rest = model[until_quote(model)?..].strip_prefix(b"\",\"case\":\"")?;
    let end = until_quote(rest).filter(|&end| rest[end] == b'"')?;
    std::str::from_utf8(&rest[..end]).ok()
}

fn slow_name_of(line: &[u8]) -> std::result::Result<&str, String> {
    let line = std::str::from_utf8(line).map_err(|error| format!("not valid UTF-8: {error}"))?;
    if case::conflict(line).is_some() {
        return Err("the file has conflict markers: resolve the merge, then run again".to_owned());
    }
    if line == "\u{feff}" {
        return Err(EMPTY.to_owned());
    }
    if line.starts_with('\u{feff}') {
        return Err("the file begins with a byte order mark: save it as UTF-8 without one".into());
    }
    match serde_json::from_str::<NameOnly<'_>>(line) {
        Ok(NameOnly { case: Some(name) }) => Ok(name),
        Ok(NameOnly { case: None }) => Err("the line has no `case`".to_owned()),
        Err(error) if error.is_eof() => Err("not a case: the line is cut off".to_owned()),
        Err(error) => Err(not_a_case(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(text: &str) -> SuiteIndex {
        SuiteIndex::scan(Path::new("s.jsonl"), text).expect("small")
    }

    #[test]
    fn lines_are_found_by_name_and_place() {
        let text = "{\"model\":\"m::f\",\"case\":\"a\",\"x\":1}\n\n{ \"case\": \"b\", \"model\": \"m::f\" }\n";
        let lines = scan(text);
        assert_eq!(lines.broken, vec![]);
        let found: Vec<_> = lines.iter().map(|line| (line.name, line.number)).collect();
        assert_eq!(found, [("a", 1), ("b", 3)]);
        let second = lines.get(1);
        let at = usize::try_from(second.offset).expect("small");
        assert!(text[at..at + second.length].starts_with("{ \"case\": \"b\""));
    }

    #[test]
    fn an_empty_suite_is_broken() {
        for text in ["", "\n", " \n\t\r\n", "\u{feff}", "\u{feff}\n\n", "\0\0", "\u{a0}\n"] {
            let lines = scan(text);
            assert!(lines.is_empty() && lines.broken.len() == 1, "{text:?}: {lines:?}");
        }
        assert!(scan("").broken[0].1.contains("empty"));
    }

    #[test]
    fn broken_lines_are_kept_with_their_number() {
        let lines = scan(
            "{\"model\":\"m\",\"case\":\"a\"}\n<<<<<<< HEAD\n{\"model\":\"m\",\"case\":\"a\"}\n{\"model\":\"m\"}\n{\"model\":\"m\",\"case\":\"../x\"}\n",
        );
        assert_eq!(lines.len(), 1);
        let numbers: Vec<usize> = lines.broken.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 3, 4, 5]);
        assert!(lines.broken[0].1.contains("conflict markers"));
        assert!(lines.broken[1].1.contains("twice"));
    }
}
