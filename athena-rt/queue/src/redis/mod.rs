//! Redis Streams.
//!
//! A queue is a stream. What is taken stays in the list of what its group holds until it is done;
//! what nobody gives a sign of life for is taken over from there. A message that is done is deleted
//! from the stream, unless another group wants it.
//!
//! Whatever needs several steps is a script, which the broker runs in one. Beside a stream `KEY`
//! there are `KEY:dead`, `KEY:tries:GROUP`, and, of a stream that is written to, `KEY:ids` and
//! `KEY:ids:old`.

#[cfg(test)]
mod broker;
mod entry;
mod fault;
mod health;
mod link;
mod overdue;
mod portion;
mod server;
mod shelf;
mod sink;
mod source;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use fault::Fault;
use link::Link;
use server::{is_same, server};

use super::address::{Address, Broker, Reader};
use crate::transport::{Shelf, Sink, Source};
use athena_core::error::Result;
use athena_core::random;

/// Opens a queue to read from.
pub(super) async fn source(address: &Address, reader: Reader) -> Result<Arc<dyn Source>> {
    let here = server(address)?;
    let mut to = None;
    if let Some(outcomes) = reader.to.as_ref().filter(|to| to.kind == Broker::Redis)
        && is_same(&here, &server(outcomes)?)
    {
        to = Some(outcomes.name.clone());
    }
    let opened = async {
        let group = source::Group::new(&here, address, reader, name(), to)?;
        health::check(group.link(), &address.shown).await?;
        group.open().await?;
        Ok(group)
    };
    Ok(Arc::new(opened.await.map_err(Fault::told)?))
}

/// Opens a queue to write to.
pub(super) async fn sink(address: &Address) -> Result<Arc<dyn Sink>> {
    let here = server(address)?;
    let opened = async {
        let link = Link::new(&here, &address.shown)?;
        health::check(&link, &address.shown).await?;
        let stream = sink::Stream::new(address, link);
        stream.open().await?;
        Ok(stream)
    };
    Ok(Arc::new(opened.await.map_err(Fault::told)?))
}

/// Opens a queue to look at.
pub(super) async fn shelf(address: &Address) -> Result<Box<dyn Shelf>> {
    let here = server(address)?;
    let opened = async {
        let link = Link::new(&here, &address.shown)?;
        health::check(&link, &address.shown).await?;
        Ok(shelf::Stream::new(address, link))
    };
    Ok(Box::new(opened.await.map_err(Fault::told)?))
}

/// A reader's name, which no other has.
fn name() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").or_else(|_| std::env::var("COMPUTERNAME")).ok())
        .unwrap_or_default();
    format!("{}-{}-{}", host.trim(), std::process::id(), random::random_hex())
}
