//! Files that a run itself writes.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// After this many consecutive runs that change a file, the file counts as written by the run.
const RUNS: usize = 2;

/// Separates files that the user saves from files that a run writes. Otherwise a model that writes
/// into its package would be run forever.
#[derive(Debug, Default)]
pub(crate) struct OwnWrites(BTreeMap<PathBuf, usize>);

impl OwnWrites {
    /// The changed files that start another run. Calls `silenced` for each file that no longer
    /// does.
    pub(crate) fn filter(
        &mut self,
        changed: Vec<PathBuf>,
        mut silenced: impl FnMut(&PathBuf),
    ) -> Vec<PathBuf> {
        self.0.retain(|path, _| changed.contains(path));
        let mut left = Vec::new();
        for path in changed {
            let count = self.0.entry(path.clone()).or_default();
            *count += 1;
            if *count <= RUNS {
                left.push(path);
            } else if *count == RUNS + 1 {
                silenced(&path);
            }
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_every_run_changes_calls_for_no_more_runs() {
        let mut noise = OwnWrites::default();
        let mut silenced = Vec::new();
        let file = || vec![PathBuf::from("out.txt")];
        let left: Vec<usize> = (0..5)
            .map(|_| noise.filter(file(), |path| silenced.push(path.clone())).len())
            .collect();
        assert_eq!(left, [1, 1, 0, 0, 0]);
        assert_eq!(silenced, file());
        assert!(noise.filter(Vec::new(), |_| {}).is_empty());
        assert_eq!(noise.filter(file(), |_| {}), file(), "a run without it starts again");
    }
}
