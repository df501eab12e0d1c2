//! The dead letters of a stream, and its status.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ::redis::Value;

use super::connection::{RedisConnection, Script, TIMEOUT};
use super::entry;
use super::error::RequestError;
use crate::address::{Address, GROUP};
use crate::broker::{Backlog, BrokerFuture, DeadLetters, QueueStatus, StoredDeadLetter};

static REQUEUE: LazyLock<Script> =
    LazyLock::new(|| Script::new(include_str!("scripts/requeue.lua")));
static STATUS: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/status.lua")));

/// Returns dead letters to their stream, or removes them.
pub(super) struct RedisDeadLetters {
    connection: RedisConnection,
    redacted: String,
    key: String,
    dead: String,
    /// The id of the last entry that was read.
    last: String,
}

impl RedisDeadLetters {
    pub(super) fn new(address: &Address, connection: RedisConnection) -> Self {
        let (redacted, key) = (address.redacted.clone(), address.name.clone());
        let dead = address.dead_letters().name;
        Self { connection, redacted, key, dead, last: "0-0".to_owned() }
    }

    async fn read(&mut self, max: usize) -> Result<Vec<StoredDeadLetter>, RequestError> {
        let mut request = ::redis::cmd("XRANGE");
        request.arg(&self.dead).arg(format!("({}", self.last)).arg("+").arg("COUNT").arg(max);
        let answer = self.connection.send(&request, TIMEOUT).await?;
        let entries = entry::parse_range(answer)
            .ok_or_else(|| RequestError::unexpected_reply(&self.redacted))?;
        if let Some(last) = entries.last() {
            entry::tag_parts(&last.tag).0.clone_into(&mut self.last);
        }
        let letter = |delivery: crate::broker::Delivery| {
            let stored_at = time(entry::tag_parts(&delivery.tag).0);
            let mut letter = StoredDeadLetter::new(delivery.tag, delivery.envelope);
            letter.stored_at = stored_at;
            letter
        };
        Ok(entries.into_iter().map(letter).collect())
    }

    async fn return_all(&self, letters: &[StoredDeadLetter]) -> Result<(), RequestError> {
        let size = |letter: &StoredDeadLetter| entry::size(&letter.envelope);
        for letters in entry::chunks_within_limits(letters, size) {
            let keys = [self.dead.as_str(), &self.key];
            let bytes = letters.iter().map(size).sum();
            let mut request = REQUEUE.request(&keys, 16 * letters.len(), bytes);
            for letter in letters {
                request.arg(entry::tag_parts(&letter.tag).0);
                entry::write(&mut request, &letter.envelope.revived());
            }
            self.connection.run(&REQUEUE, &request).await?;
        }
        Ok(())
    }

    async fn remove_all(&self, letters: &[StoredDeadLetter]) -> Result<(), RequestError> {
        for letters in letters.chunks(1000) {
            let mut request = ::redis::cmd("XDEL");
            request.arg(&self.dead);
            for letter in letters {
                request.arg(entry::tag_parts(&letter.tag).0);
            }
            self.connection.send(&request, TIMEOUT).await?;
        }
        Ok(())
    }
}

impl DeadLetters for RedisDeadLetters {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        Box::pin(async move { self.read(max).await.map_err(RequestError::into_error) })
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async { self.return_all(letters).await.map_err(RequestError::into_error) })
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(async { self.remove_all(letters).await.map_err(RequestError::into_error) })
    }
}

/// Counts what is in a stream.
pub(super) async fn status(
    address: &Address,
    connection: &RedisConnection,
) -> Result<QueueStatus, RequestError> {
    let dead = address.dead_letters().name;
    let mut request = STATUS.request(&[&address.name, &dead], 1, 0);
    let answer = connection.run(&STATUS, request.arg(GROUP)).await?;
    parse(answer).ok_or_else(|| RequestError::unexpected_reply(&address.redacted))
}

fn parse(answer: Value) -> Option<QueueStatus> {
    let [waiting, in_flight, dead, oldest, consumers] = entry::array(answer)?;
    let backlog = Backlog::new(entry::number(&waiting)?, entry::number(&in_flight)?);
    let mut status = QueueStatus::new(backlog, entry::number(&dead)?);
    status.oldest = time(&entry::text(oldest)?)
        .map(|stored_at| SystemTime::now().duration_since(stored_at).unwrap_or_default());
    status.consumers = Some(entry::number(&consumers)?);
    Some(status)
}

/// The time in the id of an entry. `None` if another program chose the id.
fn time(id: &str) -> Option<SystemTime> {
    let milliseconds = id.split_once('-')?.0.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds))
}
