//! Classifies every case, writes it to a part of the report, and counts.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use athena_protocol::{Entry, Failure, FailureKind, JsonText, Names};

use super::observations::{CaseStatus, CaseWithout, ObservedCases, outcome};
use super::programs::Programs;
use crate::display::plural;
use crate::error::{Error, Result};
use crate::report::{ByModel, Comparison, ComparisonCounts, ModelChanges};
use crate::runner_results::read_entries;

/// Classifies cases one by one.
pub(super) struct CaseClassifier<'a> {
    cases: ObservedCases,
    /// The models of the cases whose outcome on the base is not the recorded one, by name.
    stale: BTreeMap<String, String>,
    /// The file of messages that replaces the cases' files.
    file: Option<&'a str>,
    base: String,
    part: PathBuf,
    out: BufWriter<File>,
    counts: BTreeMap<String, ModelChanges>,
    unstable: ByModel,
}

impl<'a> CaseClassifier<'a> {
    pub(super) fn new(
        cases: ObservedCases,
        stale: BTreeMap<String, String>,
        programs: &'a Programs<'a>,
        part: &Path,
    ) -> Result<Self> {
        let out = File::create(part).map_err(|error| Error::unwritable(part, error))?;
        Ok(Self {
            cases,
            stale,
            file: programs.inputs.file.as_deref(),
            base: programs.baseline.rev().to_owned(),
            part: part.to_owned(),
            out: BufWriter::with_capacity(256 << 10, out),
            counts: BTreeMap::new(),
            unstable: ByModel::default(),
        })
    }

