//! Models and brokers for the tests of this crate.

pub(crate) mod memory_broker;
pub(crate) mod models;
#[cfg(feature = "nats")]
pub(crate) mod nats_server;
#[cfg(feature = "redis")]
pub(crate) mod redis_server;
