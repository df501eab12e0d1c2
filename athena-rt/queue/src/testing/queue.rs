//! The queue of a test, and how a test fails.

use std::fmt::Display;
use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::address::{Address, ConsumerOptions};
use crate::broker::{Consumer, Delivery, DeliveryTag, Producer};
use crate::envelope::Envelope;
use crate::open;
use crate::retry::{block_on, retry};
use athena_core::error::{Error, Result};
use athena_core::random;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often an attempt is made on a slow machine.
const ATTEMPTS: usize = 4;

/// The lease of a test in which none ends.
pub(super) const ENDLESS_LEASE: Duration = Duration::from_mins(2);

/// More envelopes than any test stores.
const ENDLESS: usize = 10_000;

/// What a test can do to a broker.
pub(super) struct Hooks {
    pub(super) url: Box<dyn Fn(&str) -> String + Send + Sync>,
    pub(super) cut: Option<Box<dyn Fn() + Send + Sync>>,
    pub(super) restart: Option<Box<dyn Fn() + Send + Sync>>,
}

/// A promise and its test.
#[derive(Clone, Copy)]
pub(super) struct Promise {
    pub(super) name: &'static str,
    pub(super) run: fn(&TestQueue) -> Result<()>,
    /// What the test needs of those who run it.
    pub(super) needs: Option<Need>,
}

/// What a test needs.
#[derive(Clone, Copy)]
pub(super) enum Need {
    Cut,
    Restart,
}

impl Need {
    /// The function that adds it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Cut => "with_cut",
            Self::Restart => "with_restart",
        }
    }
}

impl Hooks {
    pub(super) fn has(&self, need: Need) -> bool {
        match need {
            Need::Cut => self.cut.is_some(),
            Need::Restart => self.restart.is_some(),
        }
    }
}

impl Promise {
    pub(super) const fn new(name: &'static str, run: fn(&TestQueue) -> Result<()>) -> Self {
        Self { name, run, needs: None }
    }

    /// Runs the test.
    ///
    /// # Errors
    ///
    /// How the promise is broken.
    pub(super) fn test(self, queue: &TestQueue) -> Result<(), String> {
        (self.run)(queue).map_err(|error| error.to_string())
    }
}

/// A queue that no other test uses.
pub(super) struct TestQueue {
    hooks: Arc<Hooks>,
    name: String,
    pub(super) lease: Duration,
    /// How long hooks took since this was looked at.
    away: Mutex<Duration>,
}

impl TestQueue {
    pub(super) fn new(hooks: Arc<Hooks>, lease: Duration) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let random = random::random_hex().to_lowercase();
        Self { hooks, name: format!("test-{number}-{random}"), lease, away: Mutex::default() }
    }

    pub(super) fn hooks(&self) -> &Hooks {
        &self.hooks
    }

    pub(super) fn address(&self) -> Result<Address> {
        open::address(&(self.hooks.url)(&self.name))
    }

    /// A queue for outcomes.
    pub(super) fn outcomes(&self) -> Result<Address> {
        open::address(&(self.hooks.url)(&format!("{}-outcomes", self.name)))
    }

    pub(super) async fn consumer(&self) -> Result<Arc<dyn Consumer>> {
        self.consumer_with(self.lease).await
    }

    pub(super) async fn consumer_with(&self, lease: Duration) -> Result<Arc<dyn Consumer>> {
        open::consumer(&self.address()?, ConsumerOptions::new(lease)).await
    }

    pub(super) async fn producer(&self) -> Result<Arc<dyn Producer>> {
        open::producer(&self.address()?).await
    }

    /// A consumer of the queue, which has messages with these ids.
    pub(super) async fn with_messages(&self, ids: &[&str]) -> Result<Arc<dyn Consumer>> {
        let consumer = self.consumer().await?;
        self.store(ids).await?;
        Ok(consumer)
    }

    /// The same, with a lease that no machine is too slow for.
    pub(super) async fn with_held_messages(&self, ids: &[&str]) -> Result<Arc<dyn Consumer>> {
        let consumer = self.consumer_with(ENDLESS_LEASE).await?;
        self.store(ids).await?;
        Ok(consumer)
    }

    async fn store(&self, ids: &[&str]) -> Result<()> {
        let envelopes: Vec<_> = ids.iter().map(|id| message(id)).collect();
        self.producer().await?.store(&envelopes).await
    }

    /// Everything in a queue.
    pub(super) async fn browse(&self, address: &Address) -> Result<Vec<Envelope>> {
        let mut browser = open::browser(address).await?;
        let mut found = Vec::new();
        loop {
            let next = browser.next(100).await?;
            if next.is_empty() {
                return Ok(found);
            }
            found.extend(next);
            if found.len() > ENDLESS {
                return Err(Error::failure("a browser returns envelopes without end"));
            }
        }
    }

    /// Runs a test.
    pub(super) fn block_on(&self, test: impl Future<Output = Result<()>>) -> Result<()> {
        self.block_within(PATIENCE * 3 + self.lease * 20, test)
    }

    fn block_within(
        &self,
        mut limit: Duration,
        test: impl Future<Output = Result<()>>,
    ) -> Result<()> {
        block_on(async {
            let mut test = std::pin::pin!(test);
            loop {
                if let Ok(ended) = tokio::time::timeout(limit, &mut test).await {
                    return ended;
                }
                limit = std::mem::take(&mut *self.away());
                if limit.is_zero() {
                    return Err(Error::failure("the broker did not answer in time"));
                }
            }
        })
    }

    /// Runs a hook that restarts the broker or cuts its connections. The time it takes, which is that of a
    /// server's start, is not counted as the broker's.
    pub(super) fn disturb(&self, hook: &(dyn Fn() + Send + Sync)) {
        let began = Instant::now();
        tokio::task::block_in_place(hook);
        *self.away() += began.elapsed();
    }

    fn away(&self) -> MutexGuard<'_, Duration> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A message with this id.
