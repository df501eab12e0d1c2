//! The rows of a model, one function per kind of finding.

use athena_protocol::{Finding, MessageSide, Unseen};

use crate::display::{ellipsize, escape, plural};

/// The most names in a row.
const MOST_NAMES: usize = 8;

/// The most groups of duplicates.
const MAX_DUPLICATE_GROUPS: usize = 3;

/// The longest name or reason, in characters.
const LONGEST: usize = 300;

/// A label and a text.
pub(crate) type LabelledRow = (&'static str, String);

/// One row per comparison that can't fail.
pub(super) fn vacuous(its: &[&Finding]) -> Vec<LabelledRow> {
    let rows = its.iter().filter_map(|finding| {
        let Finding::Vacuous { path, reason, .. } = finding else { return None };
        let place = if path.is_empty() { String::new() } else { format!("{path}: ") };
        Some(("vacuous", display_text(&format!("{place}{reason}"))))
    });
    rows.collect()
}

/// One row per group of equal cases.
pub(super) fn duplicates(its: &[&Finding]) -> Vec<LabelledRow> {
    let mut rows = Vec::new();
    for finding in its {
        let Finding::Duplicates { groups, left_out, .. } = finding else { continue };
        for group in groups.iter().take(MAX_DUPLICATE_GROUPS) {
            let shown: Vec<&str> = group.cases.iter().take(4).map(String::as_str).collect();
            let more = group.left_out + (group.cases.len() - shown.len()) as u64;
            rows.push(("duplicates", escape(&and_more(&shown.join(" = "), " = ", more))));
        }
        let more = left_out + groups.len().saturating_sub(MAX_DUPLICATE_GROUPS) as u64;
        if more > 0 {
            rows.push((
                "duplicates",
                format!("and {}; --format json lists them", plural(more, "more group")),
            ));
        }
    }
    rows
}

/// Unseen values: one row per enum, and one row for all fields with the same finding.
pub(super) fn unseen(its: &[&Finding]) -> Vec<LabelledRow> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for finding in its {
        let Finding::Unseen { side, path, what, .. } = finding else { continue };
        let side = match side {
            MessageSide::Input => "input",
            MessageSide::Output => "output",
        };
        let path = display_text(if path.is_empty() { "/" } else { path });
        let (title, name) = match what {
            Unseen::Error(kind) => {
                rows.push((format!("{side} is never an error"), vec![display_text(kind)]));
                continue;
            }
            Unseen::Variants(names) => {
                rows.push((format!("{side} {path}"), vec![format!("never {}", join_names(names))]));
                continue;
            }
            Unseen::Value(value) => (format!("{side} only {}", !value), path),
            Unseen::Set => (format!("{side} never set"), path),
            Unseen::Present => (format!("{side} never present"), path),
            Unseen::Items => (format!("{side} always empty"), path),
            Unseen::Absent => (format!("{side} always present"), path),
        };
        match rows.iter_mut().find(|(known, _)| *known == title) {
            Some((_, names)) => names.push(name),
            None => rows.push((title, vec![name])),
        }
    }
    rows.into_iter()
        .map(|(title, names)| ("unseen", format!("{title}: {}", join_names(&names))))
        .collect()
}

/// Joins names. Only the first ones are listed.
pub(super) fn join_names(names: &[String]) -> String {
    let shown = names.iter().take(MOST_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
    and_more(&shown, " ", names.len().saturating_sub(MOST_NAMES) as u64)
}

fn and_more(shown: &str, glue: &str, more: u64) -> String {
    match more {
        0 => shown.to_owned(),
        more => format!("{shown}{glue}and {more} more"),
    }
}

/// A name or reason from a file on one safe line.
pub(super) fn display_text(text: &str) -> String {
    escape(&ellipsize(text, LONGEST)).replace("\nhelp: ", "; ").replace('\n', " ")
}
