//! The broker API: the operations that every broker supports, as narrow traits.
//!
//! # What must hold
//!
//! - **Durable before it returns.** [`Producer::store`], [`Consumer::complete`] and
//!   [`Consumer::dead_letter`] return `Ok` only when the broker keeps the envelopes, also if it is killed
//!   right after. An error means that they may be stored or not.
//! - **Idempotent.** Every operation may be repeated with the same arguments after an error: `store`
//!   stores one envelope per id ([`Capabilities::knows_ids`] has the exception), and settling a message that is settled already does nothing.
//! - **At least once.** A message is delivered again until it is acknowledged, completed, or a dead
//!   letter: at once after a nack without a delay, and at the end of its lease if nothing is heard of its
//!   consumer. While it is held it is not delivered to another consumer of its group.
//! - **Store, then acknowledge.** A worker stores the outcome of a message before it acknowledges the
//!   message. A broker that does both in one step says so in [`Capabilities::atomic`].
//! - **Failures are not deliveries.** [`Nack::failures`] comes back as [`Delivery::failures`]. A message
//!   that is redelivered because its consumer died has the failures it had before.
//! - **Whole.** Every header and byte of an envelope comes back as it was, also empty and large ones
//!   ([`Envelope::headers`]). What can't be stored is refused by [`Producer::rejection`].
//!
//! [`testing::conformance`](crate::testing::conformance) tests all of this.
//!
//! Futures, since the clients of brokers are asynchronous. They run on tokio, and must not block its
//! threads: a client that blocks belongs in `tokio::task::spawn_blocking`. A future that is dropped
//! half way is the same as a request whose answer was lost.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::address::{Address, ConsumerOptions};
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// The future of a request to a broker.
pub type BrokerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Opens the queues of a broker. Registered for the schemes of its URLs by
/// [`broker!`](crate::broker!).
///
/// An error of [`Error::usage`] is the user's to fix, such as a wrong password: the command ends at once.
/// Any other error is asked again for a while: a broker may be about to start.
pub trait Broker: Send + Sync {
    /// Checks an address, without the broker: its name and its settings.
    ///
    /// # Errors
    ///
    /// The broker has no such queues. By default the name has letters, digits and `._-:` only.
    fn check(&self, address: &Address) -> Result<()> {
        address.check_name()
    }

    /// The character between the name of a queue and a suffix, as in `tasks:dead`.
    fn separator(&self) -> char {
        ':'
    }

    /// Opens a queue to consume from. Creates what is missing.
    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>>;

    /// Opens a queue to store in. Creates what is missing.
    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>>;

    /// Opens a queue to browse. Creates nothing: a queue that does not exist is empty.
    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>>;

    /// Looks whether the queue at `address` exists, for commands that only read it. Creates nothing.
    ///
    /// By default it exists: for a broker that can't tell, a queue that was never made is empty.
    ///
    /// # Errors
    ///
    /// The file or the server that has the queues does not exist.
    fn lookup<'a>(&'a self, _: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(std::future::ready(Ok(Lookup::Exists)))
    }

    /// Opens the dead letters of the queue at `address`. Creates nothing.
    ///
    /// # Errors
    ///
    /// By default, that the broker does not support it.
    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        unsupported(address, "return or remove dead letters")
    }

    /// Counts what is in the queue at `address`. Creates nothing: a queue that does not exist is empty.
    ///
    /// # Errors
    ///
    /// By default, that the broker does not support it.
    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        unsupported(address, "tell the status of a queue")
    }
}

/// The answer of a broker that has no such operation.
fn unsupported<'a, T: Send + 'a>(address: &Address, action: &str) -> BrokerFuture<'a, T> {
    let message = format!("{}: this broker can't {action}", address.redacted());
    Box::pin(std::future::ready(Err(Error::usage(message))))
}

/// Whether a queue exists.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lookup {
    /// It was made, and may be empty.
    Exists,
    /// It was never made, or was deleted.
    Missing {
        /// The names of the queues that exist, as far as the broker tells them.
        queues: Vec<String>,
    },
}

impl Lookup {
    /// Finds a queue among all that exist.
    pub fn among(name: &str, queues: Vec<String>) -> Self {
        if queues.iter().any(|queue| queue == name) {
            Self::Exists
        } else {
            Self::Missing { queues }
        }
    }
}

/// Receives and settles messages. The consumers of a group share a queue's messages.
pub trait Consumer: Send + Sync {
    /// The differences between this consumer and others.
    fn capabilities(&self) -> Capabilities;

    /// Returns the next messages, at most `max`. Empty if none arrives within `wait`. Messages
    /// whose lease has expired with another consumer come first.
    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>>;

    /// Acknowledges the deliveries; they are not redelivered.
    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()>;

    /// Stores each outcome and acknowledges its message in one step, unless the message has been
    /// acknowledged already: if two consumers hold a message, only one stores an outcome. Supported
    /// only if the broker is [atomic](Capabilities::atomic).
    fn complete<'a>(&'a self, _: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        let error = Error::failure("this broker can't store and acknowledge in one step");
        Box::pin(std::future::ready(Err(error)))
    }

    /// Returns messages to the queue, to be redelivered after their delay.
    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()>;

    /// Moves messages to the dead letters, complete and with the reason.
    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()>;

    /// Extends the leases of messages in progress.
    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()>;

    /// Counts the messages that are not done yet.
    fn backlog(&self) -> BrokerFuture<'_, Backlog>;
}

/// Stores outcomes, or submitted messages, in a queue.
pub trait Producer: Send + Sync {
    /// Stores envelopes, one per id. Returns when all are durable, or an error if any may not be.
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()>;

