//! Requests to brokers that may be unreachable for a while, and how long to wait between attempts.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use athena_protocol::Exit;

use crate::broker::{
    Backlog, BrokerFuture, Consumer, DeadLetter, Delivery, DeliveryTag, Nack, Producer,
};
use crate::envelope::Envelope;
use crate::failing_requests::FailingRequests;
use crate::recording::Recording;
use athena_core::error::{Error, Result};

/// How many times `submit` and `collect` send a request.
const ATTEMPTS: u32 = 5;

/// Initial retry delay of `submit` and `collect`; doubled after each failure.
const FIRST_DELAY: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 600 });
const MAX_DELAY: Duration = Duration::from_secs(10);

/// The longest time until a worker asks a broker again that does not answer.
const MAX_WORKER_DELAY: Duration = Duration::from_secs(5);

/// Delays that double, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    first: Duration,
    max: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(first: Duration, max: Duration) -> Self {
        Self { first, max, failures: 0 }
    }

    /// Counts a failure and returns how long to wait.
    pub(crate) fn next(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        backoff_delay(self.first, self.max, self.failures)
    }

    /// Starts again at the first delay, after a success.
    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The delay after a number of failures: zero before the first.
pub(crate) fn backoff_delay(first: Duration, max: Duration, failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => {
            first.saturating_mul(2_u32.checked_pow(doublings).unwrap_or(u32::MAX)).min(max)
        }
    }
}

/// Runs a broker future to completion.
///
/// # Errors
///
/// The future fails, or no thread can be started.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T>>) -> Result<T> {
    // The runtime's own thread keeps connections alive while this thread reads or prints.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Error::failure(format!("can't start a thread: {error}")))?;
    runtime.block_on(future)
}

/// Retries a request for about ten seconds. A usage error is returned at once.
///
/// # Errors
///
/// The last error.
pub(crate) async fn retry<T>(mut request: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let mut backoff = Backoff::new(FIRST_DELAY, MAX_DELAY);
    for _ in 1..ATTEMPTS {
        let delay = match request().await {
            Err(error) if error.exit() == Exit::Failure => {
                let delay = backoff.next();
                tracing::warn!("{error}; trying again in {:.1}s", delay.as_secs_f32());
                delay
            }
            result => return result,
        };
        tokio::time::sleep(delay).await;
    }
    request().await
}

/// A worker's brokers: messages come from the consumer, outcomes go to the producer.
#[derive(Clone)]
pub(crate) struct Endpoints {
    pub(crate) consumer: Arc<dyn Consumer>,
    /// `None` if the consumer stores outcomes as it acknowledges.
    pub(crate) producer: Option<Arc<dyn Producer>>,
    pub(crate) failing: FailingRequests,
}

impl Endpoints {
    /// Stores outcomes, then acknowledges their messages. Asks again until both succeed.
    pub(crate) async fn complete(
        self,
        outcomes: Vec<(DeliveryTag, Envelope)>,
        recording: &Recording,
    ) {
        let Some(producer) = &self.producer else {
            let recorded = |began, is_stored| {
                let envelopes = outcomes.iter().map(|(_, envelope)| envelope);
                recording.outcomes_sent(envelopes, began, is_stored);
            };
            let request = || self.consumer.complete(&outcomes);
            self.retry_recorded("store outcomes", request, recorded).await;
            return;
        };
        let (tags, envelopes): (Vec<_>, Vec<_>) = outcomes.into_iter().unzip();
        let recorded =
            |began, is_stored| recording.outcomes_sent(envelopes.iter(), began, is_stored);
        self.retry_recorded("store outcomes", || producer.store(&envelopes), recorded).await;
        self.retry_forever("acknowledge messages", || self.consumer.acknowledge(&tags)).await;
    }

    /// Why an outcome can never be stored. Retrying it would block all outcomes behind it.
    pub(crate) fn rejection(&self, outcome: &Envelope) -> Option<String> {
        self.producer.as_ref()?.rejection(outcome)
    }

    /// Returns messages to the queue. Asks again until it succeeds.
    pub(crate) async fn nack(self, nacks: Vec<Nack>) {
        self.retry_forever("return messages to the queue", || self.consumer.nack(&nacks)).await;
    }

    /// Stores dead letters. Asks again until it succeeds.
    pub(crate) async fn dead_letter(self, dead: Vec<DeadLetter>) {
        self.retry_forever("store dead letters", || self.consumer.dead_letter(&dead)).await;
    }

    /// Takes messages. `None` if the request fails.
    pub(crate) async fn pull(self, max: usize, wait: Duration) -> Option<Vec<Delivery>> {
        self.failing.value("take messages", self.consumer.pull(max, wait).await)
    }

    /// Extends leases, if the request succeeds.
    pub(crate) async fn keep_alive(self, tags: Vec<DeliveryTag>) {
        self.failing.value("extend leases", self.consumer.keep_alive(&tags).await);
    }

    /// Counts messages. `None` if the request fails.
    pub(crate) async fn backlog(self) -> Option<Backlog> {
        self.failing.value("count messages", self.consumer.backlog().await)
    }

    async fn retry_forever<'a, T>(
        &self,
        action: &'static str,
        request: impl FnMut() -> BrokerFuture<'a, T>,
    ) -> T {
        self.retry_recorded(action, request, |_, _| {}).await
    }

    /// The same; `recorded` gets for each request when it began, and whether it succeeded.
    async fn retry_recorded<'a, T>(
        &self,
        action: &'static str,
        mut request: impl FnMut() -> BrokerFuture<'a, T>,
        recorded: impl Fn(Instant, bool),
    ) -> T {
        let mut backoff = worker_backoff();
        loop {
            let began = Instant::now();
            let answer = request().await;
            recorded(began, answer.is_ok());
            match self.failing.value(action, answer) {
                Some(value) => return value,
                None => tokio::time::sleep(backoff.next()).await,
            }
        }
    }
}

/// The delays until a worker asks a broker again.
pub(crate) fn worker_backoff() -> Backoff {
    Backoff::new(Duration::from_millis(50), MAX_WORKER_DELAY)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn each_delay_is_twice_the_one_before_up_to_the_limit() {
        let (first, max) = (Duration::from_millis(100), Duration::from_secs(1));
        let mut backoff = Backoff::new(first, max);
        let delays: Vec<_> = (0..6).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(delays, [100, 200, 400, 800, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.next(), first);
        assert_eq!(backoff_delay(first, max, 0), Duration::ZERO);
        assert_eq!(backoff_delay(first, max, 90), max);
    }

    #[test]
    fn a_failure_is_retried_and_a_usage_error_is_not() {
        let requests = Cell::new(0);
        let second = block_on(retry(async || {
            requests.set(requests.get() + 1);
            if requests.get() < 2 { Err(Error::failure("gone")) } else { Ok(7) }
        }));
        assert_eq!((second, requests.get()), (Ok(7), 2));
        requests.set(0);
        let usage: Result<()> = block_on(retry(async || {
            requests.set(requests.get() + 1);
            Err(Error::usage("no password"))
        }));
        assert_eq!((usage.unwrap_err().exit(), requests.get()), (Exit::Usage, 1));
    }
}
