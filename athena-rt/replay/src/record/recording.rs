//! The files of one recording: added to what is written together, and reported afterwards.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use athena_protocol::RecordSummary;
use athena_protocol::files::Transaction;

use super::merge::{MergedSuite, merge};
use super::new_lines::NewLines;
use super::write::{self, ReplacePolicy};
use athena_cases::case::NewCase;
use athena_cases::environments::ResolvedEnvironment;
use athena_cases::layout::{self, Stem};
use athena_cases::store::{self, Written};
use athena_core::context::Context;
use athena_core::display;
use athena_core::error::Result;
use athena_core::registry::Entry;
use athena_core::stdio::print_stderr;
use athena_core::style::Style;

/// The new cases under one environment.
pub(super) enum NewCases {
    /// Lines of a suite, which may be very many.
    Suite(NewLines),
    /// Case files, with their names.
    Files(Vec<(String, NewCase)>),
}

impl NewCases {
    pub(super) fn add(&mut self, name: String, case: NewCase) -> Result<()> {
        match self {
            Self::Suite(lines) => lines.add(&name, &case),
            Self::Files(cases) => {
                cases.push((name, case));
                Ok(())
            }
        }
    }
}

/// The files of one recording. They are written together.
pub(super) struct Recording<'a> {
    context: &'a Context<'a>,
    entry: &'a Entry,
    policy: ReplacePolicy,
    pub(super) transaction: Transaction,
    pub(super) summary: RecordSummary,
    written: Vec<WrittenCases>,
}

/// What to report of a file when it is written.
pub(super) enum WrittenCases {
    Case {
        written: Written,
        name: String,
        path: PathBuf,
        old: Option<String>,
        new: String,
        outcome: String,
    },
    Suite(Vec<String>),
}

impl WrittenCases {
    pub(super) fn report(&self, context: &Context<'_>) {
        match self {
            Self::Case { written, name, path, old, new, outcome } => {
                let old = old.as_deref();
                write::report_written(context, *written, name, path, old, new, outcome);
            }
            Self::Suite(_) if context.quiet => {}
            Self::Suite(lines) => {
                for line in lines {
                    print_stderr(line);
                }
            }
        }
    }
}

impl<'a> Recording<'a> {
    /// Begins to write, alone. `overwrite`: the user allows every replacement.
    pub(super) fn begin(
        context: &'a Context<'a>,
        entry: &'a Entry,
        overwrite: bool,
    ) -> Result<Self> {
        let (output, paint) = (entry.model.output_type(), Style(context.color));
        Ok(Self {
            context,
            entry,
            policy: ReplacePolicy { output, overwrite, paint },
            transaction: store::begin(context.fixtures)?,
            summary: RecordSummary::default(),
            written: Vec::new(),
        })
    }

    /// Writes the files, and returns what is to be reported.
    pub(super) fn commit(self) -> Result<(RecordSummary, Vec<WrittenCases>)> {
        store::commit(self.transaction)?;
        Ok((self.summary, self.written))
    }

    pub(super) fn add_cases(
        &mut self,
        chosen: &ResolvedEnvironment,
        recordings: &[(String, NewCase)],
    ) -> Result<()> {
        let folder = layout::folder(self.context.fixtures, &self.entry.id);
        let mut names: HashMap<&str, &NewCase> = HashMap::new();
        for (name, recording) in recordings {
            let stem = Stem::new(name, chosen.name.as_deref())?;
            let (path, mut new) = (stem.case_file(&folder), recording.to_file()?);
            match names.insert(name, recording) {
                Some(before) if before.is_same_call(recording) => {
                    // The same message was given twice.
                    count(&mut self.summary, Written::Unchanged);
                    continue;
                }
                Some(_) => return Err(write::same_name(name)),
                None => {}
            }
            let old = store::read(&path)?;
            if let Some(old) = old.as_ref().filter(|old| **old != new) {
                match self.policy.check(old, recording)? {
                    write::Replacement::Allowed => {}
                    write::Replacement::Needless => old.clone_into(&mut new),
                    write::Replacement::Refused(reason) => {
                        let mut refusals = write::Refusals::default();
                        refusals.add(reason);
                        refusals.check(&display::display_path(&path))?;
                    }
                }
            }
            self.transaction.write(&path, old.as_deref(), &new);
            let written = Written::new(old.as_deref(), &new);
            count(&mut self.summary, written);
            let name = format!("{}::{stem}", self.entry.id);
            let outcome = write::outcome_line(&recording.result);
            self.written.push(WrittenCases::Case { written, name, path, old, new, outcome });
        }
        Ok(())
    }

    /// Merges lines into a suite. `other` is the path of a temporary file.
    pub(super) fn add_suite(
        &mut self,
        chosen: &ResolvedEnvironment,
        suite: &str,
        lines: NewLines,
        other: &Path,
    ) -> Result<()> {
        let folder = layout::folder(self.context.fixtures, &self.entry.id);
        let stem = Stem::new_suite(suite, chosen.name.as_deref())?;
        let path = stem.suite_file(&folder);
        let (lines, rules) = (lines.finish()?, (self.entry, &self.policy));
        let MergedSuite { summary, duplicates, outcomes } =
            merge(&mut self.transaction, &path, lines, rules, other)?;
        let mut lines = vec![format!(
            "{}::{stem}: {} new, {} changed, {} as before ({})",
            self.entry.id,
            summary.created,
            summary.updated,
            summary.unchanged,
            display::display_path(&path)
        )];
        lines.extend(outcomes);
        if duplicates > 0 {
            let messages = display::plural(duplicates, "message");
            lines.push(format!("{messages} occurred more than once; each is recorded once"));
        }
        self.written.push(WrittenCases::Suite(lines));
        self.summary.created += summary.created;
        self.summary.updated += summary.updated;
        self.summary.unchanged += summary.unchanged;
        Ok(())
    }
}

pub(super) fn count(summary: &mut RecordSummary, written: Written) {
    match written {
        Written::Created => summary.created += 1,
        Written::Updated => summary.updated += 1,
        Written::Unchanged => summary.unchanged += 1,
    }
}
