//! Paths whose values differ between runs of one program. A change there is ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use athena_protocol::Entry;

use crate::error::Result;
use crate::report::UnstablePath;
use crate::runner_results::read_entries;

/// The number of cases by model and path.
#[derive(Debug, Default)]
pub(super) struct UnstablePaths(BTreeMap<String, BTreeMap<String, u64>>);

impl UnstablePaths {
    /// Adds the paths at which two runs of one program differ.
    pub(super) fn read(&mut self, differences: &Path) -> Result<()> {
        let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
        for entry in read_entries(differences)? {
            let Entry::Failed(failure) = entry? else { continue };
            let paths: BTreeSet<String> =
                failure.differences.into_iter().map(|difference| difference.path).collect();
            for path in paths {
                *found.entry((failure.model.clone(), path)).or_default() += 1;
            }
        }
        for ((model, path), cases) in found {
            let known = self.0.entry(model).or_default().entry(path).or_default();
            // The larger count of both programs.
            *known = cases.max(*known);
        }
        Ok(())
    }

    /// The paths in a request.
    pub(super) fn paths(&self) -> BTreeMap<String, Vec<String>> {
        let models = self.0.iter();
        models.map(|(model, paths)| (model.clone(), paths.keys().cloned().collect())).collect()
    }

    /// The paths in a report, without paths below other paths.
    pub(super) fn list(&self) -> Vec<UnstablePath> {
        let mut list = Vec::new();
        for (model, paths) in &self.0 {
            for (path, &cases) in paths {
                let is_below = |above: &String| {
                    let rest = path.strip_prefix(above.as_str());
                    !above.is_empty() && rest.is_some_and(|rest| rest.starts_with('/'))
                };
                if !paths.keys().any(is_below) {
                    list.push(UnstablePath { model: model.clone(), path: path.clone(), cases });
                }
            }
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_below_another_is_part_of_it() {
        let paths = ["", "/at", "/at/seconds", "/attempts"].map(|path| (path.to_owned(), 1));
        let unstable = UnstablePaths(BTreeMap::from([("m::f".to_owned(), BTreeMap::from(paths))]));
        let listed: Vec<_> = unstable.list().into_iter().map(|mask| mask.path).collect();
        assert_eq!(listed, ["", "/at", "/attempts"]);
    }
}
