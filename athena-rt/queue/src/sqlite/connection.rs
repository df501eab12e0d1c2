//! A file, its settings, and requests to it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::file_thread::{Access, FileThread};
use super::{schema, table};
use crate::address::Address;
use athena_core::error::{Error, Result};

/// How long a request waits for the transactions of other processes.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// An open file.
pub(super) struct SqliteConnection(FileThread);

impl SqliteConnection {
    /// Opens a file to work with its queue. Creates what is missing: the file, its tables, the queue.
    pub(super) async fn create(address: &Address) -> Result<Self> {
        let Some(opened) = Self::open(address, true).await? else {
            return Err(Error::failure("the file has no tables"));
        };
        opened.make_queue(address.name()).await;
        Ok(opened)
    }

    /// Opens a file that has tables, and changes nothing. `None` if it does not exist, or has none.
    pub(super) async fn open_existing(address: &Address) -> Result<Option<Self>> {
        if !PathBuf::from(address.path()).exists() {
            return Ok(None);
        }
        Self::open(address, false).await
    }

    async fn open(address: &Address, creates: bool) -> Result<Option<Self>> {
        let path = PathBuf::from(address.path());
        let redacted: Arc<str> = address.redacted().into();
        let name = Arc::clone(&redacted);
        let opened = blocking(move || {
            let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            flags.set(OpenFlags::SQLITE_OPEN_CREATE, creates);
            let in_file = |error: rusqlite::Error| request_error(&name, &error);
            let mut file = Connection::open_with_flags(&path, flags).map_err(in_file)?;
            file.busy_timeout(LOCK_PATIENCE).map_err(in_file)?;
            // A file of another program stays as it is.
            if !creates && !schema::exists(&file).map_err(in_file)? {
                return Ok(None);
            }
            // A transaction that is reported is on disk, also after a power failure.
            file.pragma_update(None, "journal_mode", "wal").map_err(in_file)?;
            file.pragma_update(None, "synchronous", "full").map_err(in_file)?;
            schema::ensure(&mut file, &name).map_err(|error| match error {
                schema::SchemaError::Refused(error) => error,
                schema::SchemaError::Request(error) => in_file(error),
            })?;
            Ok(Some(file))
        });
        let Some(file) = opened.await? else { return Ok(None) };
        let to_error = move |error: &rusqlite::Error| request_error(&redacted, error);
        FileThread::start(file, Box::new(to_error)).map(|thread| Some(Self(thread)))
    }

    /// Lets a queue exist. A file that is full can still be worked on.
    pub(super) async fn make_queue(&self, queue: &str) {
        let (looked, made) = (queue.to_owned(), queue.to_owned());
        let exists = self.read(move |file| table::queue_exists(file, &looked)).await;
        if exists == Ok(false)
            && let Err(error) = self.write(move |file| table::make_queue(file, &made)).await
        {
            tracing::debug!("can't note the queue {queue}: {error}");
        }
    }

    /// Reads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        request: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.run(Access::Read, request).await
    }

    /// Changes the file in one transaction: everything is on disk if it returns `Ok`, and nothing is
    /// changed otherwise.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        request: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.run(Access::Synced, request).await
    }

    /// The same for a change that a power failure may undo: it does not wait for the disk.
    pub(super) async fn write_unsynced<T: Send + 'static>(
        &self,
        request: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.0.run(Access::Unsynced, request).await
    }
}

/// Runs a request that may wait for a lock or a disk.
async fn blocking<T: Send + 'static>(
    request: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(request).await {
        Ok(result) => result,
        Err(error) => Err(Error::failure(format!("a request to SQLite ended: {error}"))),
    }
}

/// The error of a request. What the user has to fix is a usage error; what may pass is tried again.
fn request_error(redacted: &str, error: &rusqlite::Error) -> Error {
    let failure = |help: &str| Error::failure(format!("{redacted}: {error}")).help(help);
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => failure("make space; no message is lost meanwhile"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            failure("another program holds the file's lock")
        }
        Some(ErrorCode::NotADatabase) => Error::usage(format!("{redacted}: {error}"))
            .help("the file is not of SQLite; name another one"),
        Some(ErrorCode::CannotOpen) => Error::usage(format!("{redacted}: {error}"))
            .help("its folder must exist and be writable: SQLite has two files beside it"),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            Error::usage(format!("{redacted}: {error}"))
                .help("the file and its folder must be writable for this user")
        }
        _ => Error::failure(format!("{redacted}: {error}")),
    }
}
