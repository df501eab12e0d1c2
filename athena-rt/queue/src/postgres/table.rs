//! What is read from the tables and written to them. Each statement is a transaction.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use tokio_postgres::Row;

use super::connection::PostgresConnection;
use crate::broker::{Backlog, Delivery, DeliveryTag, Nack, QueueStatus, StoredDeadLetter};
use crate::envelope::Envelope;
use athena_core::error::Result;

/// Stores envelopes whose ids are new. $1: queue; $2, $3, $4: ids, headers, bodies.
const STORE: &str = "
WITH given AS (SELECT * FROM unnest($2::text[], $3::text[], $4::bytea[]) WITH ORDINALITY AS t(id, headers, body, place)),
new AS (INSERT INTO athena_ids (queue, id) SELECT $1, id FROM given WHERE id <> '' ORDER BY id ON CONFLICT DO NOTHING RETURNING id),
stored AS (INSERT INTO athena_messages (queue, headers, body)
  SELECT $1, headers, body FROM given WHERE id = '' OR (id IN (SELECT id FROM new)) IS TRUE ORDER BY place RETURNING 1)
SELECT pg_notify('athena_messages', $1) FROM (SELECT count(*) FROM stored) AS counted WHERE count > 0";

/// Removes messages, and stores an envelope for each that was there, if its id is new there. $1: numbers;
/// $2: other queue; $3, $4, $5, $6: numbers, ids, headers, bodies.
///
/// A number is of one queue. A condition on the queue would have the index of the whole queue read.
const COMPLETE: &str = "
WITH done AS (DELETE FROM athena_messages WHERE number = ANY($1::bigint[]) RETURNING number),
given AS (SELECT * FROM unnest($3::bigint[], $4::text[], $5::text[], $6::bytea[]) WITH ORDINALITY AS t(number, id, headers, body, place)
  WHERE (number IN (SELECT number FROM done)) IS TRUE),
new AS (INSERT INTO athena_ids (queue, id) SELECT $2, id FROM given ORDER BY id ON CONFLICT DO NOTHING RETURNING id),
stored AS (INSERT INTO athena_messages (queue, headers, body)
  SELECT $2, headers, body FROM given WHERE (id IN (SELECT id FROM new)) IS TRUE ORDER BY place RETURNING 1)
SELECT pg_notify('athena_messages', $2) FROM (SELECT count(*) FROM stored) AS counted WHERE count > 0";

/// Moves messages to another queue, whether their ids are known there or not. The same values, except ids.
const MOVE: &str = "
WITH done AS (DELETE FROM athena_messages WHERE number = ANY($1::bigint[]) RETURNING number),
stored AS (INSERT INTO athena_messages (queue, headers, body)
  SELECT $2, headers, body FROM unnest($1::bigint[], $3::text[], $4::bytea[]) WITH ORDINALITY AS t(number, headers, body, place)
  WHERE (number IN (SELECT number FROM done)) IS TRUE ORDER BY place RETURNING 1)
SELECT pg_notify('athena_messages', $2) FROM (SELECT count(*) FROM stored) AS counted WHERE count > 0";

/// Delivers messages: those that were delivered before come first.
const PULL: &str = "
WITH expired AS (SELECT number FROM athena_messages WHERE queue = $1 AND due > '-infinity' AND due <= now()
  ORDER BY due, number LIMIT $2 FOR UPDATE SKIP LOCKED),
fresh AS (SELECT number FROM athena_messages WHERE queue = $1 AND due = '-infinity'
  ORDER BY number LIMIT greatest($2 - (SELECT count(*) FROM expired), 0) FOR UPDATE SKIP LOCKED)
UPDATE athena_messages SET due = now() + $3::bigint * interval '1 ms', deliveries = deliveries + 1
WHERE number IN (SELECT number FROM expired UNION ALL SELECT number FROM fresh)
RETURNING number, headers, body, failures, deliveries";

/// Sets when messages are due, if this delivery still holds them. $1, $2: numbers, deliveries;
/// $3, $4: milliseconds, failures.
const HOLD: &str = "
UPDATE athena_messages AS held SET due = now() + wait * interval '1 ms', failures = coalesce(counted, failures)
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS t(one, delivery, wait, counted)
WHERE number = one AND deliveries = delivery";

const REMOVE: &str = "DELETE FROM athena_messages WHERE number = ANY($1::bigint[])";

const COUNT: &str = "
SELECT count(*) FILTER (WHERE due = '-infinity'), count(*) FILTER (WHERE due > '-infinity'),
  (extract(epoch FROM now() - min(stored_at)) * 1000)::bigint
FROM athena_messages WHERE queue = $1";

const BROWSE: &str = "SELECT number, headers, body, stored_at FROM athena_messages
WHERE queue = $1 AND number > $2 ORDER BY number LIMIT $3";

