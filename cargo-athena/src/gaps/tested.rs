//! What plain `cargo test` does not replay.

use crate::catalog::Catalog;
use crate::target::Target;

/// The models among these ids that no target links which plain `cargo test` runs, each with a target
/// that links it.
pub(crate) fn untested_models<'c>(
    catalog: &'c Catalog,
    ids: &[&'c str],
) -> Vec<(&'c str, &'c Target)> {
    let mut untested = Vec::new();
    for &id in ids {
        let mut targets = catalog
            .runners
            .iter()
            .enumerate()
            .filter(|(at, _)| catalog.is_linked(*at, id))
            .map(|(_, runner)| &runner.target);
        if let Some(first) = targets.next()
            && !first.is_tested
            && !targets.any(|target| target.is_tested)
        {
            untested.push((id, first));
        }
    }
    untested
}

impl Target {
    /// What to do so that plain `cargo test` replays the cases of the models in this target.
    pub(crate) fn advice(&self) -> String {
        format!("set `test = true` for {} in its Cargo.toml", self.describe())
    }
}
