//! Writes recorded cases.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use athena_protocol::RecordSummary;
use athena_protocol::files::Transaction;

use crate::diff;
use athena_cases::case::NewCase;
use athena_cases::store::{self, Written};
use athena_cases::suite::SuiteIndex;
use athena_core::context::Context;
use athena_core::display::{self, escape};
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;
use athena_core::style::Style;

/// Reports a case that was written, with the difference if it changed.
pub(super) fn report_written(
    context: &Context<'_>,
    written: Written,
    name: &str,
    path: &Path,
    old: Option<&str>,
    new: &str,
) {
    if context.quiet {
        return;
    }
    let word = match written {
        Written::Created => "recorded",
        Written::Updated => "changed",
        Written::Unchanged => "unchanged",
    };
    print_stderr(&format!("{word} {name} ({})", escape(&path.to_string_lossy())));
    if let (Written::Updated, Some(old)) = (written, old) {
        print_stderr(diff::lines(old, new, Style(context.color)).text.trim_end_matches('\n'));
    }
}

/// Cases that were merged into a suite.
pub(super) struct MergedSuite {
    pub(super) summary: RecordSummary,
    /// The number of cases that occurred more than once.
    pub(super) duplicates: u64,
}

/// Merges cases into a suite: a known name replaces the old line, a new one is appended. No case is
/// removed.
pub(super) fn merge(
    transaction: &mut Transaction,
    path: &Path,
    recordings: &[NewCase],
    replace: bool,
) -> Result<MergedSuite> {
    let old = store::read(path)?;
    let text = old.as_deref().unwrap_or_default();
    let known = match &old {
        Some(text) => SuiteIndex::scan(path, text)?,
        None => SuiteIndex::default(),
    };
    if let Some((line, reason)) = known.broken.first() {
        return Err(Error::usage(format!("{}:{line}: {reason}", display::display_path(path)))
            .help("nothing was changed: fix the suite first"));
    }
    let mut lines: Vec<String> = Vec::with_capacity(known.len() + recordings.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for line in known.iter() {
        let start = usize::try_from(line.offset).unwrap_or(usize::MAX);
        places.insert(line.name.to_owned(), lines.len());
        lines.push(text[start..start + line.length].to_owned());
    }
    let mut summary = RecordSummary::default();
    let mut given = HashSet::new();
    let mut duplicates = 0;
    for recording in recordings {
        let name = recording.hashed_name()?;
        if !given.insert(name.clone()) {
            duplicates += 1;
            continue;
        }
        let line = recording.to_line(&name)?;
        match places.get(&name) {
            Some(&at) if lines[at] == line => summary.unchanged += 1,
            Some(&at) => {
                let place = format!("{} in {}", name, display::display_path(path));
                refuse_other_call(&place, &lines[at], recording, replace)?;
                lines[at] = line;
                summary.updated += 1;
            }
            None => {
                lines.push(line);
                summary.created += 1;
            }
        }
    }
    let mut new = lines.join("\n");
    new.push('\n');
    transaction.write(path, old.as_deref(), &new);
    Ok(MergedSuite { summary, duplicates })
}

/// Refuses to replace a case by one of another message or environment, unless that is asked for.
pub(super) fn refuse_other_call(
    place: &str,
    old: &str,
    new: &NewCase,
    replace: bool,
) -> Result<()> {
    let Some(difference) = new.call_difference(old).filter(|_| !replace) else { return Ok(()) };
    Err(Error::usage(format!("{place}: {difference}"))
        .help("nothing was changed: choose another name, or replace the case with --replace"))
}
