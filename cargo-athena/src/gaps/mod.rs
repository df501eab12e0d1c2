//! What a run does not replay, and why: packages and targets that are left out, models that no
//! program links. A case that belongs to nothing of this kind is an orphan, which fails the run.
//!
//! - [`folders`] reads which cases exist.
//! - [`find`] gives each case without a model its reason.
//! - [`sources`] looks into source files, for models that no program links.
//! - [`code`] leaves out comments and texts.
//! - [`tested`] knows what plain `cargo test` leaves out.

mod code;
mod find;
mod folders;
mod sources;
mod tested;

use serde::{Deserialize, Serialize};

pub(crate) use self::find::{GapSearch, Gaps};
pub(crate) use self::folders::{case_names, ids_with_cases};
pub(crate) use self::sources::{has_models, source_files};
pub(crate) use self::tested::untested_models;
use crate::catalog::list;
use crate::console::print_status;
use crate::display::plural;
use crate::style::Style;

/// The most gaps with a line of their own.
const LINES: usize = 20;

/// The reason of a package without linked models.
const UNLINKED_PACKAGE: &str = "has models that no program links";

/// Something that could have models or cases and is not replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Gap {
    pub(crate) kind: GapKind,
    /// The target, package or file: "bin `server` of package `compute`".
    pub(crate) subject: String,
    /// What is the matter with it: "is not built: it needs --features server".
    pub(crate) reason: String,
    /// The models whose cases are not replayed because of that.
    pub(crate) models: Vec<String>,
    /// The number of their cases.
    pub(crate) cases: u64,
}

/// The kind of a gap.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum GapKind {
    /// A target that features or the manifest leave out.
    #[default]
    Unbuilt,
    /// Models that no program links.
    Unlinked,
    /// A package or target that the command line leaves out.
    Unselected,
}

impl Gap {
    /// The gap on one line.
    pub(crate) fn to_line(&self) -> String {
        let Self { subject, reason, .. } = self;
        match self.cases {
            0 => format!("{subject} {reason}"),
            cases => format!(
                "{subject} {reason}; not replayed: {} of {}",
                plural(cases, "case"),
                list(&self.models)
            ),
        }
    }
}

/// The counts of gaps, for the last line of a run: `; 3 cases not replayed, 1 target not built`.
pub(crate) fn summary(gaps: &[Gap]) -> String {
    let cases: u64 = gaps.iter().map(|gap| gap.cases).sum();
    let of_kind = |kind: GapKind| gaps.iter().filter(|gap| gap.kind == kind).count();
    let counts = [
        (plural(cases, "case"), "not replayed", cases > 0),
        (plural(of_kind(GapKind::Unbuilt), "target"), "not built", of_kind(GapKind::Unbuilt) > 0),
        (
            plural(of_kind(GapKind::Unlinked), "source"),
            "not linked",
            of_kind(GapKind::Unlinked) > 0,
        ),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(_, _, is_some)| *is_some)
        .map(|(count, what, _)| format!("{count} {what}"))
        .collect();
    if counts.is_empty() { String::new() } else { format!("; {}", counts.join(", ")) }
}

/// Prints a line per gap. The catalog of models has warned of whole packages that nothing links.
pub(crate) fn print_notes(gaps: &[Gap], style: Style) {
    let is_new = |gap: &&Gap| gap.kind != GapKind::Unlinked || gap.reason != UNLINKED_PACKAGE;
    let gaps: Vec<&Gap> = gaps.iter().filter(is_new).collect();
    for gap in gaps.iter().take(LINES) {
        print_status(&format!("{} {}", style.note("note:"), gap.to_line()));
    }
    if gaps.len() > LINES {
        print_status(&format!(
            "{} .. and {}",
            style.note("note:"),
            plural(gaps.len() - LINES, "more such target or package")
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_cases_targets_and_sources() {
        let gap = |kind, cases| Gap { kind, cases, ..Gap::default() };
        assert_eq!(summary(&[]), "");
        assert_eq!(summary(&[gap(GapKind::Unselected, 2)]), "; 2 cases not replayed");
        assert_eq!(
            summary(&[
                gap(GapKind::Unselected, 2),
                gap(GapKind::Unbuilt, 1),
                gap(GapKind::Unbuilt, 0),
                gap(GapKind::Unlinked, 0)
            ]),
            "; 3 cases not replayed, 2 targets not built, 1 source not linked"
        );
    }
}
