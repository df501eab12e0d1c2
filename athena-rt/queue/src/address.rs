//! Which queue a URL means, and how it is opened.

use std::sync::Arc;
use std::time::Duration;

use url::Url;

#[cfg(feature = "nats")]
use super::nats;
#[cfg(feature = "redis")]
use super::redis;
use crate::transport::{Shelf, Sink, Source};
use athena_core::display::mask_url;
#[cfg(not(all(feature = "nats", feature = "redis")))]
use athena_core::error::missing_feature;
use athena_core::error::{Error, Result};

/// A queue: a broker, and the name of a stream there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// As it was given, without user and password: for messages.
    pub shown: String,
    /// With everything but the path: where the broker is.
    pub broker: Url,
    pub name: String,
    pub kind: Broker,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broker {
    Nats,
    Redis,
}

/// Who reads, and how.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// Readers of one group share the messages.
    pub group: String,
    /// How long a message may go without a sign of life.
    pub lease: Duration,
    /// Where outcomes go, for a broker that stores and acknowledges in one step.
    #[cfg_attr(
        not(feature = "redis"),
        allow(dead_code, reason = "of these brokers, only Redis does")
    )]
    pub to: Option<Address>,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    ///
    /// It is none, names no broker we know, or no stream.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: String| {
            Error::usage(format!("{} is no queue: {reason}", mask_url(text)))
                .help("a queue is redis://HOST:PORT/KEY or nats://HOST:PORT/SUBJECT")
        };
        let mut broker = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        let kind = match broker.scheme() {
            "nats" | "tls" => Broker::Nats,
            "redis" | "rediss" => Broker::Redis,
            other => return Err(wrong(format!("no broker is called {other}"))),
        };
        if broker.host_str().is_none_or(str::is_empty) {
            return Err(wrong("it names no host".to_owned()));
        }
        let name = broker.path().trim_start_matches('/').to_owned();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte);
        if name.is_empty() {
            return Err(wrong("its path names no stream".to_owned()));
        }
        if !name.bytes().all(legal) || (kind == Broker::Nats && !is_subject(&name)) {
            return Err(wrong(format!("{name:?} is no name of a stream")));
        }
        broker.set_path("");
        let shown = show(&broker, &name);
        Ok(Self { shown, broker, name, kind })
    }

    /// Another stream of the same broker, named after this one.
    pub(crate) fn beside(&self, suffix: &str) -> Self {
        let separator = match self.kind {
            Broker::Nats => '.',
            Broker::Redis => ':',
        };
        let name = format!("{}{separator}{suffix}", self.name);
        let shown = show(&self.broker, &name);
        Self { shown, name, ..self.clone() }
    }

    /// Opens it to read from; what is missing there is created.
    pub(crate) async fn source(&self, reader: Reader) -> Result<Arc<dyn Source>> {
        match self.kind {
            #[cfg(feature = "nats")]
            Broker::Nats => Box::pin(nats::source(self, reader)).await,
            #[cfg(not(feature = "nats"))]
            Broker::Nats => Err(missing_feature("nats")),
            #[cfg(feature = "redis")]
            Broker::Redis => redis::source(self, reader).await,
            #[cfg(not(feature = "redis"))]
            Broker::Redis => Err(missing_feature("redis")),
        }
    }

    /// Opens it to write to; what is missing there is created.
    pub(crate) async fn sink(&self) -> Result<Arc<dyn Sink>> {
        match self.kind {
            #[cfg(feature = "nats")]
            Broker::Nats => nats::sink(self).await,
            #[cfg(not(feature = "nats"))]
            Broker::Nats => Err(missing_feature("nats")),
            #[cfg(feature = "redis")]
            Broker::Redis => redis::sink(self).await,
            #[cfg(not(feature = "redis"))]
            Broker::Redis => Err(missing_feature("redis")),
        }
    }

    /// Opens it to look at, and leave all as it is; what is missing there stays so.
    pub(crate) async fn shelf(&self) -> Result<Box<dyn Shelf>> {
        match self.kind {
            #[cfg(feature = "nats")]
            Broker::Nats => nats::shelf(self).await,
            #[cfg(not(feature = "nats"))]
            Broker::Nats => Err(missing_feature("nats")),
            #[cfg(feature = "redis")]
            Broker::Redis => redis::shelf(self).await,
            #[cfg(not(feature = "redis"))]
            Broker::Redis => Err(missing_feature("redis")),
        }
    }
}

/// A queue as a URL, without user and password.
fn show(broker: &Url, name: &str) -> String {
    let mut shown = broker.clone();
    // Only a URL without a host refuses.
    let _ = shown.set_username("").and_then(|()| shown.set_password(None));
    shown.set_path(name);
    shown.into()
}

/// Words with dots between; no wildcard.
fn is_subject(name: &str) -> bool {
    !name.contains(':') && name.split('.').all(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_a_broker_and_a_name_and_never_shows_a_password() {
        let queue = Address::parse("redis://user:word@host:7000/tasks:a").unwrap();
        assert_eq!(queue.shown, "redis://host:7000/tasks:a");
        assert_eq!((queue.name.as_str(), queue.kind), ("tasks:a", Broker::Redis));
        assert_eq!(queue.broker.as_str(), "redis://user:word@host:7000");
        assert_eq!(queue.beside("dead").shown, "redis://host:7000/tasks:a:dead");
        let queue = Address::parse("redis://user:word@host/tasks?db=2").unwrap();
        assert_eq!(queue.beside("dead").shown, "redis://host/tasks:dead?db=2");
        let queue = Address::parse("nats://127.0.0.1:4222/tasks.a").unwrap();
        assert_eq!(queue.beside("dead").name, "tasks.a.dead");
    }

    #[test]
    fn what_is_no_queue_is_told() {
        for (text, reason) in [
            ("tasks", "relative URL"),
            ("http://host/tasks", "no broker is called http"),
            ("redis:///tasks", "names no host"),
            ("nats://host:4222", "names no stream"),
            ("nats://host:4222/", "names no stream"),
            ("nats://host/a.>", "no name of a stream"),
            ("nats://host/a..b", "no name of a stream"),
            ("redis://host/a b", "no name of a stream"),
            ("redis://user:word@host", "redis://***@host is no queue"),
            ("rdis://:p@ss:word@host/a", "rdis://***@host/a is no queue"),
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(!error.contains("word"), "{error}");
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
