//! What the end of a server leaves behind.
//!
//! A server writes down what was acknowledged a little later, and apart from what it removed from
//! the stream. When it is killed in between, either may be missing: then the consumer waits for a
//! message that is gone, which 2.9 tries to deliver for ever; or the stream holds one that was
//! acknowledged, and would hand it out again if the consumer was ever made anew.

use async_nats::jetstream::consumer;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{Info, RetentionPolicy, State};
use serde_json::json;

use super::link::Link;
use crate::error::Result;

/// How many messages are looked at in one go. Those that the consumer waits for may be the last of
/// them: nothing tells which they are.
const AT_ONCE: usize = 1_000_000;

/// What is to be acknowledged for a consumer that waits for messages that are gone; none for most.
/// Removes what was acknowledged from a stream that holds messages until then.
pub(super) async fn settle(
    link: &Link,
    subject: &str,
    consumer: &consumer::Info,
) -> Result<Vec<String>> {
    let name = &consumer.stream_name;
    let with_deleted = json!({ "deleted_details": consumer.num_ack_pending > 0 });
    let asked = link.ask("look at the stream", async {
        match link.jetstream.request(format!("STREAM.INFO.{name}"), &with_deleted).await {
            Ok(Response::Ok(info)) => Ok::<Info, String>(info),
            Ok(Response::Err { error }) => Err(error.to_string()),
            Err(error) => Err(error.to_string()),
        }
    });
    let stream = asked.await?;
    let floor = consumer.ack_floor.stream_sequence;
    let is_behind = stream.state.messages > 0 && stream.state.first_sequence <= floor;
    if is_behind && stream.config.retention == RetentionPolicy::WorkQueue {
        let found = link.jetstream.get_stream_no_info(name);
        let found = link.ask("find the stream", found).await?;
        let purge = found.purge().filter(subject).sequence(floor + 1);
        // A stream may forbid it; nothing depends on it.
        let _ = link.ask("remove what was acknowledged", purge.into_future()).await;
    }
    if consumer.num_ack_pending == 0 {
        return Ok(Vec::new());
    }
    let gone = gone(&stream.state, floor, consumer.delivered.stream_sequence);
    let acknowledge = |sequence| format!("$JS.ACK.{name}.{}.1.{sequence}.0.0.0", consumer.name);
    Ok(gone.map(acknowledge).collect())
}

/// The messages after this one, up to that one, that are in the stream no more.
fn gone(state: &State, after: u64, last: u64) -> impl Iterator<Item = u64> {
    let (first, deleted) = (state.first_sequence, state.deleted.iter().flatten().copied());
    let before = after + 1..first.min(last + 1);
    before
        .chain(deleted.filter(move |&one| one > after && one <= last && one >= first))
        .take(AT_ONCE)
}
