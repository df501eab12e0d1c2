//! Compares the schema locks with the code, one trial per package.

use std::path::Path;

use athena_protocol::{SchemaCheck, Test};

use super::filter::Filter;
use super::messages::{CaseFailure, FailureKind};
use athena_cases::schema_lock::Lock;
use athena_core::error::Error;
use athena_core::registry::Registry;

/// A schema lock that was compared.
pub(super) struct Check {
    /// `schema::<package>`
    pub name: String,
    pub failure: Option<CaseFailure>,
    /// A note to print even on success.
    pub note: Option<String>,
}

impl Check {
    /// The check for the report.
    pub(super) fn to_report(&self) -> SchemaCheck {
        SchemaCheck {
            name: self.name.clone(),
            failure: self.failure.as_ref().map(|why| why.text.clone()),
            note: self.note.clone(),
        }
    }
}

/// Compares the requested locks.
pub(super) fn check(
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
        .map(|package| {
            let (failure, note) = match Lock::open(registry, fixtures, package, &test.schemas) {
                Ok(lock) => judge(&lock, test.locked_schema),
                Err(error) => (Some(broken(&error)), None),
            };
            Check { name: name(package), failure, note }
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
