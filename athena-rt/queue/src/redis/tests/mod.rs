//! Tests with a real server.

mod failures;
mod interop;
mod messages;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;

use crate::address::{Address, ConsumerOptions};
use crate::broker::{Consumer, Delivery, DeliveryTag, Nack, Producer};
use crate::envelope::{Envelope, PayloadKind};
use crate::open;
use crate::test_support::redis_server::RedisServer;

/// Longer than any test takes.
const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(300);
const NOW: Duration = Duration::ZERO;

fn address(broker: &RedisServer, name: &str) -> Address {
    open::address(&broker.url(name)).unwrap()
}

async fn open_consumer_of(broker: &RedisServer, group: &str, lease: Duration) -> Arc<dyn Consumer> {
    let to = Some(address(broker, "outcomes"));
    let options = ConsumerOptions { group: group.to_owned(), lease, to };
    open::consumer(&address(broker, "tasks"), options).await.unwrap()
}

async fn open_consumer(broker: &RedisServer, lease: Duration) -> Arc<dyn Consumer> {
    open_consumer_of(broker, "athena", lease).await
}

async fn open_producer(broker: &RedisServer) -> Arc<dyn Producer> {
    open::producer(&address(broker, "tasks")).await.unwrap()
}

fn envelope(id: &str) -> Envelope {
    Envelope { id: id.to_owned(), bytes: format!("[{id}]").into_bytes(), ..Envelope::default() }
}

fn envelopes(count: usize) -> Vec<Envelope> {
    (0..count).map(|id| envelope(&id.to_string())).collect()
}

fn outcome(delivery: &Delivery) -> (DeliveryTag, Envelope) {
    let envelope = Envelope { kind: PayloadKind::Output, ..delivery.envelope.clone() };
    (delivery.tag.clone(), envelope)
}

fn nack(delivery: &Delivery, delay: Duration) -> Nack {
    Nack {
        tag: delivery.tag.clone(),
        id: delivery.envelope.id.clone(),
        failures: delivery.failures + 1,
        delay,
    }
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.envelope.id.as_str()).collect()
}

/// Pulls until a message arrives or the time is up.
async fn pull_until_some(consumer: &dyn Consumer, within: Duration) -> Vec<Delivery> {
    let end = Instant::now() + within;
    loop {
        let pulled = consumer.pull(10, SHORT).await.unwrap();
        if !pulled.is_empty() || Instant::now() > end {
            return pulled;
        }
    }
}

async fn connect(broker: &RedisServer) -> MultiplexedConnection {
    let url = broker.url("");
    let client = ::redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn ask<T: ::redis::FromRedisValue>(broker: &RedisServer, request: &str) -> T {
    let mut words = request.split(' ');
    let mut command = ::redis::cmd(words.next().unwrap());
    command.arg(words.collect::<Vec<_>>());
    command.query_async(&mut connect(broker).await).await.unwrap()
}

async fn length(broker: &RedisServer, key: &str) -> usize {
    ask(broker, &format!("XLEN {key}")).await
}

/// The ids of what is in a stream.
async fn stored(broker: &RedisServer, key: &str) -> Vec<String> {
    let mut browser = open::browser(&address(broker, key)).await.unwrap();
    let mut ids = Vec::new();
    loop {
        let envelopes = browser.next(7).await.unwrap();
        if envelopes.is_empty() {
            return ids;
        }
        ids.extend(envelopes.into_iter().map(|envelope| envelope.id));
    }
}
