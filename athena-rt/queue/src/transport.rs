//! What an engine needs of a broker, as narrow traits. The order is always: store the outcomes,
//! then acknowledge the messages.
//!
//! Asynchronous, since the clients of brokers are; nothing here names a runtime. Models do not run
//! in these futures, which only wait for the network. Whatever fails may be asked for again: every
//! request here does the same when it comes a second time.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::letter::Letter;
use athena_core::error::Result;

/// What a broker is asked for.
pub(crate) type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Where messages come from.
pub(crate) trait Source: Send + Sync {
    /// What the broker can do.
    fn abilities(&self) -> Abilities;

    /// The next messages, at most so many; none where none came in this time. Those that another
    /// reader took and gave no sign of life for come first.
    fn pull(&self, most: usize, wait: Duration) -> Asked<'_, Vec<Delivery>>;

    /// They are done, and never come again.
    fn acknowledge<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()>;

    /// Stores each outcome if, in the same step, its message could be acknowledged: of two readers
    /// that hold a message, one stores. Only where the broker is [atomic](Abilities::atomic).
    fn complete<'a>(&'a self, done: &'a [(Ticket, Letter)]) -> Asked<'a, ()>;

    /// They come again, not before their time.
    fn refuse<'a>(&'a self, refused: &'a [Refusal]) -> Asked<'a, ()>;

    /// They never come again, and are kept whole, with the reason, among the dead letters.
    fn bury<'a>(&'a self, dead: &'a [Burial]) -> Asked<'a, ()>;

    /// They are still being worked on.
    fn keep_alive<'a>(&'a self, tickets: &'a [Ticket]) -> Asked<'a, ()>;

    /// What is not done yet.
    fn left(&self) -> Asked<'_, Left>;
}

/// Where outcomes go; and where messages go that are submitted.
pub(crate) trait Sink: Send + Sync {
    /// Stores letters, one of an id; returns when they are durable, or with an error when any may
    /// not be.
    fn store<'a>(&'a self, letters: &'a [Letter]) -> Asked<'a, ()>;

    /// Why it would never store this one, however often it is asked; none where it may.
    fn refuses(&self, _: &Letter) -> Option<String> {
        None
    }
}

/// Letters that are looked at, and stay where they are: of no reader's.
pub(crate) trait Shelf: Send {
    /// The next letters, at most so many; none where none is left, or no such stream. After an
    /// error it goes on where it was.
    fn next(&mut self, most: usize) -> Asked<'_, Vec<Letter>>;
}

/// What stands for a message in the hands of a reader. One that is dropped comes again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket(pub String);

/// A message in the hands of a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub ticket: Ticket,
    /// How often it has failed: what [`Refusal::tries`] said last, 0 at first.
    pub tries: u32,
    /// How often it has been delivered, this time included.
    pub deliveries: u32,
    pub letter: Letter,
}

/// A message that is to come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub ticket: Ticket,
    /// Of the letter.
    pub id: String,
    /// How often it has failed by now; kept for the next delivery.
    pub tries: u32,
    /// Not sooner than this; a broker may have it a little later, or hold [`Abilities::lease`] to
    /// be the most.
    pub delay: Duration,
}

/// A message that is given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Burial {
    pub ticket: Ticket,
    /// The whole message, with [`Letter::reason`] and [`Letter::tries`].
    pub letter: Letter,
}

/// What a broker can do; the core supplies the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// [`Source::complete`] works: outcomes go to where the messages come from.
    pub atomic: bool,
    /// How long a message may go without a sign of life before it comes again.
    pub lease: Duration,
}

/// What is not done yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Nobody has taken them yet.
    pub waiting: u64,
    /// Some reader has, this one or another, dead or alive; or they wait to be tried again.
    pub held: u64,
}
