//! What is read from the tables and written to them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{CachedStatement, Connection, Row, params};

use crate::broker::{Backlog, Delivery, DeliveryTag, Nack, QueueStatus, StoredDeadLetter};
use crate::envelope::Envelope;
use athena_core::error::Result;

/// How long the ids of a queue are remembered at least, in milliseconds.
const REMEMBERED: i64 = 7 * 24 * 60 * 60 * 1000;

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    milliseconds(time)
}

/// Rounded up, so that a short time does not become zero.
fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(i64::MAX / 2)
}

/// An envelope as a row: its headers are written before the file's thread has it, so that this thread, which
/// all requests wait for, has nothing else to do than `SQLite`'s work.
pub(super) struct EnvelopeRow {
    id: String,
    headers: String,
    body: Vec<u8>,
}

impl From<&Envelope> for EnvelopeRow {
    fn from(envelope: &Envelope) -> Self {
        let headers = envelope.headers_to_json();
        Self { id: envelope.id.clone(), headers, body: envelope.bytes.clone() }
    }
}

/// A message that is held, as its row is.
pub(super) struct HeldRow {
    number: i64,
    headers: String,
    body: Vec<u8>,
    failures: u32,
    deliveries: u32,
}

impl HeldRow {
    /// # Errors
    ///
    /// Another program wrote the row, and its headers are not such.
    pub(super) fn into_delivery(self) -> Result<Delivery> {
        let Self { number, headers, body, failures, deliveries } = self;
        let envelope = with_id(Envelope::from_json_headers(headers.as_bytes(), body)?, number);
        let mut delivery = Delivery::new(tag(number, deliveries), envelope);
        (delivery.failures, delivery.deliveries) = (failures, deliveries);
        Ok(delivery)
    }
}

/// The statements that store envelopes, prepared once for many.
struct Storing<'f> {
    remember: CachedStatement<'f>,
    insert: CachedStatement<'f>,
    now: i64,
}

impl<'f> Storing<'f> {
    fn new(file: &'f Connection) -> rusqlite::Result<Self> {
        let remember = "INSERT INTO athena_ids (queue, id, stored_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let insert =
            "INSERT INTO athena_messages (queue, stored_at, headers, body) VALUES (?1, ?2, ?3, ?4)";
        let (remember, insert) = (file.prepare_cached(remember)?, file.prepare_cached(insert)?);
        Ok(Self { remember, insert, now: now() })
    }

    /// Stores an envelope, unless its id is known.
    fn store(&mut self, queue: &str, envelope: &EnvelopeRow) -> rusqlite::Result<()> {
        let EnvelopeRow { id, .. } = envelope;
        if id.is_empty() || self.remember.execute(params![queue, id, self.now])? == 1 {
            self.insert(queue, envelope)?;
        }
        Ok(())
    }

    /// Stores an envelope, whether its id is known or not.
    fn insert(&mut self, queue: &str, envelope: &EnvelopeRow) -> rusqlite::Result<()> {
        let EnvelopeRow { headers, body, .. } = envelope;
        self.insert.execute(params![queue, self.now, headers, body])?;
        Ok(())
    }
}

/// The statement that removes messages, prepared once for many.
struct Removing<'f>(CachedStatement<'f>);

impl<'f> Removing<'f> {
    fn new(file: &'f Connection) -> rusqlite::Result<Self> {
        let sql = "DELETE FROM athena_messages WHERE number = ?1 AND queue = ?2";
        file.prepare_cached(sql).map(Self)
    }

    /// Removes a message. Returns whether it was there.
    fn remove(&mut self, queue: &str, tag: &DeliveryTag) -> rusqlite::Result<bool> {
        Ok(self.0.execute(params![number_and_delivery(tag).0, queue])? == 1)
    }
}

/// Stores envelopes, one per id.
pub(super) fn store<'a>(
    file: &Connection,
    queue: &str,
    envelopes: impl IntoIterator<Item = &'a EnvelopeRow>,
) -> rusqlite::Result<()> {
    let mut storing = Storing::new(file)?;
    envelopes.into_iter().try_for_each(|envelope| storing.store(queue, envelope))
}

