//! What an engine needs of a broker, as narrow traits. The order is always: store the outcomes,
//! then acknowledge the messages.
//!
//! Asynchronous, since the clients of brokers are; nothing here names a runtime. Models do not run
//! in these futures, which only wait for the network. Whatever fails may be asked for again: every
//! request here does the same when it comes a second time.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::envelope::Envelope;
use athena_core::error::Result;

/// What a broker is asked for.
pub(crate) type BrokerFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where messages come from.
pub(crate) trait Consumer: Send + Sync {
    /// What the broker can do.
    fn capabilities(&self) -> Capabilities;

    /// The next messages, at most so many; none where none came in this time. Those that another
    /// reader took and gave no sign of life for come first.
    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>>;

    /// They are done, and never come again.
    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()>;

    /// Stores each outcome if, in the same step, its message could be acknowledged: of two readers
    /// that hold a message, one stores. Only where the broker is [atomic](Capabilities::atomic).
    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()>;

    /// They come again, not before their time.
    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()>;

    /// They never come again, and are kept whole, with the reason, among the dead letters.
    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()>;

    /// They are still being worked on.
    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()>;

    /// What is not done yet.
    fn left(&self) -> BrokerFuture<'_, Backlog>;
}

/// Where outcomes go; and where messages go that are submitted.
pub(crate) trait Producer: Send + Sync {
    /// Stores envelopes, one of an id; returns when they are durable, or with an error when any may
    /// not be.
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()>;

    /// Why it would never store this one, however often it is asked; none where it may.
    fn rejection(&self, _: &Envelope) -> Option<String> {
        None
    }
}

/// Letters that are looked at, and stay where they are: of no reader's.
pub(crate) trait Browser: Send {
    /// The next envelopes, at most so many; none where none is left, or no such stream. After an
    /// error it goes on where it was.
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>>;
}

/// What stands for a message in the hands of a reader. One that is dropped comes again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DeliveryTag(pub String);

/// A message in the hands of a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub tag: DeliveryTag,
    /// How often it has failed: what [`Nack::tries`] said last, 0 at first.
    pub failures: u32,
    /// How often it has been delivered, this time included.
    pub deliveries: u32,
    pub envelope: Envelope,
}

/// A message that is to come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Nack {
    pub tag: DeliveryTag,
    /// Of the envelope.
    pub id: String,
    /// How often it has failed by now; kept for the next delivery.
    pub failures: u32,
    /// Not sooner than this; a broker may have it a little later, or hold [`Capabilities::lease`] to
    /// be the most.
    pub delay: Duration,
}

/// A message that is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeadLetter {
    pub tag: DeliveryTag,
    /// The whole message, with [`Envelope::reason`] and [`Envelope::tries`].
    pub envelope: Envelope,
}

/// What a broker can do; the core supplies the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Capabilities {
    /// [`Consumer::complete`] works: outcomes go to where the messages come from.
    pub atomic: bool,
    /// How long a message may go without a sign of life before it comes again.
    pub lease: Duration,
}

/// What is not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backlog {
    /// Nobody has taken them yet.
    pub waiting: u64,
    /// Some reader has, this one or another, dead or alive; or they wait to be tried again.
    pub held: u64,
}
