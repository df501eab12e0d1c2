//! NATS `JetStream`, 2.9 or newer.
//!
//! - A queue is a subject and the stream that covers it. A stream that is there is used as it is;
//!   one that is missing is created, with files, no limits, and a message gone once it is
//!   acknowledged ([`stream`]).
//! - The readers of a group share a durable consumer ([`source`]), and ask it for batches
//!   ([`fetch`]).
//! - `JetStream` counts deliveries, not failures: those are in a bucket of their own ([`tries`]).
//! - Outcomes and dead letters bear their id; the broker keeps one of an id ([`outbox`]).
//! - What a killed server leaves behind is tidied up ([`settle`]).
//! - Nothing waits for ever, and nothing that was not confirmed counts as done ([`link`]).

mod fetch;
mod letters;
mod link;
mod outbox;
mod peek;
mod settle;
mod shelf;
mod source;
mod stream;
mod ticket;
mod tries;

#[cfg(test)]
mod server;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::link::Link;
use self::outbox::Outbox;
use self::peek::Peek;
use self::source::Queue;
use super::address::{Address, Reader};
use crate::transport::{Shelf, Sink, Source};
use athena_core::error::Result;

/// Opens a queue to read from.
pub(super) async fn source(address: &Address, reader: Reader) -> Result<Arc<dyn Source>> {
    Ok(Arc::new(Queue::open(address, &reader).await?))
}

/// Opens a queue to write to.
pub(super) async fn sink(address: &Address) -> Result<Arc<dyn Sink>> {
    let link = Arc::new(Link::open(address).await?);
    let outbox = Outbox::new(link, &address.name);
    outbox.ready().await?;
    Ok(Arc::new(outbox))
}

/// Opens a queue to look at.
pub(super) async fn shelf(address: &Address) -> Result<Box<dyn Shelf>> {
    Ok(Box::new(Peek::open(address).await?))
}
