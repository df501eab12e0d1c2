//! The errors of requests.

use tokio_postgres::error::SqlState;

use super::encrypted;
use crate::tls;
use athena_core::error::Error;

/// The error of a request. What the user has to fix is a usage error; what may pass is tried again.
pub(super) fn request_error(redacted: &str, error: &tokio_postgres::Error) -> Error {
    let Some(answer) = error.as_db_error() else {
        let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
        let message = format!("{redacted}: {error}{}", cause.unwrap_or_default());
        return if encrypted::is_refused(error) {
            tls::explain(Error::usage(message))
        } else {
            Error::failure(message)
        };
    };
    let message = format!("{redacted}: {}", answer.message());
    let usage = |help: &str| Error::usage(message.clone()).help(help);
    match *answer.code() {
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION if message.contains("no encryption") => {
            usage("the server takes encrypted connections only: add sslmode=require to the URL")
        }
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            usage("check user and password of the URL, and pg_hba.conf of the server")
        }
        SqlState::INVALID_CATALOG_NAME => usage("create the database: createdb NAME"),
        SqlState::INSUFFICIENT_PRIVILEGE => {
            usage("the user must be allowed to create tables, or to use those named athena_*")
        }
        SqlState::READ_ONLY_SQL_TRANSACTION => usage("name the primary server, not a replica"),
        SqlState::DISK_FULL => {
            Error::failure(message).help("make space; no message is lost meanwhile")
        }
        _ => Error::failure(message),
    }
}
