//! Redis Streams.
//!
//! A queue is a stream. A delivered message stays in its group's list of pending entries until it
//! is done. From that list, messages whose consumer stopped responding are claimed. A message that
//! is done is deleted from the stream, unless another group still needs it.
//!
//! Every change of several steps is a script, which the broker runs atomically. Beside a stream
//! `KEY` there are `KEY:dead`, `KEY:tries:GROUP`, and, for a stream that is stored in, `KEY:ids` and
//! `KEY:ids:old`.

mod batch_sizer;
mod browser;
mod connection;
mod connection_info;
mod consumer;
mod dead_letters;
mod entry;
mod error;
mod lookup;
mod producer;
mod reclaim;
mod server_check;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::connection::RedisConnection;
use self::connection_info::{connection_info, is_same};
use self::error::RequestError;

use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Broker, BrokerFuture, Browser, Consumer, DeadLetters, Lookup, Producer, QueueStatus,
};
use athena_core::error::Result;
use athena_core::random;

crate::broker! {
    schemes: ["redis", "rediss"],
    example: "redis://HOST:PORT/KEY",
    broker: Redis,
}

/// Servers of Redis and Valkey.
struct Redis;

impl Broker for Redis {
    fn check(&self, address: &Address) -> Result<()> {
        connection_info::check_is_stream(address)?;
        address.check_name()
    }

    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        Box::pin(consumer(address, options.clone()))
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        Box::pin(producer(address))
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        Box::pin(browser(address))
    }

    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(async {
            let connection = connect(address).await?;
            lookup::lookup(address, &connection).await.map_err(RequestError::into_error)
        })
    }

    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        Box::pin(async {
            let connection = connect(address).await?;
            let opened: Box<dyn DeadLetters> =
                Box::new(dead_letters::RedisDeadLetters::new(address, connection));
            Ok(opened)
        })
    }

    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        Box::pin(async {
            let connection = connect(address).await?;
            let counted = dead_letters::status(address, &connection).await;
            counted.map_err(RequestError::into_error)
        })
    }
}

/// Opens a queue to consume from.
async fn consumer(address: &Address, options: ConsumerOptions) -> Result<Arc<dyn Consumer>> {
    let here = connection_info(address)?;
    let mut to = None;
    if let Some(outcomes) = options.to.as_ref()
        && is_same(&here, &connection_info(outcomes)?)
    {
        to = Some(outcomes.name.clone());
    }
    let opened = async {
        let group = consumer::RedisConsumer::new(&here, address, options, unique_name(), to)?;
        server_check::check(group.connection(), &address.redacted).await?;
        group.open().await?;
        group.warn_of_other_groups().await?;
        Ok(group)
    };
    Ok(Arc::new(opened.await.map_err(RequestError::into_error)?))
}

/// Opens a queue to store in.
async fn producer(address: &Address) -> Result<Arc<dyn Producer>> {
    let here = connection_info(address)?;
    let opened = async {
        let connection = RedisConnection::new(&here, &address.redacted)?;
        server_check::check(&connection, &address.redacted).await?;
        let stream = producer::RedisProducer::new(address, connection);
        stream.open().await?;
        Ok(stream)
    };
    Ok(Arc::new(opened.await.map_err(RequestError::into_error)?))
}

/// Opens a queue to browse.
async fn browser(address: &Address) -> Result<Box<dyn Browser>> {
    let connection = connect(address).await?;
    Ok(Box::new(browser::RedisBrowser::new(address, connection)))
}

/// Connects, and creates nothing.
async fn connect(address: &Address) -> Result<RedisConnection> {
    let here = connection_info(address)?;
    let opened = async {
        let connection = RedisConnection::new(&here, &address.redacted)?;
        server_check::check(&connection, &address.redacted).await?;
        Ok(connection)
    };
    opened.await.map_err(RequestError::into_error)
}

/// A unique consumer name.
fn unique_name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok())
        .unwrap_or_default();
    format!("{}-{}-{}", host.trim(), std::process::id(), random::random_hex())
}
