//! Queues: messages come from a broker, outcomes go to one.
//!
//! [`address`] knows the brokers; [`redis`] and [`nats`] are one each.

#![expect(dead_code, reason = "under construction")]

mod address;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "redis")]
mod redis;

use std::path::Path;

use athena_protocol::{Collect, Exit, Submit, Work};

use crate::error::{Error, Result};
use crate::registry::Registry;

/// Runs models on what comes, until a signal ends it.
pub(crate) fn work(_: &Registry, _: &Path, _: &Work) -> Result<Exit> {
    Err(Error::usage("not yet"))
}

/// Puts messages into a queue.
pub(crate) fn submit(_: &Registry, _: &Path, _: &Submit) -> Result<Exit> {
    Err(Error::usage("not yet"))
}

/// Prints outcomes until none is left.
pub(crate) fn collect(_: &Registry, _: &Collect) -> Result<Exit> {
    Err(Error::usage("not yet"))
}
