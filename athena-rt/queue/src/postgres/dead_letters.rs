//! Returns dead letters to their queue.

use super::connection::PostgresConnection;
use super::table;
use crate::address::Address;
use crate::broker::{BrokerFuture, DeadLetters, DeliveryTag, StoredDeadLetter};

/// The dead letters of a queue: a queue in the same database.
pub(super) struct PostgresDeadLetters {
    /// `None` if there are no tables.
    connection: Option<PostgresConnection>,
    queue: String,
    dead: String,
    after: i64,
}

impl PostgresDeadLetters {
    pub(super) fn new(connection: Option<PostgresConnection>, address: &Address) -> Self {
        let (queue, dead) = (address.name().to_owned(), address.dead_letters().name);
        Self { connection, queue, dead, after: 0 }
    }
}

impl DeadLetters for PostgresDeadLetters {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(Vec::new()) };
            let found = table::browse(connection, &self.dead, self.after, max).await?;
            self.after = found.last().map_or(self.after, |(number, _)| *number);
            Ok(found.into_iter().map(|(_, letter)| letter).collect())
        })
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(()) };
            let moved: Vec<_> = letters
                .iter()
                .map(|letter| (letter.tag.clone(), letter.envelope.revived()))
                .collect();
            table::move_all(connection, &self.queue, &moved).await
        })
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(()) };
            let tags: Vec<DeliveryTag> = letters.iter().map(|letter| letter.tag.clone()).collect();
            table::acknowledge(connection, &tags).await
        })
    }
}
