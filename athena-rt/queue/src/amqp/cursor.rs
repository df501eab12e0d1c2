//! Reads a queue without consuming it: the server delivers its messages, which are returned in the end. Other
//! consumers don't get them meanwhile.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use lapin::options::{BasicConsumeOptions, BasicNackOptions, BasicQosOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Consumer as Messages};
use tokio::time::timeout;

use super::connection::{AmqpConnection, Session};
use super::properties::envelope;
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};
use lapin::Acker;

/// How long the server may take to deliver a message that waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long an empty queue is watched: messages that another connection returns are there a moment later.
const QUIET: Duration = Duration::from_millis(100);

/// The place in a queue.
pub(super) struct Cursor {
    pub(super) connection: AmqpConnection,
    queue: String,
    open: Option<Reading>,
    /// The envelopes that were read, by their ids. Each has what settles it, or `None` if it has been lost with
    /// its connection. An id may have several messages.
    read: HashMap<String, Vec<Acker>>,
    is_at_end: bool,
}

/// A subscription while its connection lasts.
struct Reading {
    channel: Channel,
    messages: Messages,
    _session: Arc<Session>,
}

impl Cursor {
    /// The start of a queue. A queue that does not exist is empty.
    pub(super) async fn open(connection: AmqpConnection, queue: &str) -> Result<Self> {
        let is_at_end = connection.counts(queue).await?.is_none();
        let (queue, read) = (queue.to_owned(), HashMap::new());
        Ok(Self { connection, queue, open: None, read, is_at_end })
    }

    /// The next envelopes, one per id, at most `max`. Empty at the end.
    pub(super) async fn next(&mut self, max: usize) -> Result<Vec<Envelope>> {
        let mut found = Vec::new();
        while found.len() < max && !self.is_at_end {
            match self.message().await {
                Ok(Some((envelope, acker))) => {
                    let copies = self.read.entry(envelope.id.clone()).or_default();
                    // After a broken connection everything is delivered again.
                    let is_new = copies.is_empty();
                    copies.push(acker);
                    if is_new {
                        found.push(envelope);
                    }
                }
                Ok(None) => self.is_at_end = true,
                Err(error) => {
                    self.open = None;
                    if found.is_empty() {
                        return Err(error);
                    }
                    break;
                }
            }
        }
        Ok(found)
    }

    /// The next message; `None` at the end.
    async fn message(&mut self) -> Result<Option<(Envelope, Acker)>> {
        let queue = self.queue.clone();
        let reading = match &mut self.open {
            Some(reading) => reading,
            None => self.open.insert(Self::subscribe(&self.connection, &queue).await?),
        };
        let mut patience = QUIET;
        loop {
            match timeout(patience, reading.messages.next()).await {
                Ok(Some(Ok(message))) => {
                    let (found, _) = envelope(&message.properties, message.data);
                    return Ok(Some((found, message.acker)));
                }
                Ok(Some(Err(error))) => return Err(self.connection.error(&error)),
                Ok(None) => return Err(Error::failure("the server has ended the subscription")),
                Err(_) => patience = PATIENCE,
            }
            // None has come for a while: are there more?
            if self.connection.counts(&queue).await?.is_none_or(|counts| counts.messages == 0) {
                return Ok(None);
            }
        }
    }

    async fn subscribe(connection: &AmqpConnection, queue: &str) -> Result<Reading> {
        let session = connection.session().await?;
        let opened = connection.limited(async {
            let channel = session.channel().await?;
            let options = BasicConsumeOptions::default();
            let messages =
                channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
            Ok((messages.await?, channel))
        });
        let (messages, channel) = opened.await?;
        Ok(Reading { channel, messages, _session: session })
    }

    /// What settles the messages of an envelope that was read. Reads them again if their connection broke.
    pub(super) async fn ackers(&mut self, id: &str) -> Result<Vec<Acker>> {
        let is_lost = self.read.get(id).is_some_and(|copies| copies.iter().any(Acker::poisoned));
        if is_lost {
            self.open = None;
            self.is_at_end = false;
            self.read.values_mut().for_each(Vec::clear);
            while let Some((envelope, acker)) = self.message().await? {
                self.read.entry(envelope.id).or_default().push(acker);
            }
            self.is_at_end = true;
        }
        Ok(self.read.get(id).cloned().unwrap_or_default())
    }

    /// Forgets an envelope that is settled.
    pub(super) fn forget(&mut self, id: &str) {
        if let Some(copies) = self.read.get_mut(id) {
            copies.clear();
        }
    }

    /// Returns all messages to the queue. Without it they return when the connection is closed, a little later.
    pub(super) async fn release(&mut self) -> Result<()> {
        let Some(Reading { channel, messages, .. }) = self.open.take() else { return Ok(()) };
        let released = self.connection.limited(async {
            channel
                .basic_cancel(messages.tag(), lapin::options::BasicCancelOptions::default())
                .await?;
            let all = BasicNackOptions { multiple: true, requeue: true };
            channel.basic_nack(0, all).await?;
            // The answer comes when the server has read what was sent before.
            channel.basic_qos(1, BasicQosOptions::default()).await?;
            channel.close(200, "the end".into()).await
        });
        released.await
    }
}
