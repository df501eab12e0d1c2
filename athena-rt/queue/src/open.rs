//! Opens the queue at an address, with the broker of its scheme. Every error names the queue.

use std::future::Future;
use std::sync::Arc;

use crate::address::{Address, ConsumerOptions};
use crate::broker::{Browser, Consumer, DeadLetters, Producer, QueueStatus};
use crate::registration::{self, find};
use athena_core::error::Result;

/// Parses the URL of a queue.
///
/// # Errors
///
/// The text is not a URL, its scheme is unknown, or the broker does not accept the name.
pub fn address(url: &str) -> Result<Address> {
    registration::parse(url)
}

/// Opens a queue to consume from. Creates what is missing on the broker.
pub async fn consumer(address: &Address, options: ConsumerOptions) -> Result<Arc<dyn Consumer>> {
    let broker = find(address.broker_url())?.broker;
    named(address, broker.consumer(address, &options)).await
}

/// Opens a queue to store in. Creates what is missing on the broker.
pub async fn producer(address: &Address) -> Result<Arc<dyn Producer>> {
    named(address, find(address.broker_url())?.broker.producer(address)).await
}

/// Opens a queue to browse. Changes nothing on the broker.
pub async fn browser(address: &Address) -> Result<Box<dyn Browser>> {
    named(address, find(address.broker_url())?.broker.browser(address)).await
}

/// Opens the dead letters of a queue, to return them to it or to remove them.
pub async fn dead_letters(address: &Address) -> Result<Box<dyn DeadLetters>> {
    named(address, find(address.broker_url())?.broker.dead_letters(address)).await
}

/// Counts what is in a queue. Changes nothing on the broker.
pub async fn status(address: &Address) -> Result<QueueStatus> {
    named(address, find(address.broker_url())?.broker.status(address)).await
}

/// An address for each, if both are of one broker implementation: it may complete in one step.
pub(crate) fn is_one_broker(one: &Address, other: &Address) -> bool {
    let broker = |address: &Address| find(address.broker_url()).map(|found| found.schemes);
    broker(one).is_ok_and(|schemes| broker(other) == Ok(schemes))
}

/// Puts the queue in front of an error that does not name it.
async fn named<T>(address: &Address, request: impl Future<Output = Result<T>>) -> Result<T> {
    request.await.map_err(|error| {
        let is_named = error.to_string().contains(address.redacted());
        if is_named { error } else { error.context(address.redacted()) }
    })
}
