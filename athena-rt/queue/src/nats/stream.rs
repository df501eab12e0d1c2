//! Finds or creates the stream of a subject.

use std::time::Duration;

use async_nats::jetstream::context::GetStreamByNameErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use futures_util::TryStreamExt as _;
use serde_json::json;

use super::connection::NatsConnection;
use athena_core::error::Result;

/// How long the broker deduplicates by id: several leases, so that the outcome of a worker that
/// died before acknowledging is stored once. Each id takes about 150 bytes of the broker's memory
/// for that time, which is 1 GB at 10,000 per second. No longer, since a broker that runs out of
/// memory is worse than a duplicate outcome.
///
/// The alternative, one subject per outcome with one message per subject, would reject duplicates
/// for as long as the first is there. Measured: storing takes 1.5 times as long, collecting twice
/// as long, each outcome takes 250 bytes of memory until it is collected, and other programs could
/// not read the outcomes under the named subject.
const DEDUP_WINDOW: Duration = Duration::from_mins(10);

/// The stream that covers a subject, if there is one.
pub(super) async fn find(connection: &NatsConnection, subject: &str) -> Result<Option<String>> {
    connection
        .request("find the stream", async {
            match connection.jetstream.stream_by_subject(subject).await {
                Ok(name) => Ok(Some(name)),
                Err(error) if error.kind() == GetStreamByNameErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
}

/// The subjects of the streams, for a message. Empty if the user may not list them.
pub(super) async fn subjects(connection: &NatsConnection) -> Vec<String> {
    let listed = connection.request("list the streams", async {
        let streams: Result<Vec<Info>, _> = connection.jetstream.streams().try_collect().await;
        streams.map_err(|error| error.to_string())
    });
    let streams = listed.await.unwrap_or_default();
    streams.into_iter().flat_map(|stream| stream.config.subjects).collect()
}

/// The stream that covers a subject; created if there is none.
pub(super) async fn find_or_create(connection: &NatsConnection, subject: &str) -> Result<String> {
    if let Some(name) = find(connection, subject).await? {
        return Ok(name);
    }
    let config = config(subject);
    let name = config.name.clone();
    let created =
        connection.request("create the stream", connection.jetstream.create_stream(config)).await;
    match created {
        Ok(_) => Ok(name),
        // Another worker may have been faster.
        Err(error) => match find(connection, subject).await {
            Ok(Some(name)) => Ok(name),
            _ => Err(error.help(format!(
                "create a stream that covers the subject {subject}, or allow creating {name}"
            ))),
        },
    }
}

/// The state and the settings of a stream.
pub(super) async fn info(
    connection: &NatsConnection,
    name: &str,
    with_deleted: bool,
) -> Result<Info> {
    let with_deleted = json!({ "deleted_details": with_deleted });
    connection
        .request("read the state of the stream", async {
            match connection.jetstream.request(format!("STREAM.INFO.{name}"), &with_deleted).await {
                Ok(Response::Ok(info)) => Ok::<Info, String>(info),
                Ok(Response::Err { error }) => Err(error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        })
        .await
}

/// A subject as a name that has no dots.
pub(super) fn stream_name(subject: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    subject.chars().map(|c| if legal(c) { c } else { '-' }).collect()
}

/// A stream for messages, outcomes or dead letters: without limits on age or size, it rejects what
/// does not fit on the disk, and deletes acknowledged messages.
fn config(subject: &str) -> Config {
    Config {
        name: stream_name(subject),
        description: Some("made by athena".to_owned()),
        subjects: vec![subject.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        storage: StorageType::File,
        discard: DiscardPolicy::New,
        duplicate_window: DEDUP_WINDOW,
        num_replicas: 1,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_after_its_subject() {
        assert_eq!(stream_name("tasks.a_b-1"), "tasks-a_b-1");
    }
}