    /// Why this envelope can never be stored, however often it is tried. `None` if it can be.
    fn rejection(&self, _: &Envelope) -> Option<String> {
        None
    }
}

/// Browses a queue without consuming it.
pub trait Browser: Send {
    /// Returns the next envelopes, at most `max`. Empty at the end, or if the stream does not exist.
    /// After an error, the next call continues where this one started.
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>>;
}

/// Identifies a delivery to its broker. If it is dropped, the message is redelivered after its
/// lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DeliveryTag(pub String);

/// A message that a consumer has received and must settle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// What settles it.
    pub tag: DeliveryTag,
    /// Failed attempts so far: the last [`Nack::failures`], 0 at first.
    pub failures: u32,
    /// Deliveries so far, including this one.
    pub deliveries: u32,
    /// The message.
    pub envelope: Envelope,
}

/// A negative acknowledgement: the message is to be redelivered.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Nack {
    /// The delivery that it is about.
    pub tag: DeliveryTag,
    /// The envelope's id.
    pub id: String,
    /// Failed attempts including this one, kept for the next delivery.
    pub failures: u32,
    /// The minimum delay. A broker may redeliver a little later, and may limit the delay to
    /// [`Capabilities::lease`].
    pub delay: Duration,
}

/// A message that is not tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadLetter {
    /// The delivery that it is about.
    pub tag: DeliveryTag,
    /// The whole message, with [`Envelope::reason`] and [`Envelope::failures`].
    pub envelope: Envelope,
}

/// Differences between brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// [`Consumer::complete`] is supported, because the outcomes go to the same broker.
    pub atomic: bool,
    /// How long a message may go without a sign of life before it is redelivered.
    pub lease: Duration,
    /// An envelope whose id was stored before is not stored again. If not, messages are delivered twice where
    /// [`Producer::store`] is repeated after an error, and a browser must return one envelope per id.
    pub knows_ids: bool,
}

/// The number of messages that are not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Messages that are not delivered yet.
    pub waiting: u64,
    /// Messages that a consumer holds, whether it is alive or not, or that wait for another
    /// attempt.
    pub in_flight: u64,
}

/// Returns dead letters to their queue, or removes them.
pub trait DeadLetters: Send {
    /// Returns the next dead letters, the oldest first, at most `max`. Empty at the end. After an error,
    /// the next call continues where this one started.
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>>;

    /// Moves dead letters back to the queue that they come from, each as
    /// [a message again](Envelope::revived). The id of a message that was submitted once is known to
    /// the queue, which must take it nevertheless. A letter that is gone is skipped.
    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()>;

    /// Removes dead letters. A letter that is gone is skipped.
    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()>;
}

/// A dead letter that [`DeadLetters::next`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredDeadLetter {
    /// Identifies it to its broker.
    pub tag: DeliveryTag,
    /// The message, with [`Envelope::reason`] and [`Envelope::failures`].
    pub envelope: Envelope,
    /// When it was stored. `None` if the broker does not know.
    pub stored_at: Option<SystemTime>,
}

impl StoredDeadLetter {
    /// A dead letter whose time is not known.
    pub fn new(tag: DeliveryTag, envelope: Envelope) -> Self {
        Self { tag, envelope, stored_at: None }
    }
}

/// The status of a queue. A count that the broker does not know is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueStatus {
    /// Messages that are not delivered yet.
    pub waiting: u64,
    /// Messages that a consumer holds, or that wait for another attempt.
    pub in_flight: u64,
    /// Dead letters.
    pub dead: u64,
    /// The age of the oldest message that is not done.
    pub oldest: Option<Duration>,
    /// Consumers that are connected, or hold messages.
    pub consumers: Option<u64>,
}

impl QueueStatus {
    /// The status of a queue by its counts.
    pub fn new(backlog: Backlog, dead: u64) -> Self {
        let Backlog { waiting, in_flight } = backlog;
        Self { waiting, in_flight, dead, oldest: None, consumers: None }
    }
}

impl Delivery {
    /// The first delivery of a message without failed attempts.
    pub fn new(tag: DeliveryTag, envelope: Envelope) -> Self {
        Self { tag, failures: 0, deliveries: 1, envelope }
    }
}

impl Nack {
    /// A nack that counts no failure, for a message that is to be redelivered at once.
    pub fn new(delivery: &Delivery) -> Self {
        let (tag, id) = (delivery.tag.clone(), delivery.envelope.id.clone());
        Self { tag, id, failures: delivery.failures, delay: Duration::ZERO }
    }
}

impl DeadLetter {
    /// The dead letter of a delivery.
    pub fn new(delivery: &Delivery, reason: impl Into<String>, failures: u32) -> Self {
        let envelope = Envelope { reason: reason.into(), failures, ..delivery.envelope.clone() };
        Self { tag: delivery.tag.clone(), envelope }
    }
}

impl Capabilities {
    /// A broker that knows ids, and that stores and acknowledges in two steps.
    pub fn new(lease: Duration) -> Self {
        Self { atomic: false, lease, knows_ids: true }
    }

    /// The same with [`Capabilities::atomic`].
    #[must_use]
    pub fn with_atomic(self, atomic: bool) -> Self {
        Self { atomic, ..self }
    }

    /// The same with [`Capabilities::knows_ids`].
    #[must_use]
    pub fn with_ids(self, knows_ids: bool) -> Self {
        Self { knows_ids, ..self }
    }
}

impl Backlog {
    /// The counts of a queue.
    pub fn new(waiting: u64, in_flight: u64) -> Self {
        Self { waiting, in_flight }
    }
}
