//! What an engine needs of a broker, as narrow traits. The order is always: store the outcomes,
//! then acknowledge the messages.
//!
//! Asynchronous, since the clients of brokers are; nothing here names a runtime. Models do not run
//! in these futures, which only wait for the network.

use std::future::Future;
use std::time::Duration;

use athena_protocol::Format;

use crate::error::Result;

/// Where messages come from.
pub(crate) trait Source: Send {
    /// What stands for a message until it is dealt with.
    type Ticket: Ticket;

    /// What the broker can do.
    fn abilities(&self) -> Abilities;

    /// The next messages, at most so many; none where none came in this time.
    fn batch(
        &mut self,
        most: usize,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<(Self::Ticket, Vec<u8>)>>> + Send;
}

/// Where outcomes go.
pub(crate) trait Sink: Send {
    /// Stores outcomes; returns when they are durable, or with an error when any may not be.
    fn store(&mut self, outcomes: &[Stored]) -> impl Future<Output = Result<()>> + Send;
}

/// A message in the hands of a worker. One that is dropped comes again.
pub(crate) trait Ticket: Send {
    /// What the message is called; the same at every delivery.
    fn id(&self) -> &str;

    /// How often it has been delivered, this time included.
    fn tries(&self) -> u32;

    /// It is done, and never comes again.
    fn acknowledge(self) -> impl Future<Output = Result<()>> + Send;

    /// It comes again, not before this time.
    fn refuse(self, delay: Duration) -> impl Future<Output = Result<()>> + Send;

    /// It never comes again, and is kept with the reason among the dead letters.
    fn bury(self, reason: &str) -> impl Future<Output = Result<()>> + Send;

    /// It is still being worked on.
    fn keep_alive(&self) -> impl Future<Output = Result<()>> + Send;
}

/// An outcome on its way to a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Of message and model: a sink keeps one outcome of an id.
    pub(crate) id: String,
    pub(crate) format: Format,
    pub(crate) bytes: Vec<u8>,
}

/// What a broker can do; the engine supplies the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Abilities {
    /// Stores an outcome and acknowledges its message as one step.
    pub(crate) atomic: bool,
    /// How long a second outcome of an id is dropped.
    pub(crate) deduplication: Option<Duration>,
    /// How long a message may go without a sign of life before it comes again.
    pub(crate) heartbeat: Option<Duration>,
    /// Keeps dead letters itself.
    pub(crate) dead_letters: bool,
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, VecDeque};
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// A broker in memory: the least that the traits ask for.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Kept>>);

    #[derive(Default)]
    struct Kept {
        waiting: VecDeque<(String, u32, Vec<u8>)>,
        stored: BTreeMap<String, Vec<u8>>,
        dead: Vec<(String, String)>,
    }

    struct Held {
        of: Memory,
        message: Option<(String, u32, Vec<u8>)>,
    }

    impl Source for Memory {
        type Ticket = Held;

        fn abilities(&self) -> Abilities {
            Abilities {
                deduplication: Some(Duration::MAX),
                dead_letters: true,
                ..Abilities::default()
            }
        }

        async fn batch(&mut self, most: usize, _: Duration) -> Result<Vec<(Held, Vec<u8>)>> {
            let mut kept = self.0.lock().unwrap();
            let most = most.min(kept.waiting.len());
            let taken = kept.waiting.drain(..most).map(|(id, tries, bytes)| {
                let message = Some((id, tries + 1, bytes.clone()));
                (Held { of: self.clone(), message }, bytes)
            });
            Ok(taken.collect())
        }
    }

    impl Sink for Memory {
        async fn store(&mut self, outcomes: &[Stored]) -> Result<()> {
            let stored = &mut self.0.lock().unwrap().stored;
            for outcome in outcomes {
                stored.entry(outcome.id.clone()).or_insert_with(|| outcome.bytes.clone());
            }
            Ok(())
        }
    }

    impl Ticket for Held {
        fn id(&self) -> &str {
            self.message.as_ref().map_or("", |(id, ..)| id)
        }

        fn tries(&self) -> u32 {
            self.message.as_ref().map_or(0, |(_, tries, _)| *tries)
        }

        async fn acknowledge(mut self) -> Result<()> {
            self.message = None;
            Ok(())
        }

        async fn refuse(self, _: Duration) -> Result<()> {
            Ok(())
        }

        async fn bury(mut self, reason: &str) -> Result<()> {
            let id = self.message.take().unwrap().0;
            self.of.0.lock().unwrap().dead.push((id, reason.to_owned()));
            Ok(())
        }

        async fn keep_alive(&self) -> Result<()> {
            Ok(())
        }
    }

    impl Drop for Held {
        fn drop(&mut self) {
            if let Some(message) = self.message.take() {
                self.of.0.lock().unwrap().waiting.push_back(message);
            }
        }
    }

    /// Nothing in memory is waited for.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn a_message_comes_again_until_it_is_acknowledged_or_buried() {
        let mut broker = Memory::default();
        for id in ["a", "b", "c"] {
            broker.0.lock().unwrap().waiting.push_back((id.to_owned(), 0, id.as_bytes().to_vec()));
        }
        assert!(broker.abilities().dead_letters);
        let batch = now(broker.batch(8, Duration::ZERO)).unwrap();
        assert_eq!(batch.len(), 3);
        for (ticket, bytes) in batch {
            now(ticket.keep_alive()).unwrap();
            let outcome =
                Stored { id: ticket.id().to_owned(), format: Format::Json, bytes: bytes.clone() };
            match &bytes[..] {
                b"a" => {
                    now(broker.store(&[outcome.clone(), outcome])).unwrap();
                    now(ticket.acknowledge()).unwrap();
                }
                b"b" => now(ticket.refuse(Duration::ZERO)).unwrap(),
                // A worker that dies between the two.
                _ => now(broker.store(&[outcome])).unwrap(),
            }
        }
        let again = now(broker.batch(8, Duration::ZERO)).unwrap();
        let ids: Vec<_> = again.iter().map(|(ticket, _)| (ticket.id(), ticket.tries())).collect();
        assert_eq!(ids, [("b", 2), ("c", 2)]);
        for (ticket, _) in again {
            now(ticket.bury("poison")).unwrap();
        }
        assert!(now(broker.batch(8, Duration::ZERO)).unwrap().is_empty());
        let kept = broker.0.lock().unwrap();
        assert_eq!(kept.stored.len(), 2);
        assert_eq!(kept.dead, [("b".into(), "poison".into()), ("c".into(), "poison".into())]);
    }
}
