//! Browses a queue.

use super::connection::SqliteConnection;
use super::table;
use crate::address::Address;
use crate::broker::{BrokerFuture, Browser};
use crate::envelope::Envelope;

/// Reads a queue from its oldest envelope.
pub(super) struct SqliteBrowser {
    /// `None` if the file is missing.
    connection: Option<SqliteConnection>,
    queue: String,
    after: i64,
}

impl SqliteBrowser {
    pub(super) fn new(connection: Option<SqliteConnection>, address: &Address) -> Self {
        Self { connection, queue: address.name().to_owned(), after: 0 }
    }
}

impl Browser for SqliteBrowser {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(Vec::new()) };
            let (queue, after) = (self.queue.clone(), self.after);
            let found =
                connection.read(move |file| table::browse(file, &queue, after, max)).await?;
            self.after = found.last().map_or(after, |(number, _)| *number);
            Ok(found.into_iter().map(|(_, found)| found.envelope).collect())
        })
    }
}
