//! The stream behind a subject.

use std::time::Duration;

use async_nats::jetstream::context::GetStreamByNameErrorKind;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};

use super::connection::NatsConnection;
use athena_core::error::Result;

/// How long the broker knows the id of a message again: some leases, so that the outcome of a
/// worker that died before it could acknowledge is stored once. Each id takes the broker some 150
/// bytes of memory for that time, which is 1 GB at 10,000 a second; no more, since a broker that
/// runs out of memory is worse than an outcome that is there twice.
///
/// A subject for each outcome, with one message a subject, would refuse a second one for as long as
/// the first is there. It was measured: to store takes 1.5 times as long, to collect twice, each
/// outcome takes 250 bytes of memory until it is collected, and others could not read the outcomes
/// under the subject that was named.
const DEDUP_WINDOW: Duration = Duration::from_mins(10);

/// The stream that covers a subject, whoever made it; none where none does.
pub(super) async fn find(connection: &NatsConnection, subject: &str) -> Result<Option<String>> {
    connection
        .request("look for the stream", async {
            match connection.jetstream.stream_by_subject(subject).await {
                Ok(name) => Ok(Some(name)),
                Err(error) if error.kind() == GetStreamByNameErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            }
        })
        .await
}

/// The stream that covers a subject; created where none does.
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
        // Another may have been faster.
        Err(error) => match find(connection, subject).await {
            Ok(Some(name)) => Ok(name),
            _ => Err(error.help(format!(
                "the stream {name} is to hold the subject {subject}; a stream of yours that \
                 holds it would be used instead"
            ))),
        },
    }
}

/// A word for what names a subject, where dots are not allowed.
pub(super) fn stream_name(subject: &str) -> String {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    subject.chars().map(|c| if legal(c) { c } else { '-' }).collect()
}

/// A stream for tasks, outcomes or dead letters: it loses nothing by age or size, refuses what
/// does not fit on the disk, and lets go of what was acknowledged.
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