pub(super) fn message(id: &str) -> Envelope {
    Envelope { model: "some::model".to_owned(), ..Envelope::new(id, format!("{{\"id\":{id:?}}}")) }
}

/// The outcome of a message with this id.
pub(super) fn outcome(id: &str) -> Envelope {
    Envelope { kind: crate::envelope::PayloadKind::Output, ..message(&format!("{id}:some::model")) }
}

/// Pulls until there are this many deliveries.
///
/// # Errors
///
/// They don't come, or more come.
pub(super) async fn pull(consumer: &dyn Consumer, count: usize) -> Result<Vec<Delivery>> {
    let end = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    while all.len() < count && Instant::now() < end {
        // As a worker does, it asks again: a server on a busy machine may be late.
        let wait = Duration::from_millis(500);
        all.extend(retry(async || consumer.pull(count - all.len(), wait).await).await?);
    }
    expect("the deliveries", &all.len(), &count)?;
    Ok(all)
}

/// Makes an attempt again if it fails when a lease may have ended meanwhile: on a slow machine a delivery may also be
/// seen long after it was made. It stores when it extends the lease.
pub(super) async fn within_a_lease(
    queue: &TestQueue,
    mut attempt: impl AsyncFnMut(&mut Instant) -> Result<()>,
) -> Result<()> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let mut since = Instant::now();
        let ended = attempt(&mut since).await;
        if ended.is_ok() || left == 0 || since.elapsed() < queue.lease * 3 / 4 {
            return ended;
        }
    }
}

/// Checks that nothing is delivered for a while.
pub(super) async fn expect_nothing(consumer: &dyn Consumer, wait: Duration) -> Result<()> {
    let end = Instant::now() + wait;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let come = consumer.pull(10, left.min(Duration::from_millis(200))).await?;
        expect("deliveries of messages that are held, settled or delayed", &ids(&come), &vec![])?;
        if left.is_zero() {
            return Ok(());
        }
    }
}

pub(super) fn ids(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|delivery| delivery.envelope.id.clone()).collect()
}

pub(super) fn tags(deliveries: &[Delivery]) -> Vec<DeliveryTag> {
    deliveries.iter().map(|delivery| delivery.tag.clone()).collect()
}

/// Checks that two values are equal.
pub(super) fn expect<T: PartialEq + std::fmt::Debug>(
    what: impl Display,
    actual: &T,
    expected: &T,
) -> Result<()> {
    if actual == expected {
        return Ok(());
    }
    let (actual, expected) = (format!("{actual:?}"), format!("{expected:?}"));
    let short = |text: &str| text.chars().take(300).collect::<String>();
    Err(Error::failure(format!("{what}: {}, expected {}", short(&actual), short(&expected))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> TestQueue {
        let hooks =
            Hooks { url: Box::new(|name| format!("memory://{name}")), cut: None, restart: None };
        TestQueue::new(Arc::new(hooks), Duration::from_secs(1))
    }

    #[test]
    fn a_server_that_starts_slowly_does_not_use_up_the_time_of_a_test() {
        let (queue, limit) = (queue(), Duration::from_millis(300));
        let slow_start = || std::thread::sleep(Duration::from_millis(500));
        let ended = queue.block_within(limit, async {
            queue.disturb(&slow_start);
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok(())
        });
        assert!(ended.is_ok(), "{ended:?}");
        let late = queue.block_within(limit, async {
            tokio::time::sleep(Duration::from_mins(1)).await;
            Ok(())
        });
        assert!(late.is_err());
    }
}
