//! The results of all parts of a round, merged in their order.

use super::corpus::Corpus;
use super::round::{Finding, RoundResult};

/// What the search has found so far.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    pub(crate) corpus: Corpus,
    pub(crate) findings: Vec<Finding>,
    pub(crate) runs: u64,
}

/// Adds the results of a round. Returns whether anything was new.
pub(crate) fn merge(merged: &mut Merged, results: impl IntoIterator<Item = RoundResult>) -> bool {
    let mut is_new = false;
    for result in results {
        merged.runs += result.runs;
        for finding in result.findings {
            finding.add_to(&mut merged.findings);
        }
        for entry in result.kept {
            is_new |= merged.corpus.add(entry) == Some(true);
        }
    }
    is_new
}
