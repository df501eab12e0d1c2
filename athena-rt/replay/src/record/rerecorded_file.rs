//! The cases that are recorded again: where they are, and their texts in batches, as a suite may be larger
//! than memory should be.

use std::path::PathBuf;

use super::evaluate::Call;
use athena_cases::case::{Case, conflict};
use athena_cases::line_reader::LineReader;
use athena_cases::store;
use athena_cases::suite::SuiteIndex;
use athena_core::display::display_path;
use athena_core::environment::mask_secrets;
use athena_core::error::{Error, Result};
use athena_core::registry::Entry;

/// How many bytes of cases are in memory at once. A batch takes two model processes.
const BATCH: usize = 4 << 20;

/// A file of cases, and those of it that are recorded again.
pub(super) struct RerecordedFile<'a> {
    pub(super) entry: &'a Entry,
    pub(super) path: PathBuf,
    /// `model id::file`, without the extension.
    name: String,
    /// The lines of a suite. A case file has none.
    lines: Option<SuiteIndex>,
}

/// A case, with its text.
pub(super) struct RerecordedCase<'f> {
    pub(super) file: &'f RerecordedFile<'f>,
    /// Its position among the cases of the file.
    at: usize,
    /// Where its text begins in the file.
    pub(super) start: u64,
    pub(super) text: String,
}

impl<'a> RerecordedFile<'a> {
    /// A case file.
    pub(super) fn case(entry: &'a Entry, path: PathBuf, name: String) -> Self {
        Self { entry, path, name, lines: None }
    }

    /// A suite, with the cases whose names are wanted. `tolerates`: another line may be broken.
    ///
    /// # Errors
    ///
    /// It can't be read, or has a broken line or conflict markers.
    pub(super) fn suite(
        entry: &'a Entry,
        path: PathBuf,
        name: String,
        tolerates: bool,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Self> {
        let mut lines = SuiteIndex::read(&path)?;
        if let Some((number, reason)) = lines.broken.first() {
            let text = store::read(&path)?.unwrap_or_default();
            let place = display_path(&path);
            // Markers may stand around any line: it is not known which side is right.
            if let Some(line) = conflict(&text) {
                return Err(Error::usage(format!("{place}:{line}: the file has conflict markers"))
                    .help("resolve the merge first; nothing was changed"));
            }
            if !tolerates {
                return Err(Error::usage(format!("{place}:{number}: {reason}")));
            }
        }
        lines.retain(|line| is_wanted(&format!("{name}/{}", line.name)));
        Ok(Self { entry, path, name, lines: Some(lines) })
    }

    /// The number of its cases.
    pub(super) fn len(&self) -> usize {
        self.lines.as_ref().map_or(1, SuiteIndex::len)
    }

    /// The names of its cases as a filter sees them.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        (0..self.len()).map(|at| self.name_of(at))
    }

    fn name_of(&self, at: usize) -> String {
        match &self.lines {
            Some(lines) => format!("{}/{}", self.name, lines.get(at).name),
            None => self.name.clone(),
        }
    }
}

impl RerecordedCase<'_> {
    /// The name as a filter sees it.
    pub(super) fn full_name(&self) -> String {
        self.file.name_of(self.at)
    }

    /// The name in a suite. `None` in a file of its own.
    pub(super) fn name_in_suite(&self) -> Option<&str> {
        self.file.lines.as_ref().map(|lines| lines.get(self.at).name)
    }

    /// Its line in the file.
    pub(super) fn line(&self) -> usize {
        self.file.lines.as_ref().map_or(1, |lines| lines.get(self.at).number)
    }

    /// What it calls.
    ///
    /// # Errors
    ///
    /// The text is not that of a case.
    pub(super) fn call(&self) -> Result<Call> {
        let RerecordedFile { entry, path, .. } = self.file;
        let wrong = |line: usize, reason: String| {
            Error::usage(format!("{}:{}: {reason}", display_path(path), self.line() + line - 1))
        };
        let case =
            Case::parse(&self.text, &entry.id).map_err(|(line, reason)| wrong(line, reason))?;
        let variables =
            case.variables().map_err(|reason| wrong(case.line_of_env(&self.text), reason))?;
        let variables = mask_secrets(&entry.model.variables(), &variables);
        Ok(Call::new(&entry.id, variables, case.input.get().to_owned(), self.full_name()))
    }
}

/// Reads the cases of files, batch by batch.
pub(super) struct CaseReader<'f> {
    files: &'f [RerecordedFile<'f>],
    /// The next case: its file, and its position there.
    file: usize,
    at: usize,
    /// The suite of the last case.
    suite: Option<LineReader>,
}

impl<'f> CaseReader<'f> {
    pub(super) fn new(files: &'f [RerecordedFile<'f>]) -> Self {
        Self { files, file: 0, at: 0, suite: None }
    }

    /// The next cases. Empty if there are no more.
    ///
    /// # Errors
    ///
    /// A file can't be read.
    pub(super) fn next_batch(&mut self) -> Result<Vec<RerecordedCase<'f>>> {
        let (mut batch, mut size) = (Vec::new(), 0);
        while size < BATCH
            && let Some(file) = self.files.get(self.file)
        {
            if self.at == file.len() {
                (self.file, self.at, self.suite) = (self.file + 1, 0, None);
                continue;
            }
            let (start, text) = match &file.lines {
                None => (0, store::read(&file.path)?.unwrap_or_default()),
                Some(lines) => {
                    let line = lines.get(self.at);
                    let suite = match &mut self.suite {
                        Some(open) => open,
                        None => self.suite.insert(LineReader::open(&file.path)?),
                    };
                    (line.offset, suite.read(line.offset, line.length)?)
                }
            };
            size += text.len();
            batch.push(RerecordedCase { file, at: self.at, start, text });
            self.at += 1;
        }
        Ok(batch)
    }
}