const FORGET: &str = "DELETE FROM athena_ids WHERE stored_at < now() - interval '7 days'";

/// Lets queues exist before they have messages, by an id that no message has. It is never old enough to be
/// forgotten. $1: queues.
const MAKE_QUEUES: &str = "INSERT INTO athena_ids (queue, id, stored_at)
SELECT queue, '', 'infinity'::timestamptz FROM unnest($1::text[]) AS t(queue) ORDER BY queue ON CONFLICT DO NOTHING";

/// The names of queues: those that were made, and those that other programs have stored messages in.
const QUEUES: &str = include_str!("../sqlite/queues.sql");

/// Lets queues exist. A database that is full can still be worked on.
pub(super) async fn make_queues(
    database: &PostgresConnection,
    queues: impl IntoIterator<Item = &str>,
) {
    let queues: Vec<&str> = queues.into_iter().collect();
    if let Err(error) = database.query(MAKE_QUEUES, &[&queues]).await {
        tracing::debug!("can't note the queues: {error}");
    }
}

/// The names of the queues.
pub(super) async fn queues(database: &PostgresConnection) -> Result<Vec<String>> {
    let rows = database.query(QUEUES, &[]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Forgets the ids that are old enough.
pub(super) async fn forget_old_ids(database: &PostgresConnection) -> Result<()> {
    database.query(FORGET, &[]).await.map(|_| ())
}

/// Stores envelopes, one per id.
pub(super) async fn store(
    database: &PostgresConnection,
    queue: &str,
    envelopes: &[Envelope],
) -> Result<()> {
    let envelopes = first_of_each_id(envelopes.iter());
    let ids: Vec<&str> = envelopes.iter().map(|envelope| &*envelope.id).collect();
    let headers: Vec<String> = envelopes.iter().map(|one| one.headers_to_json()).collect();
    let bodies: Vec<&[u8]> = envelopes.iter().map(|envelope| &*envelope.bytes).collect();
    database.query(STORE, &[&queue, &ids, &headers, &bodies]).await.map(|_| ())
}

/// In one statement, an id can't be seen twice.
fn first_of_each_id<'a>(envelopes: impl Iterator<Item = &'a Envelope>) -> Vec<&'a Envelope> {
    let mut ids = HashSet::new();
    envelopes.filter(|one| one.id.is_empty() || ids.insert(one.id.as_str())).collect()
}

/// Removes messages, and stores the envelopes of those that were there, one per id.
pub(super) async fn complete(
    database: &PostgresConnection,
    to: &str,
    done: &[(DeliveryTag, Envelope)],
) -> Result<()> {
    let numbers: Vec<i64> = done.iter().map(|(tag, _)| number_and_delivery(tag).0).collect();
    let mut ids = HashSet::new();
    let given: Vec<_> =
        done.iter().filter(|(_, envelope)| ids.insert(envelope.id.as_str())).collect();
    let with: Vec<i64> = given.iter().map(|(tag, _)| number_and_delivery(tag).0).collect();
    let ids: Vec<&str> = given.iter().map(|(_, envelope)| &*envelope.id).collect();
    let headers: Vec<String> = given.iter().map(|(_, one)| one.headers_to_json()).collect();
    let bodies: Vec<&[u8]> = given.iter().map(|(_, envelope)| &*envelope.bytes).collect();
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 6] =
        [&numbers, &to, &with, &ids, &headers, &bodies];
    database.query(COMPLETE, &values).await.map(|_| ())
}

/// Moves messages to another queue: dead letters, and back.
pub(super) async fn move_all(
    database: &PostgresConnection,
    to: &str,
    moved: &[(DeliveryTag, Envelope)],
) -> Result<()> {
    let numbers: Vec<i64> = moved.iter().map(|(tag, _)| number_and_delivery(tag).0).collect();
    let headers: Vec<String> = moved.iter().map(|(_, one)| one.headers_to_json()).collect();
    let bodies: Vec<&[u8]> = moved.iter().map(|(_, envelope)| &*envelope.bytes).collect();
    database.query(MOVE, &[&numbers, &to, &headers, &bodies]).await.map(|_| ())
}

pub(super) async fn acknowledge(database: &PostgresConnection, tags: &[DeliveryTag]) -> Result<()> {
    let numbers: Vec<i64> = tags.iter().map(|tag| number_and_delivery(tag).0).collect();
    database.query(REMOVE, &[&numbers]).await.map(|_| ())
}