/// Forgets the ids that are old enough.
pub(super) fn forget_old_ids(file: &Connection) -> rusqlite::Result<()> {
    file.execute("DELETE FROM athena_ids WHERE stored_at < ?1", [now() - REMEMBERED])?;
    Ok(())
}

/// Whether a queue exists: it was made, or another program has stored a message in it.
pub(super) fn queue_exists(file: &Connection, queue: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM athena_ids WHERE queue = ?1) \
               OR EXISTS (SELECT 1 FROM athena_messages WHERE queue = ?1)";
    file.query_row(sql, [queue], |row| row.get(0))
}

/// Lets a queue exist before it has messages, by an id that no message has. It is never old enough to be
/// forgotten.
pub(super) fn make_queue(file: &Connection, queue: &str) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO athena_ids (queue, id, stored_at) VALUES (?1, '', ?2) ON CONFLICT DO NOTHING";
    file.execute(sql, params![queue, i64::MAX])?;
    Ok(())
}

/// The names of the queues in a file. Reads one row of each queue.
pub(super) fn queues(file: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = file.prepare(include_str!("queues.sql"))?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

/// Whether a message may be delivered now.
pub(super) fn has_due(file: &Connection, queue: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM athena_messages WHERE queue = ?1 AND due <= ?2)";
    file.prepare_cached(sql)?.query_row(params![queue, now()], |row| row.get(0))
}

/// Delivers the next messages: those that were delivered before come first.
pub(super) fn pull(
    file: &Connection,
    queue: &str,
    max: usize,
    lease: Duration,
) -> rusqlite::Result<Vec<HeldRow>> {
    let now = now();
    let sql = "SELECT number, headers, body, failures, deliveries FROM athena_messages \
               WHERE queue = ?1 AND due > 0 AND due <= ?2 ORDER BY due, number LIMIT ?3";
    let mut rows = held(file, sql, params![queue, now, count(max)])?;
    let sql = "SELECT number, headers, body, failures, deliveries FROM athena_messages \
               WHERE queue = ?1 AND due = 0 ORDER BY number LIMIT ?2";
    rows.extend(held(file, sql, params![queue, count(max - rows.len())])?);
    let mut hold = file
        .prepare_cached("UPDATE athena_messages SET due = ?2, deliveries = ?3 WHERE number = ?1")?;
    let until = now.saturating_add(milliseconds(lease));
    for row in &rows {
        hold.execute(params![row.number, until, row.deliveries])?;
    }
    Ok(rows)
}

