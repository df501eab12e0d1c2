//! Writes recorded cases.

use std::path::Path;

use crate::align::aligned;
use crate::diff;
use crate::differences::differences;
use athena_cases::case::{Case, CaseOutcome, NewCase};
use athena_cases::store::Written;
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

/// An outcome on one line.
pub(super) fn outcome_line(outcome: &CaseOutcome) -> String {
    let mut parts = outcome.messages.clone();
    parts.extend(outcome.error.as_ref().map(|error| format!("{}: {}", error.kind, error.message)));
    escape_line(&truncate(&parts.join(", "), OUTCOME)).into_owned()
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

/// Cases that are not replaced: the first ones with the reason, and their number.
#[derive(Default)]
pub(super) struct Refusals {
    first: Vec<String>,
    count: usize,
}

impl Refusals {
    pub(super) fn add(&mut self, refused: String) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(refused);
        }
    }

    /// Returns an error if there are any. `place` is what they are in.
    pub(super) fn check(&self, place: &str) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        let mut lines: Vec<&str> = self.first.iter().flat_map(|one| one.lines()).collect();
        let first = if lines.is_empty() { "" } else { lines.remove(0) };
        let more = format!(".. and {} more", self.count.saturating_sub(SHOWN));
        if self.count > SHOWN {
            lines.push(&more);
        }
        let error = Error::failure(format!("{place} is not changed: {first}"));
        let error = if lines.is_empty() { error } else { error.detail(&lines.join("\n")) };
        Err(error.help("replace what is recorded with --overwrite, or choose another name"))
    }
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
