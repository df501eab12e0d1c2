//! Stores envelopes in a queue.

use std::sync::atomic::{AtomicBool, Ordering};

use super::connection::SqliteConnection;
use super::table::{self, EnvelopeRow};
use crate::address::Address;
use crate::broker::{BrokerFuture, Producer};
use crate::envelope::Envelope;

/// What `SQLite` stores in one value: a row is limited to a billion bytes.
const MAX_BYTES: usize = 900_000_000;

/// Stores envelopes in a queue, one per id.
pub(super) struct SqliteProducer {
    connection: SqliteConnection,
    queue: String,
    /// Whether old ids were forgotten by this process.
    has_forgotten: AtomicBool,
}

impl SqliteProducer {
    pub(super) fn new(connection: SqliteConnection, address: &Address) -> Self {
        let queue = address.name().to_owned();
        Self { connection, queue, has_forgotten: AtomicBool::new(false) }
    }
}

impl Producer for SqliteProducer {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        let queue = self.queue.clone();
        let envelopes: Vec<EnvelopeRow> = envelopes.iter().map(EnvelopeRow::from).collect();
        let is_first = !self.has_forgotten.swap(true, Ordering::Relaxed);
        Box::pin(self.connection.write(move |file| {
            if is_first {
                table::forget_old_ids(file)?;
            }
            table::store(file, &queue, &envelopes)
        }))
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        let size = envelope.bytes.len();
        (size > MAX_BYTES).then(|| format!("{size} bytes are more than SQLite stores in a row"))
    }
}
