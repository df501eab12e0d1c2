//! Stores envelopes in a queue.

use super::connection::PostgresConnection;
use super::table;
use crate::address::Address;
use crate::broker::{BrokerFuture, Producer};
use crate::envelope::Envelope;

/// A message is limited to a gigabyte, and in a request it is escaped.
const MAX_BYTES: usize = 400_000_000;

/// Stores envelopes in a queue, one per id.
pub(super) struct PostgresProducer {
    connection: PostgresConnection,
    queue: String,
}

impl PostgresProducer {
    pub(super) fn new(connection: PostgresConnection, address: &Address) -> Self {
        Self { connection, queue: address.name().to_owned() }
    }
}

impl Producer for PostgresProducer {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        Box::pin(table::store(&self.connection, &self.queue, envelopes))
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        let size = envelope.bytes.len();
        (size > MAX_BYTES).then(|| format!("{size} bytes are more than PostgreSQL stores in a row"))
    }
}
