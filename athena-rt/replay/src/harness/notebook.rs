//! The file in which a run notes what became of each case, as it becomes known: a report is made
//! of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Failure, FailureKind, Names};

use super::note::CaseFailure;
use super::plan::Plan;
use athena_core::error::{Error, Result};

/// How many names stand in one line.
const NAMES: usize = 1_000;

/// Notes, or nothing where nobody asked for any.
pub(super) struct Notebook {
    out: Option<(PathBuf, BufWriter<File>)>,
    /// Failures that are noted; a run may find one again.
    noted: BTreeSet<usize>,
    /// Why it could not be written.
    broken: Option<std::io::Error>,
}

/// What became of a failure later in the run.
#[derive(Clone, Debug)]
pub(super) enum Later {
    /// It passed when it was tried again.
    Passed(String),
    /// It failed in some runs only.
    Failed(FailureKind, String),
}

impl Notebook {
    pub(super) fn open(path: Option<&Path>) -> Result<Self> {
        let out = match path {
            Some(path) => {
                let file = File::create(path).map_err(|error| Error::io("write", path, &error))?;
                Some((path.to_owned(), BufWriter::with_capacity(64 << 10, file)))
            }
            None => None,
        };
        Ok(Self { out, noted: BTreeSet::new(), broken: None })
    }

    pub(super) fn note(&mut self, entry: &Entry) {
        let Some((_, out)) = &mut self.out else { return };
        let written = serde_json::to_writer(&mut *out, entry)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n"));
        if let Err(error) = written {
            self.broken.get_or_insert(error);
        }
    }

    pub(super) fn failed(&mut self, plan: &Plan, case: usize, why: &CaseFailure) {
        if self.out.is_some() && self.noted.insert(case) {
            self.note(&Entry::Failed(failure(plan, case, why)));
        }
    }

    /// Cases that passed, or were not run.
    pub(super) fn names(
        &mut self,
        plan: &Plan,
        cases: impl Iterator<Item = usize>,
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
                    self.note(&entry(full));
                }
                model.clone_into(&mut names.model);
            }
            names.cases.push(plan.name(case)[model.len() + 2..].to_owned());
        }
        if !names.cases.is_empty() {
            self.note(&entry(names));
        }
    }

    /// Corrects what was noted before it was known whether a case fails always.
    pub(super) fn correct(&mut self, later: &BTreeMap<String, Later>) {
        if !later.is_empty()
            && let Err(error) = self.try_correct(later)
        {
            self.broken.get_or_insert(error);
        }
    }

    fn try_correct(&mut self, later: &BTreeMap<String, Later>) -> std::io::Result<()> {
        let Some((path, out)) = &mut self.out else { return Ok(()) };
        out.flush()?;
        let old = path.with_extension("first");
        std::fs::rename(&*path, &old)?;
        let mut new = BufWriter::with_capacity(64 << 10, File::create(&*path)?);
        for line in BufReader::new(File::open(&old)?).lines() {
            let line = line?;
            let corrected = match serde_json::from_str(&line) {
                Ok(Entry::Failed(failure)) => {
                    later.get(&failure.name).map(|later| correct(failure, later))
                }
                _ => None,
            };
            match corrected {
                Some(entry) => serde_json::to_writer(&mut new, &entry)?,
                None => new.write_all(line.as_bytes())?,
            }
            new.write_all(b"\n")?;
        }
        std::fs::remove_file(&old)?;
        *out = new;
        Ok(())
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// It could not be written whole: a report of it would leave failures out.
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

/// A failure of a case, as a report has it.
pub(super) fn failure(plan: &Plan, case: usize, why: &CaseFailure) -> Failure {
    let (path, line) = plan.place(case);
    why.at(plan.name(case), plan.model(case), &path, line)
}

fn correct(mut failure: Failure, later: &Later) -> Entry {
    let said = |what: &str, before: &str| {
        if before.is_empty() { what.to_owned() } else { format!("{what}: {before}") }
    };
    match later {
        Later::Passed(what) => {
            failure.reason = said(what, &failure.reason);
            Entry::Flaky(failure)
        }
        Later::Failed(kind, what) => {
            failure.kind = *kind;
            failure.reason = said(what, &failure.reason);
            Entry::Failed(failure)
        }
    }
}
