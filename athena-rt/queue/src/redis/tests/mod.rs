//! Against a real server.

mod failures;
mod messages;
mod others;

use std::sync::Arc;
use std::time::{Duration, Instant};

use ::redis::aio::MultiplexedConnection;

use super::broker::Broker;
use crate::address::{Address, Reader};
use crate::letter::{Kind, Letter};
use crate::transport::{Delivery, Refusal, Sink, Source, Ticket};

/// Long enough that no test reaches it by chance.
const LONG: Duration = Duration::from_mins(1);
const SHORT: Duration = Duration::from_millis(300);
const NOW: Duration = Duration::ZERO;

fn address(broker: &Broker, name: &str) -> Address {
    Address::parse(&broker.url(name)).unwrap()
}

async fn reader_of(broker: &Broker, group: &str, lease: Duration) -> Arc<dyn Source> {
    let to = Some(address(broker, "outcomes"));
    let reader = Reader { group: group.to_owned(), lease, to };
    address(broker, "tasks").source(reader).await.unwrap()
}

async fn reader(broker: &Broker, lease: Duration) -> Arc<dyn Source> {
    reader_of(broker, "athena", lease).await
}

async fn sink(broker: &Broker) -> Arc<dyn Sink> {
    address(broker, "tasks").sink().await.unwrap()
}

fn letter(id: &str) -> Letter {
    Letter { id: id.to_owned(), bytes: format!("[{id}]").into_bytes(), ..Letter::default() }
}

fn letters(count: usize) -> Vec<Letter> {
    (0..count).map(|id| letter(&id.to_string())).collect()
}

fn outcome(delivery: &Delivery) -> (Ticket, Letter) {
    let letter = Letter { kind: Kind::Output, ..delivery.letter.clone() };
    (delivery.ticket.clone(), letter)
}

fn refusal(delivery: &Delivery, delay: Duration) -> Refusal {
    Refusal {
        ticket: delivery.ticket.clone(),
        id: delivery.letter.id.clone(),
        tries: delivery.tries + 1,
        delay,
    }
}

fn ids(deliveries: &[Delivery]) -> Vec<&str> {
    deliveries.iter().map(|delivery| delivery.letter.id.as_str()).collect()
}

/// Whatever comes until something does.
async fn some(source: &dyn Source, within: Duration) -> Vec<Delivery> {
    let end = Instant::now() + within;
    loop {
        let pulled = source.pull(10, SHORT).await.unwrap();
        if !pulled.is_empty() || Instant::now() > end {
            return pulled;
        }
    }
}

async fn connect(broker: &Broker) -> MultiplexedConnection {
    let url = broker.url("");
    let client = ::redis::Client::open(url).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn ask<T: ::redis::FromRedisValue>(broker: &Broker, request: &str) -> T {
    let mut words = request.split(' ');
    let mut command = ::redis::cmd(words.next().unwrap());
    command.arg(words.collect::<Vec<_>>());
    command.query_async(&mut connect(broker).await).await.unwrap()
}

async fn length(broker: &Broker, key: &str) -> usize {
    ask(broker, &format!("XLEN {key}")).await
}

/// The ids of what is in a stream.
async fn stored(broker: &Broker, key: &str) -> Vec<String> {
    let mut shelf = address(broker, key).shelf().await.unwrap();
    let mut ids = Vec::new();
    loop {
        let letters = shelf.next(7).await.unwrap();
        if letters.is_empty() {
            return ids;
        }
        ids.extend(letters.into_iter().map(|letter| letter.id));
    }
}
