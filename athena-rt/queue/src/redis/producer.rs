//! Stores envelopes in a stream.

use std::sync::LazyLock;
use std::time::Duration;

use super::connection::{RedisConnection, Script};
use super::entry;
use super::error::RequestError;
use crate::address::Address;
use crate::broker::{BrokerFuture, Producer};
use crate::envelope::Envelope;

static STORE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/store.lua")));

/// The minimum time for which ids are remembered; the maximum is twice as long.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Stores envelopes in a stream, one per id. The ids are in sets beside the stream.
pub(super) struct RedisProducer {
    connection: RedisConnection,
    key: String,
    ids: [String; 2],
}

impl RedisProducer {
    pub(super) fn new(address: &Address, connection: RedisConnection) -> Self {
        Self { connection, key: address.name.clone(), ids: ids(address) }
    }

    /// Checks that the keys have the right types.
    pub(super) async fn open(&self) -> Result<(), RequestError> {
        self.put(&[]).await
    }

    async fn put(&self, envelopes: &[Envelope]) -> Result<(), RequestError> {
        let [ids, old] = &self.ids;
        let bytes = envelopes.iter().map(entry::size).sum();
        let mut request =
            STORE.request(&[self.key.as_str(), ids, old], 1 + envelopes.len() * 16, bytes);
        request.arg(REMEMBERED.as_secs());
        for envelope in envelopes {
            request.arg(&envelope.id);
            entry::write(&mut request, envelope);
        }
        self.connection.run(&STORE, &request).await?;
        Ok(())
    }
}

impl Producer for RedisProducer {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            for envelopes in entry::chunks_within_limits(envelopes, entry::size) {
                self.put(envelopes).await.map_err(RequestError::into_error)?;
            }
            Ok(())
        })
    }
}

/// The keys of the ids that a stream has received.
pub(super) fn ids(address: &Address) -> [String; 2] {
    ["ids", "ids:old"].map(|suffix| address.sibling(suffix).name)
}
