//! `RabbitMQ`, by AMQP 0.9.1: durable quorum queues, publisher confirms.
//!
//! A message that is held is one that the server has delivered and that is not acknowledged. The server
//! delivers it again when the connection of its consumer ends; a consumer that lives and lets a lease end
//! returns the message itself. A retry is stored as a new message, which has the number of failed attempts,
//! before the old one is acknowledged: a worker that dies between the two leaves the message twice.
//!
//! `RabbitMQ` knows no ids: a message that is stored twice is delivered twice. A browser returns one
//! envelope per id.
//!
//! | file | job |
//! |---|---|
//! | [`connection`] | the connection, renewed when it breaks; queues; confirmed publishing |
//! | [`error`] | the errors of requests |
//! | [`properties`] | an envelope as headers and content, and back |
//! | [`delay_queues`] | where messages wait for another attempt |
//! | [`in_flight`] | the messages that a consumer holds, and their leases |
//! | [`consumer`], [`producer`] | the broker API |
//! | [`cursor`] | reads a queue without consuming it |
//! | [`browser`], [`dead_letters`] | the broker API on a cursor |

mod browser;
mod connection;
mod consumer;
mod cursor;
mod dead_letters;
mod delay_queues;
mod error;
mod in_flight;
mod producer;
mod properties;

use std::sync::Arc;

use self::browser::AmqpBrowser;
use self::connection::AmqpConnection;
use self::consumer::AmqpConsumer;
use self::cursor::Cursor;
use self::dead_letters::AmqpDeadLetters;
use self::producer::AmqpProducer;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Backlog, Broker, BrokerFuture, Browser, Consumer, DeadLetters, Lookup, Producer, QueueStatus,
};
use athena_core::error::{Error, Result};

crate::broker! {
    schemes: ["amqp", "amqps"],
    example: "amqp://HOST:PORT/VHOST?queue=NAME",
    broker: Amqp,
}

/// Servers of `RabbitMQ`.
struct Amqp;

/// The server limits names to 255 bytes, and siblings have longer ones.
const MAX_NAME: usize = 200;

impl Broker for Amqp {
    fn check(&self, address: &Address) -> Result<()> {
        address.check_name()?;
        let length = address.name().len();
        if length > MAX_NAME {
            let reason = format!("a name of {length} bytes is longer than {MAX_NAME}");
            return Err(Error::usage(reason).context(address.redacted()));
        }
        connection::uri(address).map(|_| ())
    }

    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        Box::pin(async {
            let consumer = AmqpConsumer::open(address, options.lease).await?;
            let opened: Arc<dyn Consumer> = Arc::new(consumer);
            Ok(opened)
        })
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        Box::pin(async {
            let connection = AmqpConnection::new(address)?;
            connection.declare(address.name()).await?;
            let opened: Arc<dyn Producer> = Arc::new(AmqpProducer::new(connection, address));
            Ok(opened)
        })
    }

    /// The server lists its queues only to clients of its management plugin.
    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(async {
            let found = AmqpConnection::new(address)?.counts(address.name()).await?;
            let missing = || Lookup::Missing { queues: Vec::new() };
            Ok(found.map_or_else(missing, |_| Lookup::Exists))
        })
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        Box::pin(async {
            let cursor = Cursor::open(AmqpConnection::new(address)?, address.name()).await?;
            let opened: Box<dyn Browser> = Box::new(AmqpBrowser::new(cursor));
            Ok(opened)
        })
    }

    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        Box::pin(async {
            let dead = address.dead_letters();
            let cursor = Cursor::open(AmqpConnection::new(address)?, dead.name()).await?;
            let opened: Box<dyn DeadLetters> =
                Box::new(AmqpDeadLetters::new(cursor, address.name().to_owned()));
            Ok(opened)
        })
    }

    /// The server tells only clients of its management plugin how many messages are held.
    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        Box::pin(async {
            let connection = AmqpConnection::new(address)?;
            let found = connection.counts(address.name()).await?.unwrap_or_default();
            let dead = connection.counts(address.dead_letters().name()).await?.unwrap_or_default();
            let mut status = QueueStatus::new(Backlog::new(found.messages, 0), dead.messages);
            status.consumers = Some(found.consumers);
            Ok(status)
        })
    }
}
