//! The broker API on top of a client that blocks.

use std::error::Error as StdError;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::BlockingQueue;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Backlog, Broker, BrokerFuture, Browser, Capabilities, Consumer, DeadLetter, Delivery,
    DeliveryTag, Lookup, Nack, Producer, QueueStatus,
};
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// The pauses between two questions for messages: the first one, doubled up to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(2), Duration::from_millis(50)];

/// A broker of queues whose client blocks: `broker: Blocking::<Files>::new()` in
/// [`broker!`](crate::broker!).
#[derive(Debug)]
pub struct Blocking<Q>(PhantomData<fn() -> Q>);

impl<Q> Blocking<Q> {
    /// The broker of these queues.
    #[allow(clippy::new_without_default, reason = "only for the macro, in a constant")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<Q: BlockingQueue> Broker for Blocking<Q> {
    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        Box::pin(async {
            let queue = BlockingConsumer::<Q>::make(address, options.lease).await?;
            Ok(Arc::new(queue) as _)
        })
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        Box::pin(async {
            let queue = BlockingConsumer::<Q>::make(address, Duration::ZERO).await?;
            Ok(Arc::new(queue) as _)
        })
    }

    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        Box::pin(async {
            let exists = run(&open::<Q>(address).await?, Q::exists).await?;
            Ok(if exists { Lookup::Exists } else { Lookup::Missing { queues: Vec::new() } })
        })
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        Box::pin(async {
            let queue = open::<Q>(address).await?;
            Ok(Box::new(BlockingBrowser { queue, cursor: Q::Cursor::default() }) as _)
        })
    }

    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        Box::pin(async {
            let count = async |at| run(&open::<Q>(at).await?, Q::backlog).await;
            let dead = address.dead_letters();
            let dead = count(&dead).await?;
            Ok(QueueStatus::new(count(address).await?, dead.waiting + dead.in_flight))
        })
    }
}

/// A queue and its dead letters.
struct BlockingConsumer<Q> {
    queue: Arc<Q>,
    dead: Arc<Q>,
    lease: Duration,
}

impl<Q: BlockingQueue> BlockingConsumer<Q> {
    /// Opens a queue. Makes it if it does not exist.
    async fn make(address: &Address, lease: Duration) -> Result<Self> {
        let (queue, dead) = (open(address).await?, open(&address.dead_letters()).await?);
        run(&queue, |queue: &Q| if queue.exists()? { Ok(()) } else { queue.store(&[]) }).await?;
        Ok(Self { queue, dead, lease })
    }
}

impl<Q: BlockingQueue> Producer for BlockingConsumer<Q> {
    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        let envelopes = envelopes.to_vec();
        run(&self.queue, move |queue| queue.store(&envelopes))
    }

    fn rejection(&self, envelope: &Envelope) -> Option<String> {
        self.queue.rejection(envelope)
    }
}

impl<Q: BlockingQueue> Consumer for BlockingConsumer<Q> {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease)
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(async move {
            let (end, lease) = (Instant::now() + wait, self.lease);
            let [mut pause, longest] = PAUSES;
            loop {
                let taken = run(&self.queue, move |queue| queue.take(max, lease)).await?;
                let left = end.saturating_duration_since(Instant::now());
                if !taken.is_empty() || left.is_zero() {
                    return Ok(taken);
                }
                tokio::time::sleep(pause.min(left)).await;
                pause = longest.min(pause * 2);
            }
        })
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        let tags = tags.to_vec();
        run(&self.queue, move |queue| queue.acknowledge(&tags))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        let nacks = nacks.to_vec();
        run(&self.queue, move |queue| queue.nack(&nacks))
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        let split = |letter: &DeadLetter| (letter.envelope.clone(), letter.tag.clone());
        let (envelopes, tags): (Vec<_>, Vec<_>) = dead.iter().map(split).unzip();
        Box::pin(async move {
            run(&self.dead, move |dead| dead.store(&envelopes)).await?;
            self.acknowledge(&tags).await
        })
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        let (tags, lease) = (tags.to_vec(), self.lease);
        run(&self.queue, move |queue| queue.keep_alive(&tags, lease))
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        run(&self.queue, Q::backlog)
    }
}

struct BlockingBrowser<Q: BlockingQueue> {
    queue: Arc<Q>,
    cursor: Q::Cursor,
}

impl<Q: BlockingQueue> Browser for BlockingBrowser<Q> {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        let mut cursor = self.cursor.clone();
        let request = move |queue: &Q| queue.browse(&mut cursor, max).map(|found| (found, cursor));
        let answer = run(&self.queue, request);
        Box::pin(async move {
            let (found, cursor) = answer.await?;
            self.cursor = cursor;
            Ok(found)
        })
    }
}

async fn open<Q: BlockingQueue>(address: &Address) -> Result<Arc<Q>> {
    let address = address.clone();
    on_a_thread(move || Q::open(&address)).await.map(Arc::new)
}

fn run<Q: BlockingQueue, T: Send + 'static>(
    queue: &Arc<Q>,
    request: impl FnOnce(&Q) -> Result<T, Q::Error> + Send + 'static,
) -> BrokerFuture<'static, T> {
    let queue = Arc::clone(queue);
    Box::pin(on_a_thread(move || request(&queue)))
}

/// Runs a request on a thread that may block. If the future is dropped, it still runs to its end.
async fn on_a_thread<T, E>(request: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    let answer = tokio::task::spawn_blocking(|| request().map_err(to_error)).await;
    answer.unwrap_or_else(|error| Err(Error::failure(format!("a request: {error}"))))
}

fn to_error(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    match error.into().downcast::<Error>() {
        Ok(error) => *error,
        Err(other) => Error::failure(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::block_on;

    #[test]
    fn an_error_of_ours_keeps_its_kind_and_others_their_text() {
        let usage = || Err::<(), _>(Error::usage("wrong").help("write it right"));
        assert_eq!(block_on(on_a_thread(usage)), usage());
        let full = || Err::<(), _>(std::io::Error::other("the disk is full"));
        assert_eq!(block_on(on_a_thread(full)), Err(Error::failure("the disk is full")));
        let error = block_on(on_a_thread(|| -> Result<()> { panic!("oh") })).unwrap_err();
        assert!(error.to_string().contains("panicked"), "{error}");
    }
}
