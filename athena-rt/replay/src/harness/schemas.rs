//! Compares the schema locks with the code, one trial per package.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use athena_protocol::{SchemaCheck, Schemas, Test};

use super::filter::Filter;
use super::messages::{CaseFailure, FailureKind};
use athena_cases::schema_lock::Lock;
use athena_core::error::Error;
use athena_core::registry::Registry;

/// A schema lock to compare. That takes as long as the replay of some hundred cases, so it is done while models run.
pub(super) struct Check {
    /// `schema::<package>`
    pub name: String,
    registry: Registry,
    fixtures: PathBuf,
    package: String,
    schemas: Schemas,
    /// Whether it has to be committed as it is.
    is_locked: bool,
    verdict: OnceLock<CheckVerdict>,
}

/// What the comparison of a lock came to.
struct CheckVerdict {
    failure: Option<CaseFailure>,
    /// A note to print even on success.
    note: Option<String>,
}

impl Check {
    /// Compares the lock, unless that was done.
    pub(super) fn judge(&self) {
        self.verdict();
    }

    pub(super) fn failure(&self) -> Option<&CaseFailure> {
        self.verdict().failure.as_ref()
    }

    pub(super) fn note(&self) -> Option<&str> {
        self.verdict().note.as_deref()
    }

    /// The check for the report.
    pub(super) fn to_report(&self) -> SchemaCheck {
        SchemaCheck {
            name: self.name.clone(),
            failure: self.failure().map(|why| why.text.clone()),
            note: self.note().map(str::to_owned),
        }
    }

    fn verdict(&self) -> &CheckVerdict {
        self.verdict.get_or_init(|| {
            let Self { registry, fixtures, package, schemas, .. } = self;
            let (failure, note) = match Lock::open(registry, fixtures, package, schemas) {
                Ok(lock) => judge(&lock, self.is_locked),
                Err(error) => (Some(broken(&error)), None),
            };
            CheckVerdict { failure, note }
        })
    }
}

/// The requested locks.
pub(super) fn checks(
    registry: &Registry,
    fixtures: &Path,
    test: &Test,
    filter: &Filter<'_>,
) -> Vec<Check> {
    let wanted = |package: &&String| {
        let has_models =
            registry.entries().iter().any(|entry| entry.model.source().package == **package);
        has_models && filter.takes(&name(package))
    };
    let packages = test.schemas.packages.iter().filter(wanted);
    packages
        .map(|package| Check {
            name: name(package),
            registry: registry.clone(),
            fixtures: fixtures.to_owned(),
            package: package.clone(),
            schemas: test.schemas.clone(),
            is_locked: test.locked_schema,
            verdict: OnceLock::new(),
        })
        .collect()
}

fn name(package: &str) -> String {
    format!("schema::{package}")
}

fn judge(lock: &Lock, locked: bool) -> (Option<CaseFailure>, Option<String>) {
    if let Some(mut text) = lock.breaking() {
        text.push_str(&format!(
            "help: to break them knowingly: cargo athena record {} --accept-breaking\n",
            lock.model
        ));
        return (Some(CaseFailure::new(FailureKind::Schema, text)), None);
    }
    match lock.note() {
        Some(note) if locked && !lock.is_current() => {
            let text = format!("{note}\nhelp: --locked-schema wants it committed as it is\n");
            (Some(CaseFailure::new(FailureKind::Schema, text)), None)
        }
        note => (None, note),
    }
}

fn broken(error: &Error) -> CaseFailure {
    let kind = match error.exit() {
        athena_protocol::Exit::Usage => FailureKind::Broken,
        _ => FailureKind::Schema,
    };
    CaseFailure::new(kind, format!("{error}\n"))
}
