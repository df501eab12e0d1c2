//! Returns dead letters to their queue.

use lapin::options::BasicAckOptions;

use super::cursor::Cursor;
use crate::broker::{BrokerFuture, DeadLetters, DeliveryTag, StoredDeadLetter};
use athena_core::error::Result;

/// The dead letters of a queue: a queue on the same server.
pub(super) struct AmqpDeadLetters {
    cursor: Cursor,
    queue: String,
}

impl AmqpDeadLetters {
    pub(super) fn new(cursor: Cursor, queue: String) -> Self {
        Self { cursor, queue }
    }

    async fn settle(&mut self, letter: &StoredDeadLetter) -> Result<()> {
        let id = &letter.envelope.id;
        for acker in self.cursor.ackers(id).await? {
            self.cursor.connection.limited(acker.ack(BasicAckOptions::default())).await?;
        }
        self.cursor.forget(id);
        Ok(())
    }
}

impl DeadLetters for AmqpDeadLetters {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        Box::pin(async move {
            let found = self.cursor.next(max).await?.into_iter();
            let letter = |envelope: crate::envelope::Envelope| {
                StoredDeadLetter::new(DeliveryTag(envelope.id.clone()), envelope)
            };
            Ok(found.map(letter).collect())
        })
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            for letter in letters {
                if self.cursor.ackers(&letter.envelope.id).await?.is_empty() {
                    continue;
                }
                let message = letter.envelope.revived();
                self.cursor.connection.declare(&self.queue).await?;
                let stored = std::iter::once((&message, 0));
                self.cursor.connection.publish(&self.queue, stored).await?;
                self.settle(letter).await?;
            }
            Ok(())
        })
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            for letter in letters {
                self.settle(letter).await?;
            }
            Ok(())
        })
    }
}
