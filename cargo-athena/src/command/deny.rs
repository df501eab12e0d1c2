//! `cargo athena test --deny`

use athena_protocol::Exit;

use crate::catalog::{Catalog, list};
use crate::cli;
use crate::error::{Error, Result};
use crate::finding_kind::FindingKind;
use crate::session::Session;
use crate::style::Style;

/// Rejects contradictory flags.
pub(super) fn check(verb: &cli::TestVerb, session: &Session) -> Result<()> {
    if verb.allow_orphans && verb.deny.contains(&FindingKind::Orphans) {
        return Err(Error::usage("--deny orphans and --allow-orphans contradict each other")
            .help("remove one of them; orphans fail by default"));
    }
    judgeable(&verb.deny, session)
}

/// Orphans can't be judged if models may be missing.
pub(super) fn judgeable(deny: &[FindingKind], session: &Session) -> Result<()> {
    if deny.contains(&FindingKind::Orphans) && session.workspace.narrowed {
        return Err(Error::usage("--deny orphans needs every runner, but flags select targets")
            .help("remove --bin, --example, --test and similar flags"));
    }
    Ok(())
}

/// Whether the catalog must count cases.
pub(super) fn counts(verb: &cli::TestVerb) -> bool {
    verb.deny.contains(&FindingKind::Uncovered)
}

/// The exit of a replay. If models without cases are denied, they are reported and fail it. Their
/// cases were counted when models were listed, so neither filters nor partitions hide a case.
pub(super) fn uncovered(verb: &cli::TestVerb, catalog: &Catalog, exit: Exit, style: Style) -> Exit {
    if !counts(verb) {
        return exit;
    }
    let bare: Vec<&str> = catalog
        .models
        .iter()
        .filter(|model| model.info.cases == 0)
        .map(|model| model.info.id.as_str())
        .collect();
    let Some(first) = bare.first() else { return exit };
    let error = Error::failure(format!("models without cases are denied: {}", list(&bare)))
        .help(format!("record one: cargo athena record {first}"));
    error.print(style);
    Exit::worst([exit, error.exit()])
}
