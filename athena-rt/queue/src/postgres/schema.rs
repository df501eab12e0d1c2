//! The tables and their version.

use tokio_postgres::Client;

use super::error::request_error;
use athena_core::error::{Error, Result};

/// The version of the tables.
const VERSION: i32 = 1;

/// One process creates the tables; others wait for it.
const CREATE: &str = concat!(
    "BEGIN; SELECT pg_advisory_xact_lock(4713520146); ",
    include_str!("schema.sql"),
    "COMMIT"
);

/// Creates the tables if there are none.
///
/// # Errors
///
/// The tables are of another version, or can't be created.
pub(super) async fn ensure(client: &Client, redacted: &str) -> Result<()> {
    if !exists(client, redacted).await? {
        let created = client.batch_execute(CREATE).await;
        created.map_err(|error| request_error(redacted, &error))?;
    }
    check(client, redacted).await
}

/// Whether the tables exist in the first schema of the search path that has them.
pub(super) async fn exists(client: &Client, redacted: &str) -> Result<bool> {
    let found = client.query_one("SELECT to_regclass('athena_schema') IS NOT NULL", &[]).await;
    found.map(|row| row.get(0)).map_err(|error| request_error(redacted, &error))
}

/// Checks the version of the tables.
///
/// # Errors
///
/// It is another one.
pub(super) async fn check(client: &Client, redacted: &str) -> Result<()> {
    let found = client.query_one("SELECT max(version) FROM athena_schema", &[]).await;
    let version: Option<i32> = found.map_err(|error| request_error(redacted, &error))?.get(0);
    match version {
        Some(VERSION) => Ok(()),
        other => Err(Error::usage(format!(
            "{redacted}: its tables are of version {}, and this program has version {VERSION}",
            other.unwrap_or_default()
        ))
        .help(
            "empty the queues with the program that made them (`work --exit-when-idle 1s`, `collect`), \
             or name another database",
        )),
    }
}
