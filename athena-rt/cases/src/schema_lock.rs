//! The schema lock of a package, `fixtures/<package>/schema.proto`: what the types of its models
//! were when they were last recorded.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use athena_protocol::Schemas;

use super::store::{self, Written};
use athena_core::error::{Error, Result};
use athena_core::registry::{Entry, Registry};
use athena_structure::schema::{Comparison, Schema, SchemaBuilder, Scope, compare, parse, proto};

/// A lock as it was found, and what it should be.
#[derive(Debug)]
pub struct Lock {
    package: String,
    path: PathBuf,
    old: Option<String>,
    new: String,
    /// None where there is no lock yet.
    pub comparison: Option<Comparison>,
}

/// Where the lock of a package is.
pub fn path(fixtures: &Path, package: &str) -> PathBuf {
    fixtures.join(package).join("schema.proto")
}

/// The schema of some models of one package.
///
/// # Errors
///
/// A default that panics.
pub fn schema<'a>(package: &str, entries: impl Iterator<Item = &'a Entry>) -> Result<Schema> {
    let mut builder = SchemaBuilder::default();
    for entry in entries {
        // Defaults are the user's code.
        let described = catch_unwind(AssertUnwindSafe(|| {
            builder.model(
                &entry.id,
                |shapes| entry.model.input(shapes),
                |shapes| entry.model.output(shapes),
            );
        }));
        if described.is_err() {
            return Err(Error::failure(format!("a default of the types of {} panics", entry.id)));
        }
    }
    Ok(builder.build(package))
}

impl Lock {
    /// Reads the lock of a package and compares it with the models that are linked.
    ///
    /// # Errors
    ///
    /// A lock that can't be read; it names the line.
    pub fn open(
        registry: &Registry,
        fixtures: &Path,
        package: &str,
        schemas: &Schemas,
    ) -> Result<Self> {
        let is_its = |entry: &&Entry| entry.model.source().package == package;
        let mut now = schema(package, registry.entries().iter().filter(is_its))?;
        now.types.sort_by(|one, other| one.name.cmp(&other.name));
        let path = path(fixtures, package);
        let old = store::read(&path)?;
        let comparison = match &old {
            None => None,
            Some(text) => {
                let lock = parse(text).map_err(|error| {
                    Error::usage(format!("{}:{error}", path.display()))
                        .help("restore it from version control; without it, the next `cargo athena record` writes it anew")
                })?;
                let linked: BTreeSet<String> = registry
                    .entries()
                    .iter()
                    .filter(is_its)
                    .map(|entry| entry.id.clone())
                    .collect();
                let is_whole = schemas.whole.iter().any(|whole| whole == package);
                let known: BTreeSet<String> =
                    schemas.known.iter().chain(&linked).cloned().collect();
                let scope = Scope { linked: &linked, known: is_whole.then_some(&known) };
                Some(compare(&lock, &now, scope))
            }
        };
        let new = match (&comparison, &old) {
            // Docs alone are no reason to touch it, but go along with what is.
            (Some(comparison), _) => proto(&comparison.merged),
            (None, _) => proto(&now),
        };
        Ok(Self { package: package.to_owned(), path, old, new, comparison })
    }

    /// What the code breaks, for people; none if it breaks nothing.
    pub fn breaking(&self) -> Option<String> {
        let findings = &self.comparison.as_ref()?.findings;
        if findings.is_empty() {
            return None;
        }
        let changes = if findings.len() == 1 { "change" } else { "changes" };
        let mut text = format!(
            "the types of {} break what {} has: {} {changes}\n",
            self.package,
            self.path.display(),
            findings.len()
        );
        for finding in findings.iter().take(SHOWN) {
            text.push_str(&finding.to_string());
        }
        if findings.len() > SHOWN {
            text.push_str(&format!("  .. and {} more\n", findings.len() - SHOWN));
        }
        Some(text)
    }

    /// What is to be said of a lock that nothing breaks: that it is missing, or not up to date.
    pub fn note(&self) -> Option<String> {
        let path = self.path.display();
        let Some(comparison) = &self.comparison else {
            return Some(format!(
                "{}: no schema is recorded in {path}: `cargo athena record` writes it",
                self.package
            ));
        };
        if comparison.is_same {
            return None;
        }
        let mut text =
            format!("{}: {path} wants renewing: `cargo athena record` does it", self.package);
        for note in comparison.notes.iter().take(SHOWN) {
            text.push_str(&format!("\n  {note}"));
        }
        Some(text)
    }

    /// Whether the lock is there and says what the code does.
    pub fn is_current(&self) -> bool {
        self.comparison.as_ref().is_some_and(|comparison| comparison.is_same)
    }

    /// Writes the lock.
    pub fn write(&self) -> Result<Written> {
        store::write(&self.path, self.old.as_deref(), &self.new)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// How many findings are shown.
const SHOWN: usize = 30;
