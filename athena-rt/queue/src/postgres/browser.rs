//! Browses a queue.

use super::connection::PostgresConnection;
use super::table;
use crate::address::Address;
use crate::broker::{BrokerFuture, Browser};
use crate::envelope::Envelope;

/// Reads a queue from its oldest envelope.
pub(super) struct PostgresBrowser {
    /// `None` if there are no tables.
    connection: Option<PostgresConnection>,
    queue: String,
    after: i64,
}

impl PostgresBrowser {
    pub(super) fn new(connection: Option<PostgresConnection>, address: &Address) -> Self {
        Self { connection, queue: address.name().to_owned(), after: 0 }
    }
}

impl Browser for PostgresBrowser {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(Vec::new()) };
            let found = table::browse(connection, &self.queue, self.after, max).await?;
            self.after = found.last().map_or(self.after, |(number, _)| *number);
            Ok(found.into_iter().map(|(_, found)| found.envelope).collect())
        })
    }
}
