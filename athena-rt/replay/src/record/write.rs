//! Recordings on their way to disk.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use athena_protocol::RecordSummary;

use crate::diff;
use athena_cases::case::Recording;
use athena_cases::store::{self, Written};
use athena_cases::suite::Lines;
use athena_core::context::Context;
use athena_core::display::{self, escape};
use athena_core::error::{Error, Result};
use athena_core::stdio::say;
use athena_core::style::Style;

/// Says what became of a case, with the difference where it changed.
pub(super) fn tell(
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
    say(&format!("{word} {name} ({})", escape(&path.to_string_lossy())));
    if let (Written::Updated, Some(old)) = (written, old) {
        say(diff::lines(old, new, Style(context.color)).text.trim_end_matches('\n'));
    }
}

/// Puts recordings into a suite: those of a known name in the place of the old, new ones at the
/// end. No case is removed. Also gives how many were given more than once.
pub(super) fn merge(path: &Path, recordings: &[Recording]) -> Result<(RecordSummary, u64)> {
    let old = store::read(path)?;
    let text = old.as_deref().unwrap_or_default();
    let known = Lines::scan(path, text)?;
    if let Some((line, reason)) = known.broken.first() {
        return Err(Error::usage(format!("{}:{line}: {reason}", display::display_path(path)))
            .help("mend the suite first: nothing was changed"));
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
    store::write(path, old.as_deref(), &new)?;
    Ok((summary, duplicates))
}
