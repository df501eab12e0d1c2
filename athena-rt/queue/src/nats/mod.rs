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
mod delivery_tag;
mod envelopes;
mod failure_counts;
mod fetch;
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
use crate::broker::{Browser, Consumer, Producer};
use athena_core::error::Result;

/// Opens a queue to consume from.
pub(super) async fn consumer(
    address: &Address,
    options: ConsumerOptions,
) -> Result<Arc<dyn Consumer>> {
    Ok(Arc::new(NatsConsumer::open(address, &options).await?))
}

/// Opens a queue to store in.
pub(super) async fn producer(address: &Address) -> Result<Arc<dyn Producer>> {
    let connection = Arc::new(NatsConnection::open(address).await?);
    let producer = NatsProducer::new(connection, &address.name);
    producer.ensure_stream().await?;
    Ok(Arc::new(producer))
}

/// Opens a queue to browse.
pub(super) async fn browser(address: &Address) -> Result<Box<dyn Browser>> {
    Ok(Box::new(NatsBrowser::open(address).await?))
}
