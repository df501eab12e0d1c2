//! The findings of all runners together, and their counts.

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::{ExaminedModel, Finding};
use serde::Serialize;

use crate::finding_kind::FindingKind;
use crate::gaps::Gap;

/// The version of `--format json`. It increases when a reader could misread the new format.
pub(super) const VERSION: u32 = 1;

/// All findings, as `--format json` prints them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct DoctorReport {
    pub(crate) version: u32,
    /// The examined models, sorted by id.
    pub(crate) models: Vec<ExaminedModel>,
    /// Broken files, orphans and uncovered models first; then the findings of each model, most
    /// important first; then environments. Files are relative to the workspace.
    pub(crate) findings: Vec<Finding>,
    /// Files beside cases that are not read, relative to the workspace.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ignored: Vec<String>,
    /// What could have models or cases and was not examined.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) gaps: Vec<Gap>,
}

impl DoctorReport {
    /// Sorts the findings of several runners. A broken file that two runners report is kept once.
    pub(super) fn tidy(&mut self, root: &Path) {
        self.models.sort_by(|a, b| a.model.cmp(&b.model));
        let inside = |file: &str| {
            let inside = Path::new(file).strip_prefix(root).ok()?;
            Some(inside.to_string_lossy().into_owned())
        };
        for file in &mut self.ignored {
            *file = inside(file).unwrap_or_else(|| file.clone());
        }
        self.ignored.sort();
        self.ignored.dedup();
        for finding in &mut self.findings {
            if let Finding::Broken { file, .. }
            | Finding::Unused { file, .. }
            | Finding::Orphans { folder: file, .. } = finding
                && let Some(inside) = inside(file)
            {
                *file = inside;
            }
        }
        self.findings.sort_by(|a, b| place(a).cmp(&place(b)));
        self.findings
            .dedup_by(|later, first| matches!(first, Finding::Broken { .. }) && later == first);
    }
}

/// The sort key of a finding. Findings of one model keep the order of their runner.
fn place(finding: &Finding) -> (u8, &str, u64) {
    match finding {
        Finding::Broken { file, line, .. } => (0, file, *line),
        Finding::Orphans { model, .. } => (1, model, 0),
        Finding::Uncovered { model } => (2, model, 0),
        Finding::Vacuous { model, .. }
        | Finding::Undeclared { model, .. }
        | Finding::Duplicates { model, .. }
        | Finding::Unset { model, .. }
        | Finding::Unseen { model, .. } => (3, model, 0),
        Finding::Unused { environment, .. } => (4, environment, 0),
    }
}

/// The number of findings by kind: for orphans the cases, for duplicates the surplus cases.
pub(crate) fn counts(findings: &[Finding]) -> BTreeMap<FindingKind, u64> {
    let mut counts = BTreeMap::new();
    for finding in findings {
        let count = match finding {
            Finding::Orphans { cases, .. } => *cases,
            Finding::Duplicates { surplus, .. } => *surplus,
            _ => 1,
        };
        if let Some(kind) = FindingKind::from_finding(finding) {
            *counts.entry(kind).or_insert(0) += count;
        }
    }
    counts
}

/// `2 orphans`, `1 orphan`
pub(crate) fn counted(kind: FindingKind, count: u64) -> String {
    let name = kind.name();
    let name = if count == 1 { name.strip_suffix('s').unwrap_or(name) } else { name };
    format!("{count} {name}")
}
