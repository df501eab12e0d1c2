//! NATS `JetStream`, 2.9 or newer.
//!
//! - A queue is a subject and the stream that covers it. An existing stream is used as it is. A
//!   missing one is created: stored in files, without limits, and a message is deleted once it is
//!   acknowledged ([`stream`]).
//! - The workers of a group share a durable consumer ([`consumer`]) and request batches from it
//!   ([`fetch`]).
//! - `JetStream` counts deliveries, not failures, so failures are counted in a bucket
//!   ([`failure_counts`]).
//! - Outcomes and dead letters carry an id, and the broker stores one per id ([`producer`]).
//! - What a killed server leaves inconsistent is repaired ([`recovery`]).
//! - Every request has a time limit, and nothing unconfirmed counts as done ([`connection`]).

mod browser;
mod connection;
mod consumer;
mod dead_letters;
mod delivery_tag;
mod envelopes;
mod failure_counts;
mod fetch;
mod held;
mod producer;
mod recovery;
mod stream;
mod stream_check;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::browser::NatsBrowser;
use self::connection::NatsConnection;
use self::consumer::NatsConsumer;
use self::producer::NatsProducer;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Broker, BrokerFuture, Browser, Consumer, DeadLetters, Lookup, Producer, QueueStatus,
};
use athena_core::error::Result;

crate::broker! {
    schemes: ["nats", "tls"],
    example: "nats://HOST:PORT/SUBJECT",
    broker: Nats,
}

/// Servers of NATS.
struct Nats;

impl Broker for Nats {
    fn check(&self, address: &Address) -> Result<()> {
        address.expect_settings(&connection::SETTINGS)?;
        address.check_name()?;
        if is_subject(address.name()) { Ok(()) } else { Err(address.invalid_name()) }
    }

    fn separator(&self) -> char {
        '.'
    }

    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        Box::pin(async {
            let opened: Arc<dyn Consumer> = Arc::new(NatsConsumer::open(address, options).await?);
            Ok(opened)
        })
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        Box::pin(producer(address))
    }

    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(async {
            let connection = NatsConnection::open(address).await?;
            if stream::find(&connection, address.name()).await?.is_some() {
                return Ok(Lookup::Exists);
            }
            Ok(Lookup::Missing { queues: stream::subjects(&connection).await })
        })
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        Box::pin(async {
            let opened: Box<dyn Browser> = Box::new(NatsBrowser::open(address).await?);
            Ok(opened)
        })
    }

    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        Box::pin(async {
            let opened: Box<dyn DeadLetters> =
                Box::new(dead_letters::NatsDeadLetters::open(address).await?);
            Ok(opened)
        })
    }

    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        Box::pin(dead_letters::status(address))
    }
}

/// Opens a queue to store in.
async fn producer(address: &Address) -> Result<Arc<dyn Producer>> {
    let connection = Arc::new(NatsConnection::open(address).await?);
    let producer = NatsProducer::new(connection, &address.name);
    producer.ensure_stream().await?;
    Ok(Arc::new(producer))
}

/// Whether the name is a subject without wildcards.
fn is_subject(name: &str) -> bool {
    !name.contains(':') && name.split('.').all(|word| !word.is_empty())
}
