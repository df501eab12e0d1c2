//! Compares the schema locks of the base with the types of the working tree.

use std::path::Path;

use athena_protocol::{Entry, SchemaCheck, Test, Verb};

use super::programs::{Programs, ask};
use crate::error::Result;
use crate::runner_results::read_entries;

/// The comparison of a package's schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SchemaComparison {
    pub(crate) package: String,
    pub(crate) kind: SchemaChange,
    /// The changes, one per line.
    pub(crate) lines: Vec<String>,
}

/// How a schema changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaChange {
    /// Stored messages or old readers break.
    Breaking,
    Compatible,
    Unchanged,
    /// The base has no lock.
    Unknown,
}

/// Has head's runners check the base's locks of the packages that exist in both.
pub(super) fn judge(programs: &Programs<'_>, folder: &Path) -> Result<Vec<SchemaComparison>> {
    let (head, old) = (programs.head, programs.base);
    let Some(fixtures) = programs.baseline.folder(head.session.fixtures()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (at, runner) in head.catalog.runners.iter().enumerate() {
        let mut packages = head.catalog.checked(at);
        packages.retain(|package| old.catalog.models.iter().any(|it| it.info.package == *package));
        if packages.is_empty() {
            continue;
        }
        let notes = folder.join(format!("{at}-schemas.jsonl"));
        let request = Test {
            models: Some(Vec::new()),
            schemas: head.session.schemas(head.catalog, Some(at), packages),
            report: Some(notes.clone()),
            ..Test::default()
        };
        ask(head, runner, &fixtures, Verb::Observe(request))?;
        for entry in read_entries(&notes)? {
            if let Entry::Schema(check) = entry? {
                let judgement = SchemaComparison::new(&check, &fixtures);
                let lock = head.session.fixtures().join(&judgement.package).join("schema.proto");
                // No lock in either is not worth a line.
                if judgement.kind != SchemaChange::Unknown || lock.exists() {
                    found.push(judgement);
                }
            }
        }
    }
    found.sort_by(|one, other| one.package.cmp(&other.package));
    Ok(found)
}

impl SchemaComparison {
    fn new(check: &SchemaCheck, fixtures: &Path) -> Self {
        let package = check.name.strip_prefix("schema::").unwrap_or(&check.name).to_owned();
        let lock = fixtures.join(&package).join("schema.proto");
        let (kind, text) = match (&check.failure, &check.note) {
            (Some(text), _) => (SchemaChange::Breaking, text.as_str()),
            (None, Some(_)) if !lock.exists() => (SchemaChange::Unknown, ""),
            (None, Some(text)) => (SchemaChange::Compatible, text.as_str()),
            (None, None) => (SchemaChange::Unchanged, ""),
        };
        // The first line names the lock and a remedy for the working tree's own lock.
        let lines = text.lines().skip(1).filter(|line| !line.starts_with("help:"));
        Self { package, kind, lines: lines.map(|line| line.trim_end().to_owned()).collect() }
    }

    /// The comparison in a report.
    pub(super) fn check(&self) -> SchemaCheck {
        let text = format!("{}\n{}", self.headline(), self.lines.join("\n"));
        let is_failure = self.kind == SchemaChange::Breaking;
        let is_listed = matches!(self.kind, SchemaChange::Compatible | SchemaChange::Unknown);
        SchemaCheck {
            name: format!("schema::{}", self.package),
            failure: is_failure.then(|| text.clone()),
            note: is_listed.then_some(text),
        }
    }

    /// The comparison on one line.
    pub(crate) fn headline(&self) -> String {
        let what = match self.kind {
            SchemaChange::Breaking => "breaking: stored messages or old readers break",
            SchemaChange::Compatible => "compatible: the types changed, nothing breaks",
            SchemaChange::Unchanged => "unchanged",
            SchemaChange::Unknown => "not compared: the base has no schema lock",
        };
        format!("schema {}: {what}", self.package)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_judged_and_only_what_changed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let of = |failure: Option<&str>, note: Option<&str>| {
            let check = SchemaCheck {
                name: "schema::m".to_owned(),
                failure: failure.map(str::to_owned),
                note: note.map(str::to_owned),
            };
            SchemaComparison::new(&check, folder.path())
        };
        assert_eq!(of(None, None).kind, SchemaChange::Unchanged);
        assert_eq!(of(None, Some("m: no schema is recorded")).kind, SchemaChange::Unknown);
        std::fs::create_dir(folder.path().join("m")).unwrap();
        std::fs::write(folder.path().join("m/schema.proto"), "").unwrap();
        let note = of(None, Some("m: /x is out of date\n  new: field `a`"));
        assert_eq!(
            (note.kind, note.lines),
            (SchemaChange::Compatible, vec!["  new: field `a`".to_owned()])
        );
        let breaking = of(Some("break /x\n  gone: `a`\nhelp: to break them\n"), None);
        assert_eq!(breaking.lines, ["  gone: `a`"]);
        assert!(breaking.check().failure.is_some());
    }
}
