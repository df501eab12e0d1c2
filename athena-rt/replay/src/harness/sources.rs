//! The files and suites that hold cases.

use std::path::PathBuf;

use super::messages::BatchSource;
use athena_cases::layout::Stem;
use athena_cases::suite::SuiteIndex;

/// Cases of one model, from its folder's files or from one suite.
pub(super) struct CaseSource {
    pub(super) model: String,
    pub(super) kind: SourceKind,
}

pub(super) enum SourceKind {
    Files { folder: PathBuf, stems: Vec<Stem> },
    Suite { path: PathBuf, stem: Stem, lines: SuiteIndex },
}

impl CaseSource {
    /// The number of its cases.
    pub(super) fn len(&self) -> usize {
        match &self.kind {
            SourceKind::Files { stems, .. } => stems.len(),
            SourceKind::Suite { lines, .. } => lines.len(),
        }
    }

    /// The name of one: model id, `::`, file, and for a suite `/` and the case.
    pub(super) fn name(&self, index: usize) -> String {
        match &self.kind {
            SourceKind::Files { stems, .. } => format!("{}::{}", self.model, stems[index]),
            SourceKind::Suite { stem, lines, .. } => {
                format!("{}::{stem}/{}", self.model, lines.get(index).name)
            }
        }
    }

    /// The file of one, and the line in it.
    pub(super) fn place(&self, index: usize) -> (PathBuf, usize) {
        match &self.kind {
            SourceKind::Files { folder, stems } => (stems[index].case_file(folder), 1),
            SourceKind::Suite { path, lines, .. } => (path.clone(), lines.get(index).number),
        }
    }

    /// Where these of its cases are.
    pub(super) fn batch(&self, indices: &[usize]) -> BatchSource {
        match &self.kind {
            SourceKind::Files { folder, stems } => BatchSource::Files {
                folder: folder.clone(),
                stems: indices.iter().map(|&index| stems[index].to_string()).collect(),
            },
            SourceKind::Suite { path, stem, lines } => {
                let first = lines.get(indices.first().copied().unwrap_or_default());
                let last = lines.get(indices.last().copied().unwrap_or_default());
                let is_gapless = last.number - first.number + 1 == indices.len();
                BatchSource::Suite {
                    path: path.clone(),
                    stem: stem.to_string(),
                    offset: first.offset,
                    length: usize::try_from(last.offset - first.offset).unwrap_or(usize::MAX)
                        + last.length,
                    first: first.number,
                    count: indices.len(),
                    lines: (!is_gapless)
                        .then(|| indices.iter().map(|&index| lines.get(index).number).collect()),
                }
            }
        }
    }
}
