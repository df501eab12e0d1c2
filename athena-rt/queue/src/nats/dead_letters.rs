//! The dead letters of a subject, and its status.

use std::sync::Arc;
use std::time::SystemTime;

use async_nats::jetstream::stream::{RawMessageErrorKind, Stream};
use futures_util::TryStreamExt as _;

use super::browser::NatsBrowser;
use super::connection::NatsConnection;
use super::consumer::consumer_name;
use super::producer::NatsProducer;
use super::stream;
use crate::address::{Address, GROUP};
use crate::broker::{
    Backlog, BrokerFuture, DeadLetters, DeliveryTag, QueueStatus, StoredDeadLetter,
};
use athena_core::error::Result;

/// Returns dead letters to their subject, or removes them.
pub(super) struct NatsDeadLetters {
    connection: Arc<NatsConnection>,
    browser: NatsBrowser,
    producer: NatsProducer,
    /// The stream of the dead letters. `None` if there is none.
    stream: Option<Stream<()>>,
    dead: String,
}

impl NatsDeadLetters {
    pub(super) async fn open(address: &Address) -> Result<Self> {
        let connection = Arc::new(NatsConnection::open(address).await?);
        let dead = address.dead_letters();
        let stream = open_stream(&connection, &dead.name).await?;
        let browser = NatsBrowser::open(&dead).await?;
        let producer = NatsProducer::new(Arc::clone(&connection), &address.name);
        Ok(Self { connection, browser, producer, stream, dead: dead.name })
    }

    async fn requeue_all(&self, letters: &[StoredDeadLetter]) -> Result<()> {
        for letter in letters {
            if self.exists(&letter.tag).await? {
                let envelope = letter.envelope.revived();
                // Not the envelope's id, which the broker may remember.
                let dedup_id = format!("{}:{}", self.dead, letter.tag.0);
                self.producer.store_with_ids(&[(&envelope, dedup_id)]).await?;
                self.delete(&letter.tag).await?;
            }
        }
        Ok(())
    }

    async fn remove_all(&self, letters: &[StoredDeadLetter]) -> Result<()> {
        for letter in letters {
            if self.exists(&letter.tag).await? {
                self.delete(&letter.tag).await?;
            }
        }
        Ok(())
    }

    async fn exists(&self, tag: &DeliveryTag) -> Result<bool> {
        let Some(stream) = &self.stream else { return Ok(false) };
        let request = stream.raw_message_builder().sequence(sequence(tag));
        self.connection
            .request("find a dead letter", async {
                match request.send().await {
                    Ok(_) => Ok(true),
                    Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(false),
                    Err(error) => Err(error),
                }
            })
            .await
    }

    async fn delete(&self, tag: &DeliveryTag) -> Result<()> {
        let Some(stream) = &self.stream else { return Ok(()) };
        let deleted = stream.delete_message(sequence(tag));
        self.connection.request("remove a dead letter", deleted).await.map(|_| ())
    }
}

impl DeadLetters for NatsDeadLetters {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        Box::pin(async move {
            let mut letters = Vec::new();
            while letters.len() < max {
                let Some(found) = self.browser.next_stored().await? else { break };
                let tag = DeliveryTag(found.sequence.to_string());
                let mut letter = StoredDeadLetter::new(tag, found.envelope);
                letter.stored_at = Some(found.stored_at);
                letters.push(letter);
            }
            Ok(letters)
        })
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async { self.requeue_all(letters).await })
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async { self.remove_all(letters).await })
    }
}

fn sequence(tag: &DeliveryTag) -> u64 {
    tag.0.parse().unwrap_or_default()
}

/// The stream of a subject. `None` if there is none.
async fn open_stream(connection: &NatsConnection, subject: &str) -> Result<Option<Stream<()>>> {
    let Some(name) = stream::find(connection, subject).await? else { return Ok(None) };
    let found = connection.jetstream.get_stream_no_info(name);
    connection.request("find the stream", found).await.map(Some)
}

/// Counts what is at a subject.
pub(super) async fn status(address: &Address) -> Result<QueueStatus> {
    let connection = NatsConnection::open(address).await?;
    let dead = count(&connection, &address.dead_letters().name).await?;
    let Some(stream) = open_stream(&connection, &address.name).await? else {
        return Ok(QueueStatus::new(Backlog::default(), dead));
    };
    let consumer = stream.consumer_info(consumer_name(GROUP, &address.name)).await;
    let backlog = match &consumer {
        Ok(info) => Backlog::new(info.num_pending, info.num_ack_pending as u64),
        // No worker has been there yet.
        Err(_) => Backlog::new(count(&connection, &address.name).await?, 0),
    };
    let mut status = QueueStatus::new(backlog, dead);
    if backlog != Backlog::default() {
        let first = NatsBrowser::open(address).await?.next_stored().await?;
        status.oldest = first
            .map(|first| SystemTime::now().duration_since(first.stored_at).unwrap_or_default());
    }
    Ok(status)
}

/// The number of messages at a subject.
async fn count(connection: &NatsConnection, subject: &str) -> Result<u64> {
    let Some(stream) = open_stream(connection, subject).await? else { return Ok(0) };
    let counted = async {
        let counts = stream.info_with_subjects(subject).await.map_err(|error| error.to_string())?;
        let counts: Vec<(String, usize)> =
            counts.try_collect().await.map_err(|error| error.to_string())?;
        Ok::<_, String>(counts.iter().map(|(_, count)| *count as u64).sum())
    };
    connection.request("count messages", counted).await
}
