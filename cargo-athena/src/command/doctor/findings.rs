//! The findings of all runners together.

use std::collections::BTreeMap;
use std::path::Path;

use athena_protocol::{Examined, Finding};
use serde::Serialize;

use crate::finding_kind::FindingKind;

/// The version of what `--format json` prints. It grows when a reader could misread it.
pub(super) const VERSION: u32 = 1;

/// All that was found, as `--format json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct DoctorReport {
    pub(super) version: u32,
    /// The models that were looked at, sorted by id.
    pub(super) models: Vec<Examined>,
    /// What is broken, gone or bare first; then a model at a time, most important first; then
    /// environments. Files are relative to the workspace.
    pub(super) findings: Vec<Finding>,
}

impl DoctorReport {
    /// Puts what several runners said into one order; a file that two could not read is said once.
    pub(super) fn tidy(&mut self, root: &Path) {
        self.models.sort_by(|a, b| a.model.cmp(&b.model));
        for finding in &mut self.findings {
            if let Finding::Broken { file, .. }
            | Finding::Unused { file, .. }
            | Finding::Orphans { folder: file, .. } = finding
                && let Ok(inside) = Path::new(file.as_str()).strip_prefix(root)
            {
                *file = inside.to_string_lossy().into_owned();
            }
        }
        self.findings.sort_by(|a, b| place(a).cmp(&place(b)));
        self.findings
            .dedup_by(|later, first| matches!(first, Finding::Broken { .. }) && later == first);
    }
}

/// What a finding is sorted by. Those of one model stay in the order of their runner.
fn place(finding: &Finding) -> (u8, &str, u64) {
    match finding {
        Finding::Broken { file, line, .. } => (0, file, *line),
        Finding::Orphans { model, .. } => (1, model, 0),
        Finding::Uncovered { model } => (2, model, 0),
        Finding::Undeclared { model, .. }
        | Finding::Duplicates { model, .. }
        | Finding::Unset { model, .. }
        | Finding::Unseen { model, .. } => (3, model, 0),
        Finding::Unused { environment, .. } => (4, environment, 0),
    }
}

/// How much of each kind was found: of orphans the cases, of duplicates those that could go.
pub(super) fn counts(findings: &[Finding]) -> BTreeMap<FindingKind, u64> {
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
pub(super) fn counted(kind: FindingKind, count: u64) -> String {
    let name = kind.name();
    let name = if count == 1 { name.strip_suffix('s').unwrap_or(name) } else { name };
    format!("{count} {name}")
}