    /// Reads where the outcomes of base and head differ.
    pub(super) fn read(&mut self, differences: &Path) -> Result<()> {
        for entry in read_entries(differences)? {
            match entry? {
                Entry::Failed(failure) if self.is_settled(&failure.name) => {
                    self.count(&failure.model).changed += 1;
                    self.write_failure(failure)?;
                }
                Entry::Passed(names) => self.unchanged(names)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Classifies the cases that can't be compared, and counts all. `heads` are the observations of
    /// head.
    pub(super) fn finish(mut self, heads: &[&Path]) -> Result<Comparison> {
        let both = self.cases.count_of_both();
        let mut stale = ByModel::default();
        for (name, model) in std::mem::take(&mut self.stale) {
            if self.cases.status(&name) != CaseStatus::Unknown {
                stale.add(names(&model, &name));
                self.changes(&model).stale_on_base += 1;
            }
        }
        let mut passing = HashMap::new();
        let mut skipped = ByModel::default();
        for (name, case, status) in std::mem::take(&mut self.cases).into_others() {
            let names = || names(&case.model, &name);
            match status {
                CaseStatus::Both | CaseStatus::Unknown => {}
                CaseStatus::FailingOnBoth => {
                    self.count(&case.model).failing_on_both += 1;
                    skipped.add(names());
                }
                CaseStatus::Unstable => {
                    self.count(&case.model).unstable += 1;
                    self.unstable.add(names());
                    skipped.add(names());
                }
                CaseStatus::Broken => {
                    self.count(&case.model).broken += 1;
                    if let Some(failure) = case.failure {
                        self.write_failure(*failure)?;
                    }
                }
                CaseStatus::NewlyFailing => {
                    self.count(&case.model).newly_failing += 1;
                    self.write_failure(newly_failing(name, case))?;
                }
                CaseStatus::NewlyPassing => {
                    self.count(&case.model).newly_passing += 1;
                    passing.insert(name, case);
                }
            }
        }
        self.newly_passing(&mut passing, heads)?;
        for names in skipped.sorted() {
            self.write(&Entry::Skipped(names))?;
        }
        self.out.flush().map_err(|error| Error::unwritable(&self.part, error))?;
        let mut counts = ComparisonCounts::default();
        for model in self.counts.values() {
            counts.add(&model.counts);
        }
        let compared = counts.changed + counts.unchanged;
        if compared != both {
            let error =
                format!("{compared} of {} with two outcomes were compared", plural(both, "case"));
            return Err(Error::failure(error).help("this is a bug; please report it"));
        }
        let is_listed = |model: &ModelChanges| {
            model.counts.unchanged < model.counts.cases() || model.stale_on_base > 0
        };
        Ok(Comparison {
            counts,
            models: self.counts.into_values().filter(is_listed).collect(),
            stale_on_base: stale.sorted(),
            unstable: self.unstable.sorted(),
            ..Comparison::default()
        })
    }

    /// Cases with equal outcomes, except those that are unstable.
    fn unchanged(&mut self, mut names: Names) -> Result<()> {
        let model = names.model.clone();
        names.cases.retain(|case| self.is_settled(&format!("{model}::{case}")));
        self.count(&model).unchanged += names.cases.len() as u64;
        if names.cases.is_empty() { Ok(()) } else { self.write(&Entry::Passed(names)) }
    }

    fn is_settled(&self, name: &str) -> bool {
        self.cases.status(name) == CaseStatus::Both
    }

    /// Cases that have an outcome only on head.
    fn newly_passing(
        &mut self,
        cases: &mut HashMap<String, CaseWithout>,
        heads: &[&Path],
    ) -> Result<()> {
        if cases.is_empty() {
            return Ok(());
        }
        for head in heads {
            for entry in read_entries(head)? {
                let Entry::Observed(seen) = entry? else { continue };
                let Some(case) = cases.remove(&seen.name) else { continue };
                let reason = case.reason.unwrap_or_else(|| "it was not run".to_owned());
                let reason = format!("newly passing: on {}: {}", self.base, reworded(&reason));
                let now = seen.outcome.as_deref().and_then(outcome);
                let failure = failure(seen.name, seen.model, FailureKind::Differs, reason);
                let (file, line) = (seen.file, seen.line);
                self.write_failure(Failure { file, line, now, ..failure })?;
            }
        }
        Ok(())
    }

    fn write_failure(&mut self, mut failure: Failure) -> Result<()> {
        if let Some(file) = self.file {
            file.clone_into(&mut failure.file);
        }
        self.write(&Entry::Failed(failure))
    }

    fn write(&mut self, entry: &Entry) -> Result<()> {
        serde_json::to_writer(&mut self.out, entry)
            .map_err(std::io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|error| Error::unwritable(&self.part, error))
    }

    fn count(&mut self, model: &str) -> &mut ComparisonCounts {
        &mut self.changes(model).counts
    }

    fn changes(&mut self, model: &str) -> &mut ModelChanges {
        self.counts
            .entry(model.to_owned())
            .or_insert_with(|| ModelChanges { model: model.to_owned(), ..ModelChanges::default() })
    }
}

fn newly_failing(name: String, case: CaseWithout) -> Failure {
    let mut failure = match case.failure {
        Some(failure) => *failure,
        None => failure(name, case.model, FailureKind::Crashed, "it was not run".to_owned()),
    };
    failure.reason = format!("newly failing: {}", reworded(&failure.reason));
    failure.recorded = case.before.filter(JsonText::has_members);
    failure
}

fn failure(name: String, model: String, kind: FailureKind, reason: String) -> Failure {
    Failure {
        name,
        model,
        label: None,
        kind,
        file: String::new(),
        line: 1,
        reason,
        differences: Vec::new(),
        env: None,
        input: None,
        left_out: 0,
        recorded: None,
        now: None,
        digest: String::new(),
        printed: String::new(),
        micros: 0,
    }
}

/// Rewords a reason that mentions the recording, which may belong to the other program.
fn reworded(reason: &str) -> String {
    reason
        .replace("the recorded message can't be read", "it can't read the message")
        .replace("the recorded environment can't be read", "it can't read the environment")
        // As runners of older versions have it.
        .replace("the recorded message no longer reads", "it can't read the message")
        .replace("the recorded environment no longer reads", "it can't read the environment")
}

fn names(model: &str, name: &str) -> Names {
    let case = name.strip_prefix(model).and_then(|rest| rest.strip_prefix("::")).unwrap_or(name);
    Names { model: model.to_owned(), cases: vec![case.to_owned()], ..Names::default() }
}
