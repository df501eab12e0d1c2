//! Stores envelopes in a queue.

use super::connection::AmqpConnection;
use crate::address::Address;
use crate::broker::{BrokerFuture, Producer};
use crate::envelope::Envelope;

/// The server refuses more.
const MAX_BYTES: usize = 128 << 20;

/// Stores envelopes in a queue.
pub(super) struct AmqpProducer {
    connection: AmqpConnection,
    queue: String,
}

impl AmqpProducer {
    pub(super) fn new(connection: AmqpConnection, address: &Address) -> Self {
        Self { connection, queue: address.name().to_owned() }
    }
}

impl Producer for AmqpProducer {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        Box::pin(self.connection.publish(&self.queue, envelopes.iter().map(|one| (one, 0))))
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        let size = envelope.bytes.len();
        (size > MAX_BYTES)
            .then(|| format!("{size} bytes are more than RabbitMQ stores in a message"))
    }
}
