//! `--deny` of the verbs that replay or examine cases.

use athena_protocol::Exit;

use crate::advice::record_first;
use crate::catalog::{Catalog, list};
use crate::cli;
use crate::display::plural;
use crate::error::{Error, Result};
use crate::finding_kind::FindingKind;
use crate::gaps::{Gap, GapKind};
use crate::session::Session;
use crate::style::Style;

/// Rejects contradictory flags.
pub(super) fn check(verb: &cli::TestVerb, session: &Session) -> Result<()> {
    if verb.allow_orphans && denies(&verb.deny, FindingKind::Orphans) {
        return Err(Error::usage("--deny orphans and --allow-orphans contradict each other")
            .help("remove one of them; orphans fail by default"));
    }
    judgeable(&verb.deny, session)
}

/// Orphans, and what is not built or linked, can't be judged if models may be missing.
pub(super) fn judgeable(deny: &[FindingKind], session: &Session) -> Result<()> {
    if !session.workspace.narrowed {
        return Ok(());
    }
    let judged = [FindingKind::Orphans, FindingKind::Unbuilt, FindingKind::Unlinked];
    let Some(kind) = judged.into_iter().find(|kind| denies(deny, *kind)) else { return Ok(()) };
    Err(Error::usage(format!(
        "--deny {} needs every runner, but flags select targets",
        kind.name()
    ))
    .help("remove --bin, --example, --test and similar flags"))
}

/// Whether a kind is denied, by itself or with all others.
pub(super) fn denies(deny: &[FindingKind], kind: FindingKind) -> bool {
    deny.iter().any(|one| [kind, FindingKind::All].contains(one))
}

/// Whether the catalog must count cases.
pub(super) fn counts(verb: &cli::TestVerb) -> bool {
    denies(&verb.deny, FindingKind::Uncovered)
}

/// The exit of a replay. What is denied and was found is reported and fails it. Neither filters nor
/// partitions hide a finding: cases were counted when models were listed, and `gaps` are all gaps.
pub(super) fn judge(
    verb: &cli::TestVerb,
    catalog: &Catalog,
    gaps: &[Gap],
    exit: Exit,
    style: Style,
) -> Exit {
    Exit::worst([exit, uncovered(verb, catalog, style), missing(&verb.deny, gaps, style)])
}

fn uncovered(verb: &cli::TestVerb, catalog: &Catalog, style: Style) -> Exit {
    if !counts(verb) {
        return Exit::Success;
    }
    let bare: Vec<&str> = catalog
        .models
        .iter()
        .filter(|model| model.info.cases == 0)
        .map(|model| model.info.id.as_str())
        .collect();
    let Some(first) = bare.first() else { return Exit::Success };
    let error = Error::failure(format!("models without cases are denied: {}", list(&bare)))
        .help(record_first(Some(*first)));
    error.print(style);
    error.exit()
}

/// The exit of a replay. If comparisons that can't fail are denied, they are reported and fail it.
pub(super) fn vacuous(deny: &[FindingKind], notes: &[String], exit: Exit, style: Style) -> Exit {
    if notes.is_empty() || !denies(deny, FindingKind::Vacuous) {
        return exit;
    }
    let count = plural(notes.len() as u64, "comparison");
    let error = Error::failure(format!("comparisons that can't fail are denied: {count} found"));
    error.print(style);
    Exit::worst([exit, error.exit()])
}

/// Reports what is not built or not linked, if that is denied.
pub(super) fn missing(deny: &[FindingKind], gaps: &[Gap], style: Style) -> Exit {
    let kinds = [
        (
            FindingKind::Unbuilt,
            GapKind::Unbuilt,
            "targets that are not built are denied",
            "turn on their features, or leave them out for good: \
             [package.metadata.athena] targets = [\"the\", \"others\"]",
        ),
        (
            FindingKind::Unlinked,
            GapKind::Unlinked,
            "models that no program links are denied",
            "name their library in a runner: athena_rt::main!(library); \
             or add a runner: cargo athena init -p PACKAGE",
        ),
    ];
    let mut exit = Exit::Success;
    for (kind, of_gap, message, help) in kinds {
        // Settings of the manifest leave a target out on purpose, but not its cases.
        let found = gaps.iter().filter(|gap| gap.kind == of_gap);
        let found: Vec<&str> = found.map(|gap| gap.subject.as_str()).collect();
        if denies(deny, kind) && !found.is_empty() {
            let error = Error::failure(format!("{message}: {}", list(&found))).help(help);
            error.print(style);
            exit = Exit::worst([exit, error.exit()]);
        }
    }
    exit
}
