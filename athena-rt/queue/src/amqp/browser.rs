//! Browses a queue.

use super::cursor::Cursor;
use crate::broker::{BrokerFuture, Browser};
use crate::envelope::Envelope;

/// Reads a queue from its oldest envelope.
pub(super) struct AmqpBrowser {
    cursor: Cursor,
}

impl AmqpBrowser {
    pub(super) fn new(cursor: Cursor) -> Self {
        Self { cursor }
    }
}

impl Browser for AmqpBrowser {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        Box::pin(async move {
            let found = self.cursor.next(max).await?;
            if found.len() < max {
                self.cursor.release().await?;
            }
            Ok(found)
        })
    }
}
