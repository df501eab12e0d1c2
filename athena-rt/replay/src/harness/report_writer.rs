//! Writes the file of results, one entry as soon as a case has a result. `cargo athena` makes the
//! report from it.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Failure, FailureKind, Names};

use super::messages::CaseFailure;
use super::plan::Plan;
use athena_core::error::{Error, Result};

/// The maximum number of names in one line.
const NAMES: usize = 1_000;

/// Writes entries to a file, or nowhere if no report was requested.
pub(super) struct ReportWriter {
    out: Option<(PathBuf, BufWriter<File>)>,
    /// By case: whether its failure is written. A run may find one again.
    written: Vec<bool>,
    /// The line that is written.
    line: Vec<u8>,
    /// The first error.
    broken: Option<std::io::Error>,
}

/// The outcome of retrying a failed case.
#[derive(Clone, Debug)]
pub(super) enum RetryOutcome {
    /// It passed.
    Passed(String),
    /// It failed in some runs only.
    Failed(FailureKind, String),
}

impl ReportWriter {
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let out = match path {
            Some(path) => {
                let file = create(path).map_err(|error| Error::io("write", path, &error))?;
                Some((path.to_owned(), BufWriter::with_capacity(64 << 10, file)))
            }
            None => None,
        };
        Ok(Self { out, written: Vec::new(), line: Vec::new(), broken: None })
    }

    pub(super) fn write(&mut self, entry: &Entry) {
        self.write_line(|line| serde_json::to_writer(line, entry));
    }

    fn write_line(&mut self, append: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>) {
        let Some((_, out)) = &mut self.out else { return };
        self.line.clear();
        let written = append(&mut self.line).map_err(std::io::Error::from).and_then(|()| {
            self.line.push(b'\n');
            out.write_all(&self.line)
        });
        if let Err(error) = written {
            self.broken.get_or_insert(error);
        }
    }

    pub(super) fn failed(&mut self, plan: &Plan, case: usize, why: &CaseFailure, micros: u64) {
        if self.out.is_some() && self.is_first(case) {
            let (path, line) = plan.place(case);
            let (name, model) = (plan.name(case), plan.model(case));
            self.write_line(|out| {
                out.extend_from_slice(b"{\"failed\":");
                why.append_at((&name, model), (&*path, line), micros, out)?;
                out.push(b'}');
                Ok(())
            });
        }
    }

    /// Whether the failure of a case is written for the first time.
    fn is_first(&mut self, case: usize) -> bool {
        if self.written.len() <= case {
            self.written.resize(case + 1, false);
        }
        !std::mem::replace(&mut self.written[case], true)
    }

    /// Cases that passed, or were not run.
    pub(super) fn names(
        &mut self,
        plan: &Plan,
        cases: impl Iterator<Item = usize>,
        micros: impl Fn(usize) -> Option<u64>,
        entry: fn(Names) -> Entry,
    ) {
        if self.out.is_none() {
            return;
        }
        let mut names = Names::default();
        for case in cases {
            let model = plan.model(case);
            if names.model != model || names.cases.len() == NAMES {
                let full = std::mem::take(&mut names);
                if !full.cases.is_empty() {
                    self.write(&entry(full));
                }
                model.clone_into(&mut names.model);
            }
            names.cases.push(plan.own_name(case));
            names.micros.extend(micros(case));
        }
        if !names.cases.is_empty() {
            self.write(&entry(names));
        }
    }

    /// Adds an entry for each failure whose outcome changed later in the run. Of several entries of
    /// a case the last one counts.
    pub(super) fn amend(&mut self, later: &BTreeMap<String, RetryOutcome>) {
        if !later.is_empty()
            && let Err(error) = self.try_amend(later)
        {
            self.broken.get_or_insert(error);
        }
    }

    fn try_amend(&mut self, later: &BTreeMap<String, RetryOutcome>) -> std::io::Result<()> {
        let Some((path, out)) = &mut self.out else { return Ok(()) };
        out.flush()?;
        let file = File::open(path)?;
        // The entries that are added here are behind this length.
        let length = file.metadata()?.len();
        for line in BufReader::new(file.take(length)).lines() {
            let Ok(Entry::Failed(failure)) = serde_json::from_str(&line?) else { continue };
            let Some(later) = later.get(&failure.name) else { continue };
            serde_json::to_writer(&mut *out, &amended(failure, later))?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }

    /// Flushes the file.
    ///
    /// # Errors
    ///
    /// The file could not be written completely; a report of it would lack failures.
    pub(super) fn close(mut self) -> Result<()> {
        let Some((path, out)) = &mut self.out else { return Ok(()) };
        if let Err(error) = out.flush() {
            self.broken.get_or_insert(error);
        }
        match self.broken {
            Some(error) => Err(Error::io("write", path, &error)),
            None => Ok(()),
        }
    }
}

/// A file to write from its start, without what it had. `cargo athena` makes it empty, and one that is made empty once
/// more is written to the disk by ext4 as soon as it is closed, which takes as long as a replay.
fn create(path: &Path) -> std::io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
    if file.metadata()?.len() > 0 {
        file.set_len(0)?;
    }
    Ok(file)
}

/// The failure of a case for the report.
pub(super) fn failure(plan: &Plan, case: usize, why: &CaseFailure) -> Failure {
    let (path, line) = plan.place(case);
    why.at(plan.name(case), plan.model(case), &path, line)
}

/// The entry of a failure after the retries.
fn amended(mut failure: Failure, later: &RetryOutcome) -> Entry {
    let joined = |what: &str, before: &str| {
        if before.is_empty() { what.to_owned() } else { format!("{what}: {before}") }
    };
    match later {
        RetryOutcome::Passed(what) => {
            failure.reason = joined(what, &failure.reason);
            Entry::Flaky(failure)
        }
        RetryOutcome::Failed(kind, what) => {
            failure.kind = *kind;
            failure.reason = joined(what, &failure.reason);
            Entry::Failed(failure)
        }
    }
}
