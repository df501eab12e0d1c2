//! The operations that every broker supports, as narrow traits. The order is always: store the
//! outcomes, then acknowledge the messages.
//!
//! Futures, since the clients of brokers are asynchronous; no runtime is named here. Models do not
//! run in these futures, which only wait for the network. Every operation is idempotent, so that a
//! failed one can be repeated.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::envelope::Envelope;
use athena_core::error::Result;

/// The future of a request to a broker.
pub(crate) type BrokerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Receives and settles messages. The consumers of a group share a queue's messages.
pub(crate) trait Consumer: Send + Sync {
    fn capabilities(&self) -> Capabilities;

    /// Returns the next messages, at most `max`. Empty if none arrives within `wait`. Messages
    /// whose lease has expired with another consumer come first.
    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>>;

    /// Acknowledges the deliveries; they are not redelivered.
    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()>;

    /// Stores each outcome and acknowledges its message in one step, unless the message has been
    /// acknowledged already: if two consumers hold a message, only one stores an outcome. Supported
    /// only if the broker is [atomic](Capabilities::atomic).
    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()>;

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
pub(crate) trait Producer: Send + Sync {
    /// Stores envelopes, one per id. Returns when all are durable, or an error if any may not be.
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()>;

    /// Why this envelope can never be stored, however often it is tried. `None` if it can be.
    fn rejection(&self, _: &Envelope) -> Option<String> {
        None
    }
}

/// Browses a queue without consuming it.
pub(crate) trait Browser: Send {
    /// Returns the next envelopes, at most `max`. Empty at the end, or if the stream does not exist.
    /// After an error, the next call continues where this one started.
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>>;
}

/// Identifies a delivery to its broker. If it is dropped, the message is redelivered after its
/// lease.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DeliveryTag(pub String);

/// A message that a consumer has received and must settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub tag: DeliveryTag,
    /// Failed attempts so far: the last [`Nack::failures`], 0 at first.
    pub failures: u32,
    /// Deliveries so far, including this one.
    pub deliveries: u32,
    pub envelope: Envelope,
}

/// A negative acknowledgement: the message is to be redelivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nack {
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
pub(crate) struct DeadLetter {
    pub tag: DeliveryTag,
    /// The whole message, with [`Envelope::reason`] and [`Envelope::failures`].
    pub envelope: Envelope,
}

/// Differences between brokers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// [`Consumer::complete`] is supported, because the outcomes go to the same broker.
    pub atomic: bool,
    /// How long a message may go without a sign of life before it is redelivered.
    pub lease: Duration,
}

/// The number of messages that are not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Messages that are not delivered yet.
    pub waiting: u64,
    /// Messages that a consumer holds, whether it is alive or not, or that wait for another
    /// attempt.
    pub in_flight: u64,
}
