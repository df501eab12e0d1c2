//! Stores envelopes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::message::PublishMessage;

use super::connection::NatsConnection;
use super::stream_check::check;
use super::{envelopes, stream};
use crate::broker::{BrokerFuture, Producer};
use crate::envelope::Envelope;
use athena_core::error::Result;

/// The maximum number of unconfirmed envelopes; the client allows 5,000.
const MAX_ENVELOPES: usize = 1_000;

/// The maximum size of unconfirmed envelopes, plus one envelope: as much as a slow network
/// transfers in time.
const MAX_BYTES: usize = 4_000_000;

pub(super) struct NatsProducer {
    connection: Arc<NatsConnection>,
    subject: String,
    /// The stream was found or created.
    has_stream: AtomicBool,
}

impl NatsProducer {
    pub(super) fn new(connection: Arc<NatsConnection>, subject: &str) -> Self {
        Self { connection, subject: subject.to_owned(), has_stream: AtomicBool::new(false) }
    }

    /// Creates the stream if it is missing.
    pub(super) async fn ensure_stream(&self) -> Result<()> {
        if !self.has_stream.load(Ordering::Relaxed) {
            let stream = stream::find_or_create(&self.connection, &self.subject).await?;
            check(&self.connection, &self.subject, &stream, true).await?;
            self.has_stream.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Stores envelopes, each with the id by which the broker deduplicates.
    pub(super) async fn store_with_ids(&self, envelopes: &[(&Envelope, String)]) -> Result<()> {
        self.ensure_stream().await?;
        let mut left = envelopes;
        while !left.is_empty() {
            let (some, rest) = left.split_at(batch(left));
            let stored = self.connection.request("store messages", self.store_some(some)).await;
            if stored.is_err() {
                // The stream may have been deleted.
                self.has_stream.store(false, Ordering::Relaxed);
            }
            stored?;
            left = rest;
        }
        Ok(())
    }

    async fn store_all(&self, envelopes: &[Envelope]) -> Result<()> {
        let known: Vec<_> =
            envelopes.iter().map(|envelope| (envelope, envelope.id.clone())).collect();
        self.store_with_ids(&known).await
    }

    async fn store_some(&self, envelopes: &[(&Envelope, String)]) -> Result<(), PublishError> {
        let mut confirmations = Vec::with_capacity(envelopes.len());
        for (envelope, dedup_id) in envelopes {
            let message = PublishMessage::build()
                .headers(envelopes::headers(envelope, dedup_id))
                .payload(envelope.bytes.clone().into());
            let sent =
                self.connection.jetstream.send_publish(self.subject.clone(), message).await?;
            confirmations.push(sent);
        }
        for confirmation in confirmations {
            // A duplicate is confirmed as well.
            confirmation.await?;
        }
        Ok(())
    }
}

impl Producer for NatsProducer {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        Box::pin(self.store_all(envelopes))
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        let max = self.connection.client.max_payload();
        let size = envelopes::size(envelope, &envelope.id);
        (size > max)
            .then(|| format!("{size} bytes with headers; the broker accepts {max} (max_payload)"))
    }
}

/// The number of envelopes for the next request.
fn batch(envelopes: &[(&Envelope, String)]) -> usize {
    let mut bytes = 0;
    let fits = |(envelope, _): &&(&Envelope, String)| {
        let has_room = bytes < MAX_BYTES;
        bytes += envelope.bytes.len();
        has_room
    };
    envelopes.iter().take(MAX_ENVELOPES).take_while(fits).count()
}
