//! Errors of brokers name the queue, whoever wrote the broker.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::address::Address;
use crate::broker::{
    Backlog, BrokerFuture, Browser, Capabilities, Consumer, DeadLetter, DeadLetters, Delivery,
    DeliveryTag, Nack, Producer, StoredDeadLetter,
};
use crate::envelope::Envelope;
use athena_core::error::Result;

/// A queue whose errors begin with its URL, without user and password.
pub(crate) struct Named<T> {
    queue: T,
    redacted: String,
}

impl<T> Named<T> {
    pub(crate) fn new(address: &Address, queue: T) -> Self {
        Self { queue, redacted: address.redacted().to_owned() }
    }
}

/// Puts the queue in front of an error that does not name it.
pub(crate) async fn named<T>(
    redacted: &str,
    request: impl Future<Output = Result<T>>,
) -> Result<T> {
    request.await.map_err(|error| {
        if error.to_string().contains(redacted) { error } else { error.context(redacted) }
    })
}

/// The same for a request to an open queue.
fn request<'a, T: Send + 'a>(
    redacted: &'a str,
    request: BrokerFuture<'a, T>,
) -> BrokerFuture<'a, T> {
    Box::pin(named(redacted, request))
}

impl Consumer for Named<Arc<dyn Consumer>> {
    fn capabilities(&self) -> Capabilities {
        self.queue.capabilities()
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        request(&self.redacted, self.queue.pull(max, wait))
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.acknowledge(tags))
    }

    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.complete(done))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.nack(nacks))
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.dead_letter(dead))
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.keep_alive(tags))
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        request(&self.redacted, self.queue.backlog())
    }
}

impl Producer for Named<Arc<dyn Producer>> {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.store(envelopes))
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        self.queue.rejection(envelope)
    }
}

impl Browser for Named<Box<dyn Browser>> {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        request(&self.redacted, self.queue.next(max))
    }
}

impl DeadLetters for Named<Box<dyn DeadLetters>> {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        request(&self.redacted, self.queue.next(max))
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.requeue(letters))
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        request(&self.redacted, self.queue.remove(letters))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::block_on;
    use crate::test_support::memory_broker::MemoryBroker;
    use athena_core::error::Error;

    #[test]
    fn every_request_that_fails_names_the_queue_once_and_no_password() {
        let queue = MemoryBroker::new();
        queue.fail_next(u32::MAX);
        let url = "files://me:tulip@host/f?queue=tasks";
        let address = Address::parse(url, crate::UrlForm::Query, ':').unwrap();
        let consumer = Named::new(&address, Arc::clone(&queue) as Arc<dyn Consumer>);
        let producer = Named::new(&address, Arc::clone(&queue) as Arc<dyn Producer>);
        let envelopes = [Envelope::new("1", "")];
        let failed = block_on(async {
            Ok([
                consumer.pull(1, Duration::ZERO).await.map(drop),
                consumer.acknowledge(&[]).await,
                consumer.nack(&[]).await,
                consumer.dead_letter(&[]).await,
                consumer.keep_alive(&[]).await,
                consumer.backlog().await.map(drop),
                producer.store(&envelopes).await,
            ])
        });
        for result in failed.unwrap() {
            let error = result.unwrap_err().to_string();
            assert_eq!(error, "files://host/f?queue=tasks: the broker is away");
        }
        let twice = named(address.redacted(), async {
            Err::<(), _>(Error::failure("no files://host/f?queue=tasks there"))
        });
        assert_eq!(block_on(twice).unwrap_err().to_string(), "no files://host/f?queue=tasks there");
    }
}
