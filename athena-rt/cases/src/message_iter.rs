//! Messages that are read one by one: there may be more than memory should hold.

use std::io::{BufRead, Read as _};
use std::path::{Path, PathBuf};

use athena_core::display::display_path;
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;
use athena_protocol::json::text;

use super::case::Case;
use super::index::Index;
use super::line_reader::LineReader;
use super::message_stream::{LONGEST_LENGTH, declared};
use super::store;
use super::suite::SuiteIndex;

/// A message, and its name in errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub text: String,
    /// `message.json`, `standard input`, `messages.jsonl:3`, or a case's name.
    pub origin: String,
    /// Whether the text is the line that the origin names.
    pub is_line: bool,
}

/// Messages in their order. Behind an error are none that count.
pub type MessageIter<'a> = Box<dyn Iterator<Item = Result<Message>> + 'a>;

/// The lines of a stream that are not blank.
pub(super) fn lines(
    mut reader: impl BufRead,
    name: String,
) -> impl Iterator<Item = Result<Message>> {
    let (mut line, mut number) = (String::new(), 0);
    std::iter::from_fn(move || {
        loop {
            line.clear();
            number += 1;
            match reader.read_line(&mut line) {
                Ok(0) => return None,
                Ok(_) if line.trim().is_empty() => {}
                Ok(_) => {
                    return Some(Ok(Message {
                        // What is before it counts for the column of an error.
                        text: line.trim_end().to_owned(),
                        origin: format!("{name}:{number}"),
                        is_line: true,
                    }));
                }
                Err(error) => {
                    let error = format!("{name}:{number}: can't be read: {error}");
                    return Some(Err(Error::usage(error)));
                }
            }
        }
    })
}

/// The messages of Protocol Buffers of a stream, each behind its length, as JSON.
pub(super) fn delimited<'a>(
    entry: &'a Entry,
    mut reader: impl BufRead + 'a,
    name: String,
) -> impl Iterator<Item = Result<Message>> + 'a {
    let mut number = 0;
    std::iter::from_fn(move || {
        number += 1;
        let origin = format!("{name}, message {number}");
        match next_delimited(&mut reader) {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some(from_protobuf(entry, &bytes, origin)),
            Ok(Some(Err(reason))) => Some(Err(Error::usage(format!("{origin}: {reason}")))),
            Err(error) => Some(Err(Error::usage(format!("{name}: can't be read: {error}")))),
        }
    })
}

/// A message of Protocol Buffers, as JSON.
pub(super) fn from_protobuf(entry: &Entry, bytes: &[u8], origin: String) -> Result<Message> {
    match entry.model.to_json(bytes) {
        Ok(text) => Ok(Message { text, origin, is_line: false }),
        Err(error) => Err(Error::usage(format!("{origin}: {error}"))),
    }
}

/// The next message, or what is wrong with it. `None` at the end of the stream.
fn next_delimited(
    reader: &mut impl BufRead,
) -> std::io::Result<Option<std::result::Result<Vec<u8>, &'static str>>> {
    let cut_off = || Ok(Some(Err("the stream ends inside a message")));
    let mut bytes = Vec::new();
    let length = loop {
        match declared(&bytes) {
            Some(Ok(length)) => break length.message,
            Some(Err(reason)) => return Ok(Some(Err(reason))),
            None if bytes.len() >= LONGEST_LENGTH => return cut_off(),
            None => {}
        }
        if reader.by_ref().take(1).read_to_end(&mut bytes)? == 0 {
            return if bytes.is_empty() { Ok(None) } else { cut_off() };
        }
    };
    bytes.clear();
    // A length that is not true takes no memory.
    let read = reader.by_ref().take(length as u64).read_to_end(&mut bytes)?;
    if read == length { Ok(Some(Ok(bytes))) } else { cut_off() }
}

/// The inputs of a model's recorded cases whose names contain `filter`.
pub(super) struct RecordedInputs<'a> {
    entry: &'a Entry,
    filter: String,
    /// The files that are still to be read, the next one last.
    files: Vec<CaseFile>,
    suite: Option<OpenSuite>,
    /// Whether a case was found, or what is wrong was said.
    has_any: bool,
}

struct CaseFile {
    path: PathBuf,
    stem: String,
    is_suite: bool,
}

struct OpenSuite {
    file: CaseFile,
    index: SuiteIndex,
    lines: LineReader,
    /// The next line.
    at: usize,
}

impl<'a> RecordedInputs<'a> {
    pub(super) fn new(entry: &'a Entry, fixtures: &Path, filter: &str) -> Self {
        let root = athena_protocol::ModelId::new(&entry.id).package();
        let mut index = Index::read(fixtures, Some(&[root]));
        let folder = index.folders.remove(&entry.id).unwrap_or_default();
        let cases = folder.cases.iter().map(|stem| CaseFile {
            path: stem.case_file(&folder.path),
            stem: stem.to_string(),
            is_suite: false,
        });
        let suites = folder.suites.iter().map(|stem| CaseFile {
            path: stem.suite_file(&folder.path),
            stem: stem.to_string(),
            is_suite: true,
        });
        let mut files: Vec<CaseFile> = cases.chain(suites).collect();
        files.reverse();
        Self { entry, filter: filter.to_owned(), files, suite: None, has_any: false }
    }

    /// The next case that is meant.
    fn next_case(&mut self) -> Result<Option<Message>> {
        loop {
            if let Some(suite) = &mut self.suite {
                if suite.at == suite.index.len() {
                    self.suite = None;
                    continue;
                }
                let line = suite.index.get(suite.at);
                suite.at += 1;
                let name = format!("{}/{}", suite.file.stem, line.name);
                if name.contains(&self.filter) {
                    let text = suite.lines.read(line.offset, line.length)?;
                    let place = (&*suite.file.path, line.number);
                    return input_of(self.entry, &text, name, place).map(Some);
                }
                continue;
            }
            let Some(file) = self.files.pop() else { return Ok(None) };
            if file.is_suite {
                let (index, lines) = (SuiteIndex::read(&file.path)?, LineReader::open(&file.path)?);
                self.suite = Some(OpenSuite { file, index, lines, at: 0 });
            } else if file.stem.contains(&self.filter) {
                let text = store::read(&file.path)?.unwrap_or_default();
                return input_of(self.entry, &text, file.stem, (&file.path, 1)).map(Some);
            }
        }
    }
}

/// The input of a case whose text begins in line `first` of a file.
fn input_of(
    entry: &Entry,
    text: &str,
    name: String,
    (path, first): (&Path, usize),
) -> Result<Message> {
    let case = Case::parse(text, &entry.id).map_err(|(line, reason)| {
        Error::usage(format!("{}:{}: {reason}", display_path(path), first + line - 1))
    })?;
    Ok(Message { text: text::compact(case.input.get()), origin: name, is_line: false })
}

impl Iterator for RecordedInputs<'_> {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        let had_any = std::mem::replace(&mut self.has_any, true);
        match self.next_case().transpose() {
            None if !had_any => Some(Err(Error::nothing(format!(
                "no recorded case of {} matches `{}`",
                self.entry.id, self.filter
            )))),
            next => next,
        }
    }
}
