//! Opens the queue at an address, with the client of its broker.

use std::sync::Arc;

use crate::address::{Address, BrokerKind, ConsumerOptions};
use crate::broker::{Browser, Consumer, Producer};
#[cfg(feature = "nats")]
use crate::nats;
#[cfg(feature = "redis")]
use crate::redis;
use athena_core::error::Result;
#[cfg(not(all(feature = "nats", feature = "redis")))]
use athena_core::error::missing_feature;

/// Opens a queue to consume from. Creates what is missing on the broker.
pub(crate) async fn consumer(
    address: &Address,
    options: ConsumerOptions,
) -> Result<Arc<dyn Consumer>> {
    match address.kind {
        #[cfg(feature = "nats")]
        BrokerKind::Nats => Box::pin(nats::consumer(address, options)).await,
        #[cfg(not(feature = "nats"))]
        BrokerKind::Nats => Err(missing_feature("nats")),
        #[cfg(feature = "redis")]
        BrokerKind::Redis => redis::consumer(address, options).await,
        #[cfg(not(feature = "redis"))]
        BrokerKind::Redis => Err(missing_feature("redis")),
    }
}

/// Opens a queue to store in. Creates what is missing on the broker.
pub(crate) async fn producer(address: &Address) -> Result<Arc<dyn Producer>> {
    match address.kind {
        #[cfg(feature = "nats")]
        BrokerKind::Nats => nats::producer(address).await,
        #[cfg(not(feature = "nats"))]
        BrokerKind::Nats => Err(missing_feature("nats")),
        #[cfg(feature = "redis")]
        BrokerKind::Redis => redis::producer(address).await,
        #[cfg(not(feature = "redis"))]
        BrokerKind::Redis => Err(missing_feature("redis")),
    }
}

/// Opens a queue to browse. Changes nothing on the broker.
pub(crate) async fn browser(address: &Address) -> Result<Box<dyn Browser>> {
    match address.kind {
        #[cfg(feature = "nats")]
        BrokerKind::Nats => nats::browser(address).await,
        #[cfg(not(feature = "nats"))]
        BrokerKind::Nats => Err(missing_feature("nats")),
        #[cfg(feature = "redis")]
        BrokerKind::Redis => redis::browser(address).await,
        #[cfg(not(feature = "redis"))]
        BrokerKind::Redis => Err(missing_feature("redis")),
    }
}
