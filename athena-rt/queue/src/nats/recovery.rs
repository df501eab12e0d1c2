//! Repairs what a killed server leaves inconsistent.
//!
//! A server persists acknowledgements a little later than it answers, and separately from the
//! removal of messages from the stream. If it is killed in between, either may be missing; after a
//! second kill 2.9 may also treat messages as acknowledged that it had only delivered before the
//! first. Then either the consumer waits for a message that is gone, which 2.9 tries to deliver
//! forever; or the stream holds a message that the consumer believes to be acknowledged, which is
//! never delivered again.

use std::time::Duration;

use async_nats::jetstream::consumer;
use async_nats::jetstream::stream::{RawMessageErrorKind, RetentionPolicy, State};

use super::connection::NatsConnection;
use super::stream::info;
use athena_core::error::Result;

/// The maximum number of messages to acknowledge at once. The ones that the consumer waits for may
/// be the last of them; the server does not list them.
const MAX_STALE: usize = 1_000_000;

/// How long the server takes to delete an acknowledged message.
const DELETE_DELAY: Duration = Duration::from_millis(200);

/// The acknowledgements for a consumer that waits for deleted messages; usually none.
pub(super) async fn stale_acks(
    connection: &NatsConnection,
    consumer: &consumer::Info,
) -> Result<Vec<String>> {
    if consumer.num_ack_pending == 0 {
        return Ok(Vec::new());
    }
    let name = &consumer.stream_name;
    let state = info(connection, name, true).await?.state;
    let gone = gone(&state, consumer.ack_floor.stream_sequence, consumer.delivered.stream_sequence);
    let acknowledge = |sequence| format!("$JS.ACK.{name}.{}.1.{sequence}.0.0.0", consumer.name);
    Ok(gone.map(acknowledge).collect())
}

/// Whether the stream deletes acknowledged messages and still holds one that this consumer
/// considers acknowledged. The consumer may have forgotten it; only a new consumer delivers it
/// again.
pub(super) async fn has_forgotten_messages(
    connection: &NatsConnection,
    subject: &str,
    consumer: &consumer::Info,
) -> Result<bool> {
    let name = &consumer.stream_name;
    let floor = consumer.ack_floor.stream_sequence;
    // A server deletes a message a little later than it confirms the acknowledgement.
    for wait in [Duration::ZERO, DELETE_DELAY] {
        tokio::time::sleep(wait).await;
        let stream = info(connection, name, false).await?;
        let state = &stream.state;
        if stream.config.retention != RetentionPolicy::WorkQueue
            || state.messages == 0
            || state.first_sequence > floor
            || first(connection, name, subject).await?.is_none_or(|first| first > floor)
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The sequence of the first message of a subject.
async fn first(connection: &NatsConnection, stream: &str, subject: &str) -> Result<Option<u64>> {
    let found = connection.jetstream.get_stream_no_info(stream);
    let found = connection.request("find the stream", found).await?;
    let request = found.raw_message_builder().sequence(1).next_by_subject(subject);
    connection
        .request("read the stream", async {
            match request.send().await {
                Ok(message) => Ok(Some(message.sequence)),
                Err(error) if error.kind() == RawMessageErrorKind::NoMessageFound => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
}

/// The messages between two sequences that are no longer in the stream.
fn gone(state: &State, after: u64, last: u64) -> impl Iterator<Item = u64> {
    let (first, deleted) = (state.first_sequence, state.deleted.iter().flatten().copied());
    let before = after + 1..first.min(last + 1);
    before
        .chain(deleted.filter(move |&one| one > after && one <= last && one >= first))
        .take(MAX_STALE)
}
