//! The tables and their version.

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use athena_core::error::Error;

/// The version of the tables.
const VERSION: i64 = 1;

const TABLES: &str = include_str!("schema.sql");

/// Why the tables can't be used.
pub(super) enum SchemaError {
    /// They are of another version.
    Refused(Error),
    Request(rusqlite::Error),
}

impl From<rusqlite::Error> for SchemaError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Request(error)
    }
}

/// Creates the tables if there are none. Other tables in the file are left alone.
///
/// # Errors
///
/// The tables are of another version.
pub(super) fn ensure(file: &mut Connection, redacted: &str) -> Result<(), SchemaError> {
    let version = match version(file)? {
        None => {
            // Another process may create them at the same time.
            let transaction = file.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let found = version(&transaction)?;
            if found.is_none() {
                transaction.execute_batch(TABLES)?;
                transaction
                    .execute("INSERT INTO athena_schema (version) VALUES (?1)", [VERSION])?;
            }
            transaction.commit()?;
            found.unwrap_or(VERSION)
        }
        Some(version) => version,
    };
    if version == VERSION {
        return Ok(());
    }
    Err(SchemaError::Refused(
        Error::usage(format!(
            "{redacted}: its tables are of version {version}, and this program has version {VERSION}"
        ))
        .help(
            "empty the queues with the program that made them (`work --exit-when-idle 1s`, `collect`), \
             or name another file",
        ),
    ))
}

/// Whether a file has tables.
pub(super) fn exists(file: &Connection) -> rusqlite::Result<bool> {
    version(file).map(|version| version.is_some())
}

/// The version of the tables in a file. `None` if there are none.
fn version(file: &Connection) -> rusqlite::Result<Option<i64>> {
    let find = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'athena_schema'";
    if file.query_row(find, [], |_| Ok(())).optional()?.is_none() {
        return Ok(None);
    }
    file.query_row("SELECT max(version) FROM athena_schema", [], |row| row.get(0))
}
