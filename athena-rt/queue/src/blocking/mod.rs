//! Brokers whose clients block: files, embedded databases, drivers that are not asynchronous.
//!
//! | file | job |
//! |---|---|
//! | `mod` | what the author of a broker writes |
//! | `adapter` | the broker API on top of it, with the requests on threads that may block |

mod adapter;

use std::error::Error as StdError;
use std::time::Duration;

use crate::address::Address;
use crate::broker::{Backlog, Delivery, DeliveryTag, Nack};
use crate::envelope::Envelope;

pub use self::adapter::Blocking;

/// A queue whose client blocks: all that a broker needs, in one trait. [`Blocking`] makes a
/// [`Broker`](crate::Broker) of it, for [`broker!`](crate::broker!).
///
/// The promises of the broker API hold for its methods: [`store`](Self::store) returns when the
/// envelopes are durable and stores one per id, every method may be repeated after an error, and a
/// message is taken again when its lease ends. They run on threads that may block, several at once, and run to
/// their end.
///
/// The dead letters of a queue are stored in the queue at [`Address::dead_letters`], and then acknowledged. A broker
/// that does this in one step, that knows no ids, or that can wait for messages implements
/// [`Broker`](crate::Broker) instead.
pub trait BlockingQueue: Sized + Send + Sync + 'static {
    /// Why a request failed: an error of the client, or [`athena_core::error::Error`] with a kind and a help.
    type Error: Into<Box<dyn StdError + Send + Sync>>;

    /// Where a browser is in the queue. The default is the beginning.
    type Cursor: Clone + Default + Send + 'static;

    /// Opens the queue at an address. Creates nothing: a queue that does not exist is empty.
    fn open(address: &Address) -> Result<Self, Self::Error>;

    /// Whether the queue exists, so that a command that only reads a mistyped name ends with an error. By default
    /// it does.
    fn exists(&self) -> Result<bool, Self::Error> {
        Ok(true)
    }

    /// Stores envelopes, one per id, and creates what is missing. See [`Producer::store`](crate::Producer::store).
    /// A queue that does not exist is made by storing no envelopes.
    fn store(&self, envelopes: &[Envelope]) -> Result<(), Self::Error>;

    /// Why this envelope can never be stored. `None` if it can be.
    fn rejection(&self, _: &Envelope) -> Option<String> {
        None
    }

    /// Takes messages that wait, or whose lease or delay is over, at most `max`. Returns at once: it is called
    /// again every 2 to 50 ms until there are some. Nobody else may take them during the lease.
    fn take(&self, max: usize, lease: Duration) -> Result<Vec<Delivery>, Self::Error>;

    /// Acknowledges deliveries, also those whose lease is over.
    fn acknowledge(&self, tags: &[DeliveryTag]) -> Result<(), Self::Error>;

    /// Returns messages to the queue, to be taken after their delay.
    fn nack(&self, nacks: &[Nack]) -> Result<(), Self::Error>;

    /// Lets the leases of deliveries end `lease` from now. One that is settled, or was taken again, is skipped.
    fn keep_alive(&self, tags: &[DeliveryTag], lease: Duration) -> Result<(), Self::Error>;

    /// Counts the messages that are not done.
    fn backlog(&self) -> Result<Backlog, Self::Error>;

    /// Returns the next envelopes that are not done, at most `max`, and moves the cursor behind them. After an
    /// error the cursor is as it was before.
    fn browse(&self, cursor: &mut Self::Cursor, max: usize) -> Result<Vec<Envelope>, Self::Error>;
}
