//! Browses a queue without consuming it.

use std::time::SystemTime;

use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};

use super::connection::NatsConnection;
use super::{envelopes, stream};
use crate::address::Address;
use crate::broker::{BrokerFuture, Browser};
use crate::envelope::Envelope;
use athena_core::error::Result;

/// Reads a queue from its oldest envelope to the one that is the newest when it is opened. This
/// works with any retention and does not affect consumers.
pub(in super::super) struct NatsBrowser {
    connection: NatsConnection,
    subject: String,
    /// `None` if the stream does not exist, or nothing more in it.
    stream: Option<Stream<()>>,
    name: String,
    next: u64,
    last: u64,
}

/// An envelope in a stream.
pub(super) struct StoredEnvelope {
    pub(super) sequence: u64,
    pub(super) stored_at: SystemTime,
    pub(super) envelope: Envelope,
}

impl NatsBrowser {
    /// Connects. A missing queue is empty and is not created.
    pub(in super::super) async fn open(address: &Address) -> Result<Self> {
        let connection = NatsConnection::open(address).await?;
        let subject = address.name.clone();
        let name = stream::find(&connection, &subject).await?;
        let mut peek =
            Self { connection, subject, stream: None, name: String::new(), next: 0, last: 0 };
        if let Some(name) = name {
            let found = peek
                .connection
                .request("find the stream", peek.connection.jetstream.get_stream(&name));
            let state = found.await?.cached_info().state.clone();
            let found = peek.connection.jetstream.get_stream_no_info(&name);
            peek.stream = Some(peek.connection.request("find the stream", found).await?);
            (peek.name, peek.next, peek.last) = (name, state.first_sequence, state.last_sequence);
        }
        Ok(peek)
    }

    /// The next envelope; `None` after the last.
    pub(in super::super) async fn next(&mut self) -> Result<Option<Envelope>> {
        Ok(self.next_stored().await?.map(|stored| stored.envelope))
    }

    /// The next envelope, with its place in the stream; `None` after the last.
    pub(super) async fn next_stored(&mut self) -> Result<Option<StoredEnvelope>> {
        let Some(stream) = &self.stream else {
            return Ok(None);
        };
        if self.next > self.last {
            return Ok(None);
        }
        let request = stream.raw_message_builder().sequence(self.next);
        let request = request.next_by_subject(&self.subject);
        let message = self.connection.request("read the stream", async {
            match request.send().await {
                Ok(message) => Ok(Some(message)),
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
                Err(error) => Err(error),
            }
        });
        let Some(message) = message.await?.filter(|message| message.sequence <= self.last) else {
            self.stream = None;
            return Ok(None);
        };
        self.next = message.sequence + 1;
        let (headers, sequence) = (Some(&message.headers), message.sequence);
        let fallback_id = || format!("{}-{sequence}", self.name);
        let envelope = envelopes::envelope(headers, message.payload.into(), fallback_id);
        let stored_at = SystemTime::from(message.time);
        Ok(Some(StoredEnvelope { sequence, stored_at, envelope }))
    }
}

impl Browser for NatsBrowser {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        Box::pin(async move {
            let mut envelopes = Vec::new();
            while envelopes.len() < max {
                match Self::next(self).await {
                    Ok(Some(envelope)) => envelopes.push(envelope),
                    Err(error) if envelopes.is_empty() => return Err(error),
                    // The next call returns the error, if it persists.
                    Ok(None) | Err(_) => break,
                }
            }
            Ok(envelopes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open;
    use crate::test_support::nats_server::NatsServer;

    #[tokio::test]
    async fn browsing_consumes_nothing_and_ends_at_the_newest_message() {
        let server = NatsServer::start();
        let address = server.address("tasks");
        assert_eq!(open::browser(&address).await.unwrap().next(9).await.unwrap(), []);
        let producer = open::producer(&address).await.unwrap();
        let envelope = |id: u32| Envelope { id: id.to_string(), ..Envelope::default() };
        producer.store(&[envelope(1), envelope(2), envelope(3)]).await.unwrap();
        let mut browser = open::browser(&address).await.unwrap();
        assert_eq!(browser.next(2).await.unwrap(), [envelope(1), envelope(2)]);
        producer.store(&[envelope(4)]).await.unwrap();
        assert_eq!(browser.next(2).await.unwrap(), [envelope(3)]);
        assert_eq!(browser.next(2).await.unwrap(), []);
        assert_eq!(open::browser(&address).await.unwrap().next(9).await.unwrap().len(), 4);
    }
}