fn count(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

fn held(
    file: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<HeldRow>> {
    let mut statement = file.prepare_cached(sql)?;
    let found = statement.query_map(values, |row| {
        let (number, headers, body) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let deliveries = row.get::<_, u32>(4)?.saturating_add(1);
        Ok(HeldRow { number, headers, body, failures: row.get(3)?, deliveries })
    })?;
    found.collect()
}

/// The envelope of a row with headers and body after its number.
fn envelope(row: &Row<'_>, number: i64) -> rusqlite::Result<Envelope> {
    let headers: String = row.get(1)?;
    // Another program may have written the row.
    let envelope =
        Envelope::from_json_headers(headers.as_bytes(), row.get(2)?).map_err(|error| {
            let cause = Box::new(std::io::Error::other(error.to_string()));
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, cause)
        })?;
    Ok(with_id(envelope, number))
}

fn with_id(mut envelope: Envelope, number: i64) -> Envelope {
    if envelope.id.is_empty() {
        envelope.id = number.to_string();
    }
    envelope
}

/// A delivery is identified by the row and how often it was delivered.
fn tag(number: i64, deliveries: u32) -> DeliveryTag {
    DeliveryTag(format!("{number}:{deliveries}"))
}

fn number_and_delivery(tag: &DeliveryTag) -> (i64, u32) {
    let (number, delivery) = tag.0.split_once(':').unwrap_or_default();
    (number.parse().unwrap_or_default(), delivery.parse().unwrap_or_default())
}

pub(super) fn acknowledge(
    file: &Connection,
    queue: &str,
    tags: &[DeliveryTag],
) -> rusqlite::Result<()> {
    let mut removing = Removing::new(file)?;
    tags.iter().try_for_each(|tag| removing.remove(queue, tag).map(|_| ()))
}

/// Acknowledges messages, and stores the envelopes of those that were still there.
pub(super) fn complete(
    file: &Connection,
    queue: &str,
    to: &str,
    done: &[(DeliveryTag, EnvelopeRow)],
) -> rusqlite::Result<()> {
    let (mut removing, mut storing) = (Removing::new(file)?, Storing::new(file)?);
    for (tag, envelope) in done {
        if removing.remove(queue, tag)? {
            storing.store(to, envelope)?;
        }
    }
    Ok(())
}

/// Moves messages from one queue to another, whether their ids are known there or not: dead letters, and
/// back.
pub(super) fn move_all(
    file: &Connection,
    queue: &str,
    to: &str,
    moved: &[(DeliveryTag, EnvelopeRow)],
) -> rusqlite::Result<()> {
    let (mut removing, mut storing) = (Removing::new(file)?, Storing::new(file)?);
    for (tag, envelope) in moved {
        if removing.remove(queue, tag)? {
            storing.insert(to, envelope)?;
        }
    }
    Ok(())
}

/// Returns messages that this consumer still holds.
pub(super) fn nack(file: &Connection, queue: &str, nacks: &[Nack]) -> rusqlite::Result<()> {
    let sql = "UPDATE athena_messages SET due = ?4, failures = ?5 \
               WHERE number = ?1 AND queue = ?2 AND deliveries = ?3";
    let mut update = file.prepare_cached(sql)?;
    for nack in nacks {
        let (number, delivery) = number_and_delivery(&nack.tag);
        let due = now().saturating_add(milliseconds(nack.delay));
        update.execute(params![number, queue, delivery, due, nack.failures])?;
    }
    Ok(())
}

/// Extends the leases of messages that this consumer still holds.
pub(super) fn keep_alive(
    file: &Connection,
    queue: &str,
    lease: Duration,
    tags: &[DeliveryTag],
) -> rusqlite::Result<()> {
    let sql = "UPDATE athena_messages SET due = ?4 \
               WHERE number = ?1 AND queue = ?2 AND deliveries = ?3";
    let mut update = file.prepare_cached(sql)?;
    let until = now().saturating_add(milliseconds(lease));
    for tag in tags {
        let (number, delivery) = number_and_delivery(tag);
        update.execute(params![number, queue, delivery, until])?;
    }
    Ok(())
}

pub(super) fn backlog(file: &Connection, queue: &str) -> rusqlite::Result<Backlog> {
    let sql = "SELECT count(*) FILTER (WHERE due = 0), count(*) FILTER (WHERE due > 0) \
               FROM athena_messages WHERE queue = ?1";
    let count = |row: &Row<'_>| {
        let (waiting, in_flight): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(Backlog::new(waiting.unsigned_abs(), in_flight.unsigned_abs()))
    };
    file.prepare_cached(sql)?.query_row([queue], count)
}

pub(super) fn status(file: &Connection, queue: &str, dead: &str) -> rusqlite::Result<QueueStatus> {
    let dead = backlog(file, dead)?;
    let mut status = QueueStatus::new(backlog(file, queue)?, dead.waiting + dead.in_flight);
    let sql = "SELECT min(stored_at) FROM athena_messages WHERE queue = ?1";
    let oldest: Option<i64> = file.query_row(sql, [queue], |row| row.get(0))?;
    status.oldest = oldest
        .map(|oldest| Duration::from_millis(now().saturating_sub(oldest).max(0).unsigned_abs()));
    Ok(status)
}

/// The envelopes of a queue after a number, the oldest first.
pub(super) fn browse(
    file: &Connection,
    queue: &str,
    after: i64,
    max: usize,
) -> rusqlite::Result<Vec<(i64, StoredDeadLetter)>> {
    let sql = "SELECT number, headers, body, stored_at FROM athena_messages \
               WHERE queue = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
    let mut statement = file.prepare_cached(sql)?;
    let found = statement.query_map(params![queue, after, count(max)], |row| {
        let number: i64 = row.get(0)?;
        let mut letter = StoredDeadLetter::new(tag(number, 0), envelope(row, number)?);
        let stored_at: i64 = row.get(3)?;
        letter.stored_at =
            Some(UNIX_EPOCH + Duration::from_millis(stored_at.max(0).unsigned_abs()));
        Ok((number, letter))
    })?;
    found.collect()
}
