//! The files and suites that hold cases.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

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
        let (file, case) = self.own_name(index);
        match case {
            None => [&self.model, "::", file].concat(),
            Some(case) => [&self.model, "::", file, "/", case].concat(),
        }
    }

    /// The name of one without its model: the file, and the case in a suite.
    pub(super) fn own_name(&self, index: usize) -> (&str, Option<&str>) {
        match &self.kind {
            SourceKind::Files { stems, .. } => (stems[index].as_str(), None),
            SourceKind::Suite { stem, lines, .. } => (stem.as_str(), Some(lines.get(index).name)),
        }
    }

    /// The file of one, and the line in it.
    pub(super) fn place(&self, index: usize) -> (Cow<'_, Path>, usize) {
        match &self.kind {
            SourceKind::Files { folder, stems } => (stems[index].case_file(folder).into(), 1),
            SourceKind::Suite { path, lines, .. } => (path.into(), lines.get(index).number),
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
