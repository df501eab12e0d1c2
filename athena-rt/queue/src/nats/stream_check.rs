//! Checks whether messages are safe in a stream. A stream of the user's own may have any settings.

use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::{Config, DiscardPolicy, Info, RetentionPolicy, StorageType};
use serde::Deserialize;
use serde_json::json;

use super::connection::NatsConnection;
use super::stream::info;
use crate::warn_once::warn_once;
use athena_core::environment::Setting as _;
use athena_core::error::{Error, Result};

/// Warns of the ways in which a stream may lose messages. `stores` if messages are stored in it.
///
/// # Errors
/// A message that is stored would be lost at once.
pub(super) async fn check(
    connection: &NatsConnection,
    subject: &str,
    name: &str,
    stores: bool,
) -> Result<()> {
    let Info { config, .. } = &info(connection, name, false).await?;
    if stores
        && config.retention == RetentionPolicy::Interest
        && !has_consumer(connection, name, subject).await?
    {
        return Err(Error::usage(format!(
            "no consumer waits for messages on {subject}, and the stream {name} drops those that no \
             consumer waits for"
        ))
        .help("create a consumer first, or use a stream with limits or work-queue retention"));
    }
    for risk in risks(config) {
        warn_once(format!("the stream {name} of the subject {subject} {risk}"));
    }
    Ok(())
}

/// The ways in which messages could be lost.
fn risks(config: &Config) -> Vec<String> {
    let mut risks = Vec::new();
    if config.no_ack {
        risks.push("does not confirm messages (no_ack): storing fails".to_owned());
    }
    if config.storage == StorageType::Memory {
        risks.push("is in memory: messages are lost when the server restarts".to_owned());
    }
    if !config.max_age.is_zero() {
        let age = config.max_age.show();
        risks.push(format!("removes messages after {age} (max_age), done or not"));
    }
    let limits = [
        ("max_msgs", config.max_messages > 0),
        ("max_bytes", config.max_bytes > 0),
        ("max_msgs_per_subject", config.max_messages_per_subject > 0),
    ];
    let limits: Vec<&str> =
        limits.iter().filter(|(_, is_set)| *is_set).map(|(name, _)| *name).collect();
    if config.discard == DiscardPolicy::Old && !limits.is_empty() {
        let limits = limits.join(", ");
        risks.push(format!("removes its oldest messages when it is full ({limits}), done or not"));
    }
    if config.retention == RetentionPolicy::Interest {
        risks.push("drops messages that no consumer waits for (interest retention)".to_owned());
    }
    risks
}

#[derive(Deserialize)]
struct Consumers {
    total: usize,
    #[serde(default)]
    consumers: Vec<ConsumerInfo>,
}

#[derive(Deserialize)]
struct ConsumerInfo {
    config: Filters,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filters {
    filter_subject: String,
    filter_subjects: Vec<String>,
}

/// Whether a consumer of the stream receives the messages of a subject.
async fn has_consumer(connection: &NatsConnection, name: &str, subject: &str) -> Result<bool> {
    let first = json!({ "offset": 0 });
    let listed: Consumers = connection
        .request("list the consumers", async {
            match connection.jetstream.request(format!("CONSUMER.LIST.{name}"), &first).await {
                Ok(Response::Ok(listed)) => Ok::<Consumers, String>(listed),
                Ok(Response::Err { error }) => Err(error.to_string()),
                Err(error) => Err(error.to_string()),
            }
        })
        .await?;
    // The answer is cut after some hundreds.
    Ok(listed.total > listed.consumers.len()
        || listed.consumers.iter().any(|consumer| consumer.config.cover(subject)))
}

impl Filters {
    fn cover(&self, subject: &str) -> bool {
        let filters = self.filter_subjects.iter().chain(Some(&self.filter_subject));
        let mut filters = filters.filter(|filter| !filter.is_empty()).peekable();
        filters.peek().is_none() || filters.any(|filter| covers(filter, subject))
    }
}

/// Whether a filter with the wildcards of NATS covers a subject.
fn covers(filter: &str, subject: &str) -> bool {
    let mut words = subject.split('.');
    for part in filter.split('.') {
        match (part, words.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (part, Some(word)) if part == word => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn config() -> Config {
        Config { discard: DiscardPolicy::New, ..Config::default() }
    }

    #[test]
    fn a_stream_that_may_lose_messages_is_reported() {
        assert_eq!(risks(&config()), [""; 0]);
        let risky = Config {
            storage: StorageType::Memory,
            max_age: Duration::from_secs(90),
            max_messages: 10,
            retention: RetentionPolicy::Interest,
            discard: DiscardPolicy::Old,
            ..config()
        };
        let risky = risks(&risky).join("; ");
        for part in ["in memory", "90s (max_age)", "full (max_msgs)", "interest"] {
            assert!(risky.contains(part), "{part}: {risky}");
        }
    }

    #[test]
    fn a_filter_covers_subjects() {
        for (filter, subject, is_covered) in [
            ("a.b", "a.b", true),
            ("a.*", "a.b", true),
            ("a.>", "a.b.c", true),
            (">", "a", true),
            ("a.>", "a", false),
            ("a.*", "a.b.c", false),
            ("a.b", "a.c", false),
            ("a", "a.b", false),
        ] {
            assert_eq!(covers(filter, subject), is_covered, "{filter} {subject}");
        }
        assert!(Filters::default().cover("a"));
        let filters = |all: &[&str]| Filters {
            filter_subjects: all.iter().map(|one| (*one).to_owned()).collect(),
            ..Filters::default()
        };
        assert!(filters(&["b", "a"]).cover("a") && !filters(&["b"]).cover("a"));
    }
}
