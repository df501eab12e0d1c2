//! Addresses of queues: the parts of a URL.

use std::time::Duration;

use url::Url;

use athena_core::display::mask_url;
use athena_core::error::{Error, Result};

/// The address of a queue: a broker and the name of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The URL without user and password, for messages.
    pub redacted: String,
    /// The URL of the broker: everything but the path.
    pub broker: Url,
    pub name: String,
    pub kind: BrokerKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BrokerKind {
    Nats,
    Redis,
}

/// The consumer group of all workers.
pub(crate) const GROUP: &str = "athena";

/// How a queue is consumed.
#[derive(Clone, Debug)]
pub(crate) struct ConsumerOptions {
    /// Consumers of one group share the messages.
    pub group: String,
    /// How long a message may go without a sign of life before it is redelivered.
    pub lease: Duration,
    /// The queue of outcomes, for a broker that stores and acknowledges in one step.
    #[cfg_attr(
        not(feature = "redis"),
        allow(dead_code, reason = "of these brokers, only Redis does")
    )]
    pub to: Option<Address>,
}

impl Address {
    /// Parses a URL.
    ///
    /// # Errors
    ///
    /// The text is not a URL, or names an unknown broker or no stream.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: String| {
            Error::usage(format!("{} is not a queue: {reason}", mask_url(text)))
                .help("a queue is redis://HOST:PORT/KEY or nats://HOST:PORT/SUBJECT")
        };
        let mut broker = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        let kind = match broker.scheme() {
            "nats" | "tls" => BrokerKind::Nats,
            "redis" | "rediss" => BrokerKind::Redis,
            other => return Err(wrong(format!("unknown broker {other}"))),
        };
        if broker.host_str().is_none_or(str::is_empty) {
            return Err(wrong("the host is missing".to_owned()));
        }
        let name = broker.path().trim_start_matches('/').to_owned();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte);
        if name.is_empty() {
            return Err(wrong("the name of the stream is missing".to_owned()));
        }
        if kind == BrokerKind::Redis
            && let Some((number, key)) = database(&name)
        {
            // As clients of caches write it: Redis would have a stream named after a number.
            let mut meant = broker.clone();
            meant.set_query(Some(&format!("db={number}")));
            return Err(Error::usage(format!(
                "{} is not a queue: {number} is a database, not the name of a stream",
                mask_url(text)
            ))
            .help(format!("name the stream, and the database with ?db=: {}", show(&meant, key))));
        }
        if !name.bytes().all(legal) || (kind == BrokerKind::Nats && !is_subject(&name)) {
            return Err(wrong(format!("{name:?} is not a valid name of a stream")));
        }
        broker.set_path("");
        let redacted = show(&broker, &name);
        Ok(Self { redacted, broker, name, kind })
    }

    /// The address of another stream on the same broker, named after this one.
    pub(crate) fn sibling(&self, suffix: &str) -> Self {
        let separator = match self.kind {
            BrokerKind::Nats => '.',
            BrokerKind::Redis => ':',
        };
        let name = format!("{}{separator}{suffix}", self.name);
        let redacted = show(&self.broker, &name);
        Self { redacted, name, ..self.clone() }
    }
}

/// The URL of a queue without user and password.
fn show(broker: &Url, name: &str) -> String {
    let mut redacted = broker.clone();
    // Fails only for a URL without a host.
    let _ = redacted.set_username("").and_then(|()| redacted.set_password(None));
    redacted.set_path(name);
    redacted.into()
}

/// The database and the key of a path that names a database first, `0` or `0/KEY`.
fn database(name: &str) -> Option<(&str, &str)> {
    let (number, key) = name.split_once('/').unwrap_or((name, "KEY"));
    let key = if key.is_empty() { "KEY" } else { key };
    number.bytes().all(|byte| byte.is_ascii_digit()).then_some((number, key))
}

/// Whether the name is a NATS subject without wildcards.
fn is_subject(name: &str) -> bool {
    !name.contains(':') && name.split('.').all(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_a_broker_and_a_name_and_never_shows_a_password() {
        let queue = Address::parse("redis://user:word@host:7000/tasks:a").unwrap();
        assert_eq!(queue.redacted, "redis://host:7000/tasks:a");
        assert_eq!((queue.name.as_str(), queue.kind), ("tasks:a", BrokerKind::Redis));
        assert_eq!(queue.broker.as_str(), "redis://user:word@host:7000");
        assert_eq!(queue.sibling("dead").redacted, "redis://host:7000/tasks:a:dead");
        let queue = Address::parse("redis://user:word@host/tasks?db=2").unwrap();
        assert_eq!(queue.sibling("dead").redacted, "redis://host/tasks:dead?db=2");
        let queue = Address::parse("nats://127.0.0.1:4222/tasks.a").unwrap();
        assert_eq!(queue.sibling("dead").name, "tasks.a.dead");
    }

    #[test]
    fn a_url_that_is_not_a_queue_is_an_error() {
        for (text, reason) in [
            ("tasks", "relative URL"),
            ("http://host/tasks", "unknown broker http"),
            ("redis:///tasks", "host is missing"),
            ("nats://host:4222", "stream is missing"),
            ("nats://host:4222/", "stream is missing"),
            ("nats://host/a.>", "not a valid name of a stream"),
            ("nats://host/a..b", "not a valid name of a stream"),
            ("redis://host/a b", "not a valid name of a stream"),
            ("redis://host:6379/0", "0 is a database, not the name of a stream"),
            ("redis://host:6379/0", "?db=: redis://host:6379/KEY?db=0"),
            ("redis://:word@host/15/", "?db=: redis://host/KEY?db=15"),
            ("redis://user:word@host/2/tasks", "?db=: redis://host/tasks?db=2"),
            ("redis://user:word@host", "redis://***@host is not a queue"),
            ("rdis://:p@ss:word@host/a", "rdis://***@host/a is not a queue"),
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(!error.contains("word"), "{error}");
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
