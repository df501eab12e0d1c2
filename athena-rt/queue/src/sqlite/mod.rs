//! `SQLite`: queues in a file, without a server.
//!
//! A file has any number of queues. A message is a row until it is done: waiting, or held until its
//! lease or its delay ends. Every change is a transaction, so that several processes share a file, and
//! an outcome is stored in the step that acknowledges its message.
//!
//! | file | job |
//! |---|---|
//! | [`connection`] | the file, its settings, and requests to it |
//! | [`file_thread`] | the thread that runs requests, in one transaction those that wait together |
//! | [`schema`] | the tables and their version |
//! | [`table`] | what is read from and written to them |
//! | [`lookup`] | a file that does not exist, and the nearest that do |
//! | [`consumer`], [`producer`], [`browser`], [`dead_letters`] | the broker API |

mod browser;
mod connection;
mod consumer;
mod dead_letters;
mod file_thread;
mod lookup;
mod producer;
mod schema;
mod table;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::browser::SqliteBrowser;
use self::connection::SqliteConnection;
use self::consumer::SqliteConsumer;
use self::dead_letters::SqliteDeadLetters;
use self::producer::SqliteProducer;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Broker, BrokerFuture, Browser, Consumer, DeadLetters, Lookup, Producer, QueueStatus,
};
use athena_core::error::{Error, Result};

crate::broker! {
    schemes: ["sqlite"],
    example: "sqlite:FILE?queue=NAME",
    broker: Sqlite,
}

/// Files of `SQLite`.
struct Sqlite;

impl Broker for Sqlite {
    fn check(&self, address: &Address) -> Result<()> {
        address.check_name()?;
        address.expect_settings(&[])?;
        // `sqlite://tasks.db` has a host and no file.
        if address.broker.host_str().is_some_and(|host| !host.is_empty()) {
            return Err(Error::usage(format!(
                "{}: a file has one slash or three, or none if it is relative",
                address.redacted()
            )));
        }
        Ok(())
    }

    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        Box::pin(async {
            let connection = SqliteConnection::create(address).await?;
            let to = options.to.as_ref().filter(|to| to.path() == address.path());
            let to = to.map(|to| to.name().to_owned());
            if let Some(to) = &to {
                connection.make_queue(to).await;
            }
            let opened: Arc<dyn Consumer> =
                Arc::new(SqliteConsumer::new(connection, address, options.lease, to));
            Ok(opened)
        })
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        Box::pin(async {
            let connection = SqliteConnection::create(address).await?;
            let opened: Arc<dyn Producer> = Arc::new(SqliteProducer::new(connection, address));
            Ok(opened)
        })
    }

    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(async {
            match SqliteConnection::open_existing(address).await? {
                Some(connection) => {
                    let queues = connection.read(table::queues).await?;
                    Ok(Lookup::among(address.name(), queues))
                }
                None => lookup::missing_file(address),
            }
        })
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        Box::pin(async {
            let connection = SqliteConnection::open_existing(address).await?;
            let opened: Box<dyn Browser> = Box::new(SqliteBrowser::new(connection, address));
            Ok(opened)
        })
    }

    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        Box::pin(async {
            let connection = SqliteConnection::open_existing(address).await?;
            let opened: Box<dyn DeadLetters> =
                Box::new(SqliteDeadLetters::new(connection, address));
            Ok(opened)
        })
    }

    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        Box::pin(async {
            let Some(connection) = SqliteConnection::open_existing(address).await? else {
                return Ok(QueueStatus::default());
            };
            let (queue, dead) = (address.name().to_owned(), address.dead_letters().name);
            connection.read(move |file| table::status(file, &queue, &dead)).await
        })
    }
}
