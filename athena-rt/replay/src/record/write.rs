//! Writes recorded cases.

use std::collections::HashMap;
use std::path::Path;

use athena_protocol::RecordSummary;
use athena_protocol::files::Transaction;

use crate::align::aligned;
use crate::diff;
use crate::differences::differences;
use athena_cases::case::{Case, CaseOutcome, NewCase};
use athena_cases::store::{self, Written};
use athena_cases::suite::SuiteIndex;
use athena_core::context::Context;
use athena_core::display::{self, escape_line, truncate};
use athena_core::error::{Error, Result};
use athena_core::stdio::print_stderr;
use athena_core::style::Style;
use athena_protocol::json::text;
use athena_structure::description::TypeDescription;

/// Reports a case that was written, with the difference if it changed.
pub(super) fn report_written(
    context: &Context<'_>,
    written: Written,
    name: &str,
    path: &Path,
    old: Option<&str>,
    new: &str,
    outcome: &str,
) {
    if context.quiet {
        return;
    }
    let word = match written {
        Written::Created => "recorded",
        Written::Updated => "changed",
        Written::Unchanged => "unchanged",
    };
    print_stderr(&format!("{word} {name} ({})", display::display_path(path)));
    match (written, old) {
        (Written::Updated, Some(old)) => {
            let changes = diff::lines(&laid_out(old), &laid_out(new), Style(context.color));
            print_stderr(changes.text.trim_end_matches('\n'));
        }
        (Written::Created, _) => print_stderr(&format!("  {outcome}")),
        _ => {}
    }
}

/// The maximum number of characters of an outcome on one line.
const OUTCOME: usize = 160;

/// The maximum number of new cases of a suite whose outcome is shown.
const SHOWN_OUTCOMES: usize = 5;

/// An outcome on one line.
pub(super) fn outcome_line(outcome: &CaseOutcome) -> String {
    let mut parts = outcome.messages.clone();
    parts.extend(outcome.error.as_ref().map(|error| format!("{}: {}", error.kind, error.message)));
    escape_line(&truncate(&parts.join(", "), OUTCOME)).into_owned()
}

/// Cases that were merged into a suite.
pub(super) struct MergedSuite {
    pub(super) summary: RecordSummary,
    /// The number of cases that occurred more than once.
    pub(super) duplicates: u64,
    /// The outcomes of the first new cases, one per line.
    pub(super) outcomes: Vec<String>,
}

