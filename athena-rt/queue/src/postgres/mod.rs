//! `PostgreSQL`: queues in two tables of a database.
//!
//! A message is a row until it is done: waiting, or held until its lease or its delay ends. Consumers skip
//! rows that others lock. Every change is one statement, so that an outcome is stored in the transaction
//! that acknowledges its message. Consumers are notified of new messages.
//!
//! | file | job |
//! |---|---|
//! | [`connection`] | a connection, renewed when it breaks; its statements; notifications |
//! | [`error`] | the errors of requests |
//! | [`schema`] | the tables and their version |
//! | [`encrypted`] | encrypted connections |
//! | [`table`] | what is read from and written to them |
//! | [`consumer`], [`producer`], [`browser`], [`dead_letters`] | the broker API |

mod browser;
mod connection;
mod consumer;
mod dead_letters;
mod encrypted;
mod error;
mod producer;
mod schema;
mod table;

use std::sync::Arc;

use self::browser::PostgresBrowser;
use self::connection::PostgresConnection;
use self::consumer::PostgresConsumer;
use self::dead_letters::PostgresDeadLetters;
use self::producer::PostgresProducer;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Broker, BrokerFuture, Browser, Consumer, DeadLetters, Lookup, Producer, QueueStatus,
};
use athena_core::error::Result;

crate::broker! {
    schemes: ["postgres", "postgresql"],
    example: "postgres://HOST:PORT/DATABASE?queue=NAME",
    broker: Postgres,
}

/// Databases of `PostgreSQL`.
struct Postgres;

impl Broker for Postgres {
    fn check(&self, address: &Address) -> Result<()> {
        address.check_name()?;
        connection::config(address).map(|_| ())
    }

    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        Box::pin(async {
            let pulling = PostgresConnection::create_listening(address).await?;
            let connections = [pulling, PostgresConnection::new(address)?];
            let to = options.to.as_ref().filter(|to| to.broker_url() == address.broker_url());
            let to = to.map(|to| to.name().to_owned());
            let made = [Some(address.name()), to.as_deref()];
            table::make_queues(&connections[0], made.into_iter().flatten()).await;
            let opened: Arc<dyn Consumer> =
                Arc::new(PostgresConsumer::new(connections, address, options.lease, to));
            Ok(opened)
        })
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        Box::pin(async {
            let connection = PostgresConnection::create(address).await?;
            table::forget_old_ids(&connection).await?;
            table::make_queues(&connection, [address.name()]).await;
            let opened: Arc<dyn Producer> = Arc::new(PostgresProducer::new(connection, address));
            Ok(opened)
        })
    }

    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(async {
            let queues = match PostgresConnection::open_existing(address).await? {
                Some(connection) => table::queues(&connection).await?,
                None => Vec::new(),
            };
            Ok(Lookup::among(address.name(), queues))
        })
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        Box::pin(async {
            let connection = PostgresConnection::open_existing(address).await?;
            let opened: Box<dyn Browser> = Box::new(PostgresBrowser::new(connection, address));
            Ok(opened)
        })
    }

    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        Box::pin(async {
            let connection = PostgresConnection::open_existing(address).await?;
            let opened: Box<dyn DeadLetters> =
                Box::new(PostgresDeadLetters::new(connection, address));
            Ok(opened)
        })
    }

    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        Box::pin(async {
            match PostgresConnection::open_existing(address).await? {
                Some(connection) => {
                    table::status(&connection, address.name(), address.dead_letters().name()).await
                }
                None => Ok(QueueStatus::default()),
            }
        })
    }
}
