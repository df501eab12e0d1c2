//! Returns dead letters to their queue.

use super::connection::SqliteConnection;
use super::table::{self, EnvelopeRow};
use crate::address::Address;
use crate::broker::{BrokerFuture, DeadLetters, DeliveryTag, StoredDeadLetter};

/// The dead letters of a queue: a queue in the same file.
pub(super) struct SqliteDeadLetters {
    /// `None` if the file is missing.
    connection: Option<SqliteConnection>,
    queue: String,
    dead: String,
    after: i64,
}

impl SqliteDeadLetters {
    pub(super) fn new(connection: Option<SqliteConnection>, address: &Address) -> Self {
        let (queue, dead) = (address.name().to_owned(), address.dead_letters().name);
        Self { connection, queue, dead, after: 0 }
    }
}

impl DeadLetters for SqliteDeadLetters {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(Vec::new()) };
            let (dead, after) = (self.dead.clone(), self.after);
            let found = connection.read(move |file| table::browse(file, &dead, after, max)).await?;
            self.after = found.last().map_or(after, |(number, _)| *number);
            Ok(found.into_iter().map(|(_, letter)| letter).collect())
        })
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        let (queue, dead) = (self.queue.clone(), self.dead.clone());
        // Their ids are known to the queue.
        let row = |one: &StoredDeadLetter| (one.tag.clone(), (&one.envelope.revived()).into());
        let letters: Vec<(DeliveryTag, EnvelopeRow)> = letters.iter().map(row).collect();
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(()) };
            connection.write(move |file| table::move_all(file, &dead, &queue, &letters)).await
        })
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        let tags: Vec<DeliveryTag> = letters.iter().map(|letter| letter.tag.clone()).collect();
        let dead = self.dead.clone();
        Box::pin(async move {
            let Some(connection) = &self.connection else { return Ok(()) };
            connection.write(move |file| table::acknowledge(file, &dead, &tags)).await
        })
    }
}