/// Merges cases into a suite: a known name replaces the old line, a new one is appended. No case is
/// removed.
pub(super) fn merge(
    transaction: &mut Transaction,
    path: &Path,
    recordings: &[(String, NewCase)],
    policy: &ReplacePolicy,
) -> Result<MergedSuite> {
    let old = store::read(path)?;
    let text = old.as_deref().unwrap_or_default();
    let known = match &old {
        Some(text) => SuiteIndex::scan(path, text)?,
        None => SuiteIndex::default(),
    };
    if let Some((line, reason)) = known.broken.first() {
        return Err(Error::usage(format!("{}:{line}: {reason}", display::display_path(path)))
            .help("fix the suite first; nothing was changed"));
    }
    let mut lines: Vec<String> = Vec::with_capacity(known.len() + recordings.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for line in known.iter() {
        let start = usize::try_from(line.offset).unwrap_or(usize::MAX);
        places.insert(line.name.to_owned(), lines.len());
        lines.push(text[start..start + line.length].to_owned());
    }
    let mut summary = RecordSummary::default();
    let mut given: HashMap<&str, &NewCase> = HashMap::new();
    let mut duplicates = 0;
    let mut outcomes = Vec::new();
    let mut refused = Vec::new();
    for (name, recording) in recordings {
        match given.insert(name, recording) {
            Some(before) if before.is_same_call(recording) => {
                duplicates += 1;
                continue;
            }
            Some(_) => return Err(same_name(name)),
            None => {}
        }
        let line = recording.to_line(name)?;
        match places.get(name) {
            Some(&at) if lines[at] == line => summary.unchanged += 1,
            Some(&at) => match policy.check(&lines[at], recording)? {
                Replacement::Allowed => {
                    lines[at] = line;
                    summary.updated += 1;
                }
                Replacement::Needless => summary.unchanged += 1,
                Replacement::Refused(reason) => refused.push(format!("{name}: {reason}")),
            },
            None => {
                lines.push(line);
                summary.created += 1;
                if outcomes.len() < SHOWN_OUTCOMES {
                    outcomes.push(format!("  {name} -> {}", outcome_line(&recording.result)));
                }
            }
        }
    }
    if !refused.is_empty() {
        return Err(refusal(&display::display_path(path), &refused));
    }
    let mut new = lines.join("\n");
    new.push('\n');
    transaction.write(path, old.as_deref(), &new);
    let more = summary.created.saturating_sub(outcomes.len() as u64);
    if more > 0 {
        outcomes.push(format!("  .. and {more} more"));
    }
    Ok(MergedSuite { summary, duplicates, outcomes })
}

/// When a recorded case may be replaced.
pub(super) struct ReplacePolicy {
    pub(super) output: TypeDescription,
    /// Whether the user allows every replacement.
    pub(super) overwrite: bool,
    pub(super) paint: Style,
}

/// Whether a recorded case is replaced by a new one.
pub(super) enum Replacement {
    Allowed,
    /// Its outcome is equal: what differs is volatile or within its tolerance.
    Needless,
    /// Why not, with the differences.
    Refused(String),
}

impl ReplacePolicy {
    /// Compares a recorded case, by its text, with the new one of its name.
    pub(super) fn check(&self, old: &str, new: &NewCase) -> Result<Replacement> {
        if self.overwrite {
            return Ok(Replacement::Allowed);
        }
        if let Some(difference) = new.call_difference(old) {
            let shown = self.as_recorded(old, new);
            let new = shown.as_ref().unwrap_or(new);
            let changes = diff::lines(&laid_out(old), &laid_out(&new.to_file()?), self.paint);
            return Ok(Replacement::Refused(format!("{difference}\n{}", changes.text.trim_end())));
        }
        let recorded = match Case::parse(old, &new.model) {
            Ok(case) => case.recorded(new.result.many),
            Err((_, reason)) => return Ok(Replacement::Refused(reason)),
        };
        let found = differences(&self.output, &recorded, &new.result);
        if found.is_empty() {
            return Ok(Replacement::Needless);
        }
        let paths = diff::paths(&found, self.paint);
        Ok(Replacement::Refused(format!("the outcome has changed\n{}", paths.trim_end())))
    }

    /// The new case, with the recorded values where they are volatile or within their tolerance.
    fn as_recorded(&self, old: &str, new: &NewCase) -> Option<NewCase> {
        let case = Case::parse(old, &new.model).ok()?;
        let (_, result) = aligned(&self.output, &case.recorded(new.result.many), &new.result)?;
        Some(NewCase { result, ..new.clone() })
    }
}

fn laid_out(case: &str) -> String {
    let mut out = String::new();
    text::pretty(case.trim_end(), 0, &mut out);
    out
}

/// The maximum number of refused cases that are shown.
const SHOWN: usize = 5;

/// The error about cases that are not replaced.
pub(super) fn refusal(place: &str, refused: &[String]) -> Error {
    let mut lines: Vec<&str> = refused.iter().take(SHOWN).flat_map(|one| one.lines()).collect();
    let first = if lines.is_empty() { "" } else { lines.remove(0) };
    let more = format!(".. and {} more", refused.len().saturating_sub(SHOWN));
    if refused.len() > SHOWN {
        lines.push(&more);
    }
    let error = Error::failure(format!("{place} is not changed: {first}"));
    let error = if lines.is_empty() { error } else { error.detail(&lines.join("\n")) };
    error.help("replace what is recorded with --overwrite, or choose another name")
}

/// The error about two messages that get one name.
pub(super) fn same_name(name: &str) -> Error {
    Error::usage(format!("two messages with different content are named {name}"))
        .help("choose a field that differs with --name-from, or leave it out: a hash names each")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use athena_cases::case::CaseNotes;
    use athena_structure::description::{Field, Shape, StructureShape};

    use super::*;

    #[test]
    fn a_refusal_shows_what_changed_and_nothing_that_is_volatile() {
        let output = TypeDescription::new(|shapes| {
            shapes.structure("m::Total", |_| StructureShape {
                name: "Total",
                docs: "",
                open: false,
                reserved: &[],
                reserved_names: &[],
                fields: vec![
                    Field::new("at", 1, Shape::Text).volatile(),
                    Field::new("net", 2, Shape::Text),
                ],
            })
        });
        let policy = ReplacePolicy { output, overwrite: false, paint: Style(false) };
        let case = |input: &str, output: &str| NewCase {
            model: "m::f".to_owned(),
            env: BTreeMap::new(),
            input: input.to_owned(),
            result: CaseOutcome { many: false, messages: vec![output.to_owned()], error: None },
            generated: None,
            notes: CaseNotes::default(),
        };
        let old = case("1", r#"{"at":"x","net":"5"}"#).to_file().unwrap();
        for input in ["1", "2"] {
            let new = case(input, r#"{"at":"y","net":"6"}"#);
            let Replacement::Refused(reason) = policy.check(&old, &new).unwrap() else {
                panic!("it is refused")
            };
            assert!(reason.contains('6') && !reason.contains("\"y\""), "{reason}");
        }
    }
}
