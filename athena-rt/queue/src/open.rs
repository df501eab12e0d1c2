//! Opens the queue at an address, with the broker of its scheme. Every error names the queue.

use std::sync::Arc;

use crate::address::{Address, ConsumerOptions};
use crate::broker::{Browser, Consumer, DeadLetters, Lookup, Producer, QueueStatus};
use crate::named::{Named, named};
use crate::registration::{self, find};
use athena_core::error::{Error, Result};
use athena_protocol::text::suggest_all;

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
    let opened = find(address.broker_url())?.broker.consumer(address, &options);
    let opened = named(address.redacted(), opened).await?;
    Ok(Arc::new(Named::new(address, opened)))
}

/// Opens a queue to store in. Creates what is missing on the broker.
pub async fn producer(address: &Address) -> Result<Arc<dyn Producer>> {
    let opened = find(address.broker_url())?.broker.producer(address);
    let opened = named(address.redacted(), opened).await?;
    Ok(Arc::new(Named::new(address, opened)))
}

/// Opens a queue to browse. Changes nothing on the broker.
pub async fn browser(address: &Address) -> Result<Box<dyn Browser>> {
    let opened = find(address.broker_url())?.broker.browser(address);
    let opened = named(address.redacted(), opened).await?;
    Ok(Box::new(Named::new(address, opened)))
}

/// Opens the dead letters of a queue, to return them to it or to remove them.
pub async fn dead_letters(address: &Address) -> Result<Box<dyn DeadLetters>> {
    let opened = find(address.broker_url())?.broker.dead_letters(address);
    let opened = named(address.redacted(), opened).await?;
    Ok(Box::new(Named::new(address, opened)))
}

/// Counts what is in a queue. Changes nothing on the broker.
pub async fn status(address: &Address) -> Result<QueueStatus> {
    named(address.redacted(), find(address.broker_url())?.broker.status(address)).await
}

/// Looks whether a queue exists. Changes nothing on the broker.
pub async fn lookup(address: &Address) -> Result<Lookup> {
    named(address.redacted(), find(address.broker_url())?.broker.lookup(address)).await
}

/// Checks that a queue exists, before a command reads it. Its dead letters may be all that is left of it.
///
/// # Errors
///
/// It does not exist; the error names the nearest that do.
pub(crate) async fn expect_existing(address: &Address) -> Result<()> {
    let Lookup::Missing { queues } = lookup(address).await? else { return Ok(()) };
    if lookup(&address.dead_letters()).await? == Lookup::Exists {
        return Ok(());
    }
    let known: Vec<&str> = queues.iter().map(String::as_str).collect();
    let near = if known.is_empty() { String::new() } else { suggest_all(address.name(), &known) };
    let error = Error::usage(format!("{}: this queue does not exist{near}", address.redacted()));
    Err(error.help("`submit` and `work` make a queue; what only reads it does not"))
}

/// An address for each, if both are of one broker implementation: it may complete in one step.
pub(crate) fn is_one_broker(one: &Address, other: &Address) -> bool {
    let broker = |address: &Address| find(address.broker_url()).map(|found| found.schemes);
    broker(one).is_ok_and(|schemes| broker(other) == Ok(schemes))
}
