//! Consumes a queue.

use std::time::{Duration, Instant};

use super::connection::SqliteConnection;
use super::table::{self, EnvelopeRow, HeldRow};
use crate::address::Address;
use crate::broker::{
    Backlog, BrokerFuture, Capabilities, Consumer, DeadLetter, Delivery, DeliveryTag, Nack,
};
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// How often an empty queue is looked at: the file can't notify. The interval doubles up to the second one.
const POLL: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(10)];

/// A queue in a file. All consumers are of one group.
pub(super) struct SqliteConsumer {
    connection: SqliteConnection,
    queue: String,
    dead: String,
    lease: Duration,
    /// The queue of outcomes, if it is in the same file.
    to: Option<String>,
}

impl SqliteConsumer {
    pub(super) fn new(
        connection: SqliteConnection,
        address: &Address,
        lease: Duration,
        to: Option<String>,
    ) -> Self {
        let dead = address.dead_letters().name;
        Self { connection, queue: address.name().to_owned(), dead, lease, to }
    }

    async fn next(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>> {
        let end = Instant::now() + wait;
        let mut pause = POLL[0];
        let mut is_first = true;
        loop {
            let (queue, lease) = (self.queue.clone(), self.lease);
            // Looking again takes no lock.
            let looked = queue.clone();
            if std::mem::take(&mut is_first)
                || self.connection.read(move |file| table::has_due(file, &looked)).await?
            {
                // A power failure ends the lease of a message, and it is delivered again.
                let pulled = self
                    .connection
                    .write_unsynced(move |file| table::pull(file, &queue, max, lease))
                    .await?;
                if !pulled.is_empty() {
                    return pulled.into_iter().map(HeldRow::into_delivery).collect();
                }
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Vec::new());
            }
            tokio::time::sleep(pause.min(left)).await;
            pause = (pause * 2).min(POLL[1]);
        }
    }
}

impl Consumer for SqliteConsumer {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease).with_atomic(self.to.is_some())
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(self.next(max, wait))
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        let (queue, tags) = (self.queue.clone(), tags.to_vec());
        Box::pin(self.connection.write(move |file| table::acknowledge(file, &queue, &tags)))
    }

    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        let queue = self.queue.clone();
        let row = |(tag, envelope): &(DeliveryTag, Envelope)| (tag.clone(), envelope.into());
        let done: Vec<(DeliveryTag, EnvelopeRow)> = done.iter().map(row).collect();
        let Some(to) = self.to.clone() else {
            let error = Error::failure("the outcomes are not in the same file");
            return Box::pin(std::future::ready(Err(error)));
        };
        Box::pin(self.connection.write(move |file| table::complete(file, &queue, &to, &done)))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        let (queue, nacks) = (self.queue.clone(), nacks.to_vec());
        Box::pin(self.connection.write_unsynced(move |file| table::nack(file, &queue, &nacks)))
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        let (queue, to) = (self.queue.clone(), self.dead.clone());
        let row = |letter: &DeadLetter| (letter.tag.clone(), (&letter.envelope).into());
        let dead: Vec<(DeliveryTag, EnvelopeRow)> = dead.iter().map(row).collect();
        Box::pin(self.connection.write(move |file| table::move_all(file, &queue, &to, &dead)))
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        let (queue, tags, lease) = (self.queue.clone(), tags.to_vec(), self.lease);
        Box::pin(
            self.connection
                .write_unsynced(move |file| table::keep_alive(file, &queue, lease, &tags)),
        )
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        let queue = self.queue.clone();
        Box::pin(self.connection.read(move |file| table::backlog(file, &queue)))
    }
}
