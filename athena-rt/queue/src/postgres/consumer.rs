//! Consumes a queue.

use std::time::{Duration, Instant};

use super::connection::PostgresConnection;
use super::table;
use crate::address::Address;
use crate::broker::{
    Backlog, BrokerFuture, Capabilities, Consumer, DeadLetter, Delivery, DeliveryTag, Nack,
};
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// How often an empty queue is looked at without a notification: the end of a lease has none.
const POLL: Duration = Duration::from_millis(100);

/// A queue in a database. All consumers are of one group.
pub(super) struct PostgresConsumer {
    pulling: PostgresConnection,
    /// A connection of its own, so that outcomes are stored while the next messages are taken.
    settling: PostgresConnection,
    queue: String,
    dead: String,
    lease: Duration,
    /// The queue of outcomes, if it is in the same database.
    to: Option<String>,
}

impl PostgresConsumer {
    pub(super) fn new(
        [pulling, settling]: [PostgresConnection; 2],
        address: &Address,
        lease: Duration,
        to: Option<String>,
    ) -> Self {
        let dead = address.dead_letters().name;
        Self { pulling, settling, queue: address.name().to_owned(), dead, lease, to }
    }

    async fn next(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>> {
        let end = Instant::now() + wait;
        loop {
            let pulled = table::pull(&self.pulling, &self.queue, max, self.lease).await?;
            let left = end.saturating_duration_since(Instant::now());
            if !pulled.is_empty() || left.is_zero() {
                return Ok(pulled);
            }
            self.pulling.wait(left.min(POLL)).await;
        }
    }
}

impl Consumer for PostgresConsumer {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease).with_atomic(self.to.is_some())
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(self.next(max, wait))
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(table::acknowledge(&self.settling, tags))
    }

    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        let Some(to) = &self.to else {
            let error = Error::failure("the outcomes are not in the same database");
            return Box::pin(std::future::ready(Err(error)));
        };
        Box::pin(table::complete(&self.settling, to, done))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        Box::pin(table::nack(&self.settling, nacks))
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async {
            let moved: Vec<_> = dead
                .iter()
                .map(|dead_letter| (dead_letter.tag.clone(), dead_letter.envelope.clone()))
                .collect();
            table::move_all(&self.settling, &self.dead, &moved).await
        })
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(table::keep_alive(&self.settling, self.lease, tags))
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        Box::pin(table::backlog(&self.settling, &self.queue))
    }
}