pub(super) async fn pull(
    database: &PostgresConnection,
    queue: &str,
    max: usize,
    lease: Duration,
) -> Result<Vec<Delivery>> {
    let rows = database.query(PULL, &[&queue, &count(max), &milliseconds(lease)]).await?;
    let mut pulled = Vec::with_capacity(rows.len());
    for row in rows {
        let (number, failures, deliveries) = (row.get(0), row.get::<_, i64>(3), row.get(4));
        let mut delivery = Delivery::new(tag(number, deliveries), envelope(&row)?);
        delivery.failures = u32::try_from(failures).unwrap_or(u32::MAX);
        delivery.deliveries = u32::try_from(deliveries).unwrap_or(u32::MAX);
        pulled.push((number, delivery));
    }
    pulled.sort_by_key(|(number, _)| *number);
    Ok(pulled.into_iter().map(|(_, delivery)| delivery).collect())
}

/// Returns messages that this consumer still holds.
pub(super) async fn nack(database: &PostgresConnection, nacks: &[Nack]) -> Result<()> {
    let tags = nacks.iter().map(|nack| &nack.tag);
    let waits: Vec<i64> = nacks.iter().map(|nack| milliseconds(nack.delay)).collect();
    let failures = nacks.iter().map(|nack| Some(i64::from(nack.failures))).collect();
    hold(database, tags, waits, failures).await
}

/// Extends the leases of messages that this consumer still holds.
pub(super) async fn keep_alive(
    database: &PostgresConnection,
    lease: Duration,
    tags: &[DeliveryTag],
) -> Result<()> {
    let waits = vec![milliseconds(lease); tags.len()];
    hold(database, tags.iter(), waits, vec![None; tags.len()]).await
}

async fn hold(
    database: &PostgresConnection,
    tags: impl Iterator<Item = &DeliveryTag>,
    waits: Vec<i64>,
    failures: Vec<Option<i64>>,
) -> Result<()> {
    let (numbers, deliveries): (Vec<i64>, Vec<i64>) = tags.map(number_and_delivery).unzip();
    database.query(HOLD, &[&numbers, &deliveries, &waits, &failures]).await.map(|_| ())
}

pub(super) async fn backlog(database: &PostgresConnection, queue: &str) -> Result<Backlog> {
    counts(database, queue).await.map(|(backlog, _)| backlog)
}

pub(super) async fn status(
    database: &PostgresConnection,
    queue: &str,
    dead: &str,
) -> Result<QueueStatus> {
    let (backlog, oldest) = counts(database, queue).await?;
    let (dead, _) = counts(database, dead).await?;
    let mut status = QueueStatus::new(backlog, dead.waiting + dead.in_flight);
    status.oldest = oldest;
    Ok(status)
}

/// The counts of a queue, and the age of its oldest message.
async fn counts(database: &PostgresConnection, queue: &str) -> Result<(Backlog, Option<Duration>)> {
    let rows = database.query(COUNT, &[&queue]).await?;
    let Some(row) = rows.first() else { return Ok((Backlog::default(), None)) };
    let count = |at| row.get::<_, i64>(at).unsigned_abs();
    let oldest: Option<i64> = row.get(2);
    let oldest = oldest.map(|oldest| Duration::from_millis(oldest.max(0).unsigned_abs()));
    Ok((Backlog::new(count(0), count(1)), oldest))
}

/// The envelopes of a queue after a number, the oldest first.
pub(super) async fn browse(
    database: &PostgresConnection,
    queue: &str,
    after: i64,
    max: usize,
) -> Result<Vec<(i64, StoredDeadLetter)>> {
    let rows = database.query(BROWSE, &[&queue, &after, &count(max)]).await?;
    let found = rows.iter().map(|row| {
        let number = row.get(0);
        let mut letter = StoredDeadLetter::new(tag(number, 0), envelope(row)?);
        letter.stored_at = Some(row.get::<_, SystemTime>(3));
        Ok((number, letter))
    });
    found.collect()
}

/// The envelope of a row with headers and body after its number.
fn envelope(row: &Row) -> Result<Envelope> {
    let mut envelope = Envelope::from_json_headers(row.get::<_, &str>(1).as_bytes(), row.get(2))?;
    // Another program may have written the row.
    if envelope.id.is_empty() {
        envelope.id = row.get::<_, i64>(0).to_string();
    }
    Ok(envelope)
}

/// A delivery is identified by the row and how often it was delivered.
fn tag(number: i64, deliveries: i64) -> DeliveryTag {
    DeliveryTag(format!("{number}:{deliveries}"))
}

fn number_and_delivery(tag: &DeliveryTag) -> (i64, i64) {
    let (number, delivery) = tag.0.split_once(':').unwrap_or_default();
    (number.parse().unwrap_or_default(), delivery.parse().unwrap_or_default())
}

fn count(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

/// Rounded up, so that a short time does not become zero.
fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_micros().div_ceil(1000)).unwrap_or(i64::MAX)
}
