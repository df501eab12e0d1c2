//! Files that a run itself writes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

/// After how many runs in a row a file that changes during each is taken for one that the run
/// writes.
const RUNS: usize = 2;

/// Tells files that somebody saves during a run from those that the run writes: without that, a
/// model that writes a file into its package would be run for ever.
#[derive(Debug, Default)]
pub(crate) struct OwnWrites(BTreeMap<PathBuf, usize>);

impl OwnWrites {
    /// Of the files that changed during a run, those that call for another. `silenced` is told of
    /// each that does no longer.
    pub(crate) fn filter(
        &mut self,
        changed: Vec<PathBuf>,
        mut silenced: impl FnMut(&PathBuf),
    ) -> Vec<PathBuf> {
        self.0.retain(|path, _| changed.contains(path));
        let mut left = Vec::new();
        for path in changed {
            // Cargo writes it where it is not up to date.
            if path.file_name() == Some(OsStr::new("Cargo.lock")) {
                continue;
            }
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
        assert_eq!(noise.filter(file(), |_| {}), file(), "a run without it starts anew");
    }

    #[test]
    fn cargos_own_file_calls_for_none() {
        let changed = vec![PathBuf::from("/w/Cargo.lock")];
        assert!(OwnWrites::default().filter(changed, |_| {}).is_empty());
    }
}
