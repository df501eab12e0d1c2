//! Merges new cases into a suite, of which memory holds no more than the names.

use std::path::Path;

use athena_protocol::RecordSummary;
use athena_protocol::files::{ContentWriter, KnownContent, StoredContent, Transaction};

use super::new_lines::FinishedLines;
use super::write::{Refusals, ReplacePolicy, Replacement, outcome_line};
use athena_cases::case::NewCase;
use athena_cases::line_reader::{LineReader, each_line};
use athena_cases::store;
use athena_cases::suite::{SuiteIndex, name_of};
use athena_cases::suite_lookup::SuiteLookup;
use athena_core::display;
use athena_core::error::{Error, Result, file_error};
use athena_core::registry::Entry;

/// The maximum number of new cases of a suite whose outcome is shown.
const SHOWN_OUTCOMES: usize = 5;

/// Cases that were merged into a suite.
#[derive(Default)]
pub(super) struct MergedSuite {
    pub(super) summary: RecordSummary,
    /// The number of cases that occurred more than once.
    pub(super) duplicates: u64,
    /// The outcomes of the first new cases, one per line.
    pub(super) outcomes: Vec<String>,
}

/// A line of the new cases.
#[derive(Clone, Copy)]
struct NewLine<'a> {
    name: &'a str,
    /// Without its end.
    text: &'a str,
    offset: u64,
}

/// An old line, by its position in the index, and the place of the new one that replaces it.
struct ReplacedLine {
    position: usize,
    offset: u64,
    length: usize,
}

/// Merges cases into a suite: a known name replaces the old line, a new one is appended. No case is
/// removed. `other` is a path for a temporary file, which is needed until the transaction is over.
pub(super) fn merge(
    transaction: &mut Transaction,
    path: &Path,
    new: FinishedLines,
    (entry, policy): (&Entry, &ReplacePolicy),
    other: &Path,
) -> Result<MergedSuite> {
    let before = KnownContent::of(path).map_err(file_error)?;
    let FinishedLines { content, duplicates } = new;
    let mut merged = MergedSuite { duplicates, ..MergedSuite::default() };
    let content = if before.exists() {
        Merge { path, entry, policy, merged: &mut merged }.into_suite(&content, other)?
    } else {
        each_new(content.path(), |line| merged.add_new(entry, line))?;
        content
    };
    transaction.write_stored(path, before, content);
    let more = merged.summary.created.saturating_sub(merged.outcomes.len() as u64);
    if more > 0 {
        merged.outcomes.push(format!("  .. and {more} more"));
    }
    Ok(merged)
}

struct Merge<'a> {
    path: &'a Path,
    entry: &'a Entry,
    policy: &'a ReplacePolicy,
    merged: &'a mut MergedSuite,
}

impl Merge<'_> {
    /// Writes the old lines and the new ones to the file `other`.
    fn into_suite(mut self, new: &StoredContent, other: &Path) -> Result<StoredContent> {
        let index = SuiteIndex::read(self.path)?;
        if let Some((line, reason)) = index.broken.first() {
            // A file of another encoding is named as such.
            store::read(self.path)?;
            let place = display::display_path(self.path);
            return Err(Error::usage(format!("{place}:{line}: {reason}"))
                .help("fix the suite first; nothing was changed"));
        }
        let mut old = LineReader::open(self.path)?;
        let (is_appended, mut replaced) = self.decide(&index, &mut old, new)?;
        let mut out = ContentWriter::create(other).map_err(file_error)?;
        let mut put =
            |line: &str| out.write(line).and_then(|()| out.write("\n")).map_err(file_error);
        replaced.sort_unstable_by_key(|line| line.position);
        let mut replaced = replaced.into_iter().peekable();
        let mut lines = LineReader::open(new.path())?;
        for (position, line) in index.iter().enumerate() {
            match replaced.next_if(|line| line.position == position) {
                Some(line) => put(&lines.read(line.offset, line.length)?)?,
                None => put(&old.read(line.offset, line.length)?)?,
            }
        }
        let mut is_appended = is_appended.into_iter();
        each_new(new.path(), |line| match is_appended.next() {
            Some(true) => put(line.text),
            _ => Ok(()),
        })?;
        out.finish().map_err(file_error)
    }

    /// Whether each new line is appended, and those that replace an old one.
    fn decide(
        &mut self,
        index: &SuiteIndex,
        old: &mut LineReader,
        new: &StoredContent,
    ) -> Result<(Vec<bool>, Vec<ReplacedLine>)> {
        let lookup = SuiteLookup::new(index);
        let (mut is_appended, mut replaced) = (Vec::new(), Vec::new());
        let mut refusals = Refusals::default();
        each_new(new.path(), |line| {
            let known = lookup.find(line.name);
            is_appended.push(known.is_none());
            let Some(position) = known else { return self.merged.add_new(self.entry, line) };
            let known = index.get(position);
            let known = old.read(known.offset, known.length)?;
            if self.replaces(line, &known, &mut refusals)? {
                let (offset, length) = (line.offset, line.text.len());
                replaced.push(ReplacedLine { position, offset, length });
            }
            Ok(())
        })?;
        refusals.check(&display::display_path(self.path))?;
        Ok((is_appended, replaced))
    }

    /// Whether a new line replaces the old one of its name.
    fn replaces(&mut self, new: NewLine<'_>, old: &str, refusals: &mut Refusals) -> Result<bool> {
        let summary = &mut self.merged.summary;
        if new.text == old {
            summary.unchanged += 1;
            return Ok(false);
        }
        match self.policy.check(old, &new.case(self.entry)?)? {
            Replacement::Allowed => {
                summary.updated += 1;
                return Ok(true);
            }
            Replacement::Needless => summary.unchanged += 1,
            Replacement::Refused(reason) => refusals.add(format!("{}: {reason}", new.name)),
        }
        Ok(false)
    }
}

impl MergedSuite {
    fn add_new(&mut self, entry: &Entry, line: NewLine<'_>) -> Result<()> {
        self.summary.created += 1;
        if self.outcomes.len() < SHOWN_OUTCOMES {
            let outcome = outcome_line(&line.case(entry)?.result);
            self.outcomes.push(format!("  {} -> {outcome}", line.name));
        }
        Ok(())
    }
}

impl NewLine<'_> {
    fn case(self, entry: &Entry) -> Result<NewCase> {
        NewCase::from_line(self.text, &entry.id, entry.model.source().many)
            .map_err(|reason| Error::failure(format!("a new case can't be read again: {reason}")))
    }
}

/// Calls `take` with each of the new lines.
fn each_new(path: &Path, mut take: impl FnMut(NewLine<'_>) -> Result<()>) -> Result<()> {
    each_line(path, |line, offset| {
        let text = line.trim_end_matches('\n');
        let name = name_of(text.as_bytes()).map_err(Error::failure)?;
        take(NewLine { name, text, offset })
    })
}
