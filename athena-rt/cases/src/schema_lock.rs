//! The schema lock of a package, `fixtures/<package>/schema.proto`: the types of its models when
//! they were last recorded.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use athena_protocol::Schemas;
use athena_protocol::collect::{insert_all, sort_by};
use athena_protocol::files::Transaction;

use super::store::{self, Written};
use athena_core::display::display_path;
use athena_core::error::{Error, Result};
use athena_core::registry::{Entry, Registry};
use athena_structure::schema::{Comparison, Schema, SchemaBuilder, Scope, compare, parse, proto};

/// A lock as it is on disk, and as it should be.
#[derive(Debug)]
pub struct Lock {
    package: String,
    /// A model of the package.
    pub model: String,
    path: PathBuf,
    old: Option<String>,
    new: String,
    /// `None` if no lock exists yet.
    pub comparison: Option<Comparison>,
}

/// The file of a package's lock.
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
        sort_by(&mut now.types, |one, other| one.name.cmp(&other.name));
        let path = path(fixtures, package);
        let old = store::read(&path)?;
        let comparison = match &old {
            None => None,
            Some(text) => {
                let lock = parse(text).map_err(|error| {
                    Error::usage(format!("{}:{error}", display_path(&path)))
                        .help("restore it from version control; without it, the next `cargo athena record` writes a new one")
                })?;
                let linked: BTreeSet<String> = insert_all(
                    registry.entries().iter().filter(is_its).map(|entry| entry.id.clone()),
                );
                let is_whole = schemas.whole.iter().any(|whole| whole == package);
                let known: BTreeSet<String> =
                    insert_all(schemas.known.iter().chain(&linked).cloned());
                let scope = Scope { linked: &linked, known: is_whole.then_some(&known) };
                Some(compare(&lock, &now, scope))
            }
        };
        let new = match (&comparison, &old) {
            // A change of docs alone does not update the lock.
            (Some(comparison), _) => proto(&comparison.merged),
            (None, _) => proto(&now),
        };
        let model = registry.entries().iter().find(is_its);
        let model = model.map(|entry| entry.id.clone()).unwrap_or_default();
        Ok(Self { package: package.to_owned(), model, path, old, new, comparison })
    }

    /// The breaking changes, as text; `None` if there are none.
    pub fn breaking(&self) -> Option<String> {
        let findings = &self.comparison.as_ref()?.findings;
        if findings.is_empty() {
            return None;
        }
        let mut text = format!(
            "breaking schema changes in {} against {}: {}\n",
            self.package,
            display_path(&self.path),
            athena_core::display::plural(findings.len(), "change")
        );
        for finding in findings.iter().take(SHOWN) {
            text.push_str(&finding.to_string());
        }
        if findings.len() > SHOWN {
            text.push_str(&format!("  .. and {} more\n", findings.len() - SHOWN));
        }
        Some(text)
    }

    /// A note if the lock is missing or out of date.
    pub fn note(&self) -> Option<String> {
        let path = display_path(&self.path);
        let Some(comparison) = &self.comparison else {
            return Some(format!(
                "{}: no schema is recorded in {path}; run `cargo athena record {}` to write it",
                self.package, self.model
            ));
        };
        if comparison.is_same {
            return None;
        }
        let mut text = format!(
            "{}: {path} is out of date; run `cargo athena record {}` to update it",
            self.package, self.model
        );
        for note in comparison.notes.iter().take(SHOWN) {
            text.push_str(&format!("\n  {note}"));
        }
        Some(text)
    }

    /// Whether the lock exists and matches the code.
    pub fn is_current(&self) -> bool {
        self.comparison.as_ref().is_some_and(|comparison| comparison.is_same)
    }

    /// Adds the lock to what is written, and returns what that changes.
    pub fn write(&self, transaction: &mut Transaction) -> Written {
        transaction.write(&self.path, self.old.as_deref(), &self.new);
        Written::new(self.old.as_deref(), &self.new)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// The maximum number of findings that are shown.
const SHOWN: usize = 30;
