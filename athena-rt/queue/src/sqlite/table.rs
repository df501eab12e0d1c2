//! What is read from the tables and written to them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, Row, params};

use crate::broker::{
    Backlog, DeadLetter, Delivery, DeliveryTag, Nack, QueueStatus, StoredDeadLetter,
};
use crate::envelope::Envelope;

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

/// Stores envelopes, one per id.
pub(super) fn store(
    file: &Connection,
    queue: &str,
    envelopes: &[Envelope],
) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO athena_ids (queue, id, stored_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut remember = file.prepare_cached(sql)?;
    let now = now();
    for envelope in envelopes {
        if envelope.id.is_empty() || remember.execute(params![queue, envelope.id, now])? == 1 {
            insert(file, queue, envelope)?;
        }
    }
    Ok(())
}

/// Stores an envelope, whether its id is known or not.
fn insert(file: &Connection, queue: &str, envelope: &Envelope) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO athena_messages (queue, stored_at, headers, body) VALUES (?1, ?2, ?3, ?4)";
    let headers = envelope.headers_to_json();
    file.prepare_cached(sql)?.execute(params![queue, now(), headers, envelope.bytes])?;
    Ok(())
}

/// Forgets the ids that are old enough.
pub(super) fn forget_old_ids(file: &Connection) -> rusqlite::Result<()> {
    file.execute("DELETE FROM athena_ids WHERE stored_at < ?1", [now() - REMEMBERED])?;
    Ok(())
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
) -> rusqlite::Result<Vec<Delivery>> {
    let now = now();
    let sql = "SELECT number, headers, body, failures, deliveries FROM athena_messages \
               WHERE queue = ?1 AND due > 0 AND due <= ?2 ORDER BY due, number LIMIT ?3";
    let mut rows = deliveries(file, sql, params![queue, now, count(max)])?;
    let sql = "SELECT number, headers, body, failures, deliveries FROM athena_messages \
               WHERE queue = ?1 AND due = 0 ORDER BY number LIMIT ?2";
    rows.extend(deliveries(file, sql, params![queue, count(max - rows.len())])?);
    let mut hold = file
        .prepare_cached("UPDATE athena_messages SET due = ?2, deliveries = ?3 WHERE number = ?1")?;
    let until = now.saturating_add(milliseconds(lease));
    let mut pulled = Vec::with_capacity(rows.len());
    for (number, delivery) in rows {
        hold.execute(params![number, until, delivery.deliveries])?;
        pulled.push(delivery);
    }
    Ok(pulled)
}

fn count(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

fn deliveries(
    file: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> rusqlite::Result<Vec<(i64, Delivery)>> {
    let mut statement = file.prepare_cached(sql)?;
    let found = statement.query_map(values, |row| {
        let number: i64 = row.get(0)?;
        let deliveries = row.get::<_, u32>(4)?.saturating_add(1);
        let mut delivery = Delivery::new(tag(number, deliveries), envelope(row, number)?);
        (delivery.failures, delivery.deliveries) = (row.get(3)?, deliveries);
        Ok((number, delivery))
    })?;
    found.collect()
}

/// The envelope of a row with headers and body after its number.
fn envelope(row: &Row<'_>, number: i64) -> rusqlite::Result<Envelope> {
    let headers: String = row.get(1)?;
    // Another program may have written the row.
    let mut envelope =
        Envelope::from_json_headers(headers.as_bytes(), row.get(2)?).map_err(|error| {
            let cause = Box::new(std::io::Error::other(error.to_string()));
            rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, cause)
        })?;
    if envelope.id.is_empty() {
        envelope.id = number.to_string();
    }
    Ok(envelope)
}

/// A delivery is identified by the row and how often it was delivered.
fn tag(number: i64, deliveries: u32) -> DeliveryTag {
    DeliveryTag(format!("{number}:{deliveries}"))
}

fn number_and_delivery(tag: &DeliveryTag) -> (i64, u32) {
    let (number, delivery) = tag.0.split_once(':').unwrap_or_default();
    (number.parse().unwrap_or_default(), delivery.parse().unwrap_or_default())
}

/// Removes a message. Returns whether it was there.
fn remove(file: &Connection, queue: &str, tag: &DeliveryTag) -> rusqlite::Result<bool> {
    let sql = "DELETE FROM athena_messages WHERE number = ?1 AND queue = ?2";
    let number = number_and_delivery(tag).0;
    Ok(file.prepare_cached(sql)?.execute(params![number, queue])? == 1)
}

pub(super) fn acknowledge(
    file: &Connection,
    queue: &str,
    tags: &[DeliveryTag],
) -> rusqlite::Result<()> {
    tags.iter().try_for_each(|tag| remove(file, queue, tag).map(|_| ()))
}

/// Acknowledges messages, and stores the envelopes of those that were still there.
pub(super) fn complete(
    file: &Connection,
    queue: &str,
    to: &str,
    done: &[(DeliveryTag, Envelope)],
) -> rusqlite::Result<()> {
    for (tag, envelope) in done {
        if remove(file, queue, tag)? {
            store(file, to, std::slice::from_ref(envelope))?;
        }
    }
    Ok(())
}

pub(super) fn dead_letter(
    file: &Connection,
    queue: &str,
    dead_queue: &str,
    dead: &[DeadLetter],
) -> rusqlite::Result<()> {
    for dead_letter in dead {
        if remove(file, queue, &dead_letter.tag)? {
            insert(file, dead_queue, &dead_letter.envelope)?;
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

/// Moves dead letters back to their queue. Their ids are known there.
pub(super) fn requeue(
    file: &Connection,
    queue: &str,
    dead_queue: &str,
    letters: &[StoredDeadLetter],
) -> rusqlite::Result<()> {
    for letter in letters {
        if remove(file, dead_queue, &letter.tag)? {
            insert(file, queue, &letter.envelope.revived())?;
        }
    }
    Ok(())
}
