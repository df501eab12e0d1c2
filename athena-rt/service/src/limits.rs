//! The limits of a service.

use std::time::Duration;

use athena_protocol::Serve;

/// How many messages may wait for a thread, by default.
const QUEUE: usize = 64;

/// How many messages `async fn` models may process at once.
const CONCURRENCY: usize = 1024;

/// The largest message in bytes, by default.
const BODY: usize = 10_000_000;

/// What the bodies of all requests may take together in bytes, unless a few of the largest take more.
const BODIES: usize = 256_000_000;

/// How long a message may take, by default.
const TIMEOUT: Duration = Duration::from_mins(1);

/// How long requests are still accepted after a signal, by default.
const GRACE: Duration = Duration::from_secs(5);

/// The limits of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Plain models that run at once.
    pub(super) jobs: usize,
    /// Messages that wait for a plain model.
    pub(super) queue: usize,
    /// Messages that `async fn` models process at once.
    pub(super) concurrency: usize,
    /// The largest message in bytes.
    pub(super) body: usize,
    /// What the bodies of all requests may take together, in bytes.
    pub(super) bodies: usize,
    /// How long a message may run, and how long a client may pause within a request.
    pub(super) timeout: Duration,
    /// How long requests are still accepted after a signal.
    pub(super) grace: Duration,
}

impl Limits {
    pub(super) fn from_request(request: &Serve) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let body =
            request.body_limit.map_or(BODY, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        Self {
            jobs: request.processes.or(request.jobs).filter(|&jobs| jobs > 0).unwrap_or_else(cores),
            queue: request.queue.unwrap_or(QUEUE),
            concurrency: CONCURRENCY,
            body,
            bodies: BODIES.max(body.saturating_mul(4)),
            timeout: request.timeout_ms.map_or(TIMEOUT, Duration::from_millis),
            grace: request.grace_ms.map_or(GRACE, Duration::from_millis),
        }
    }

    /// Messages of plain models that run or wait.
    pub(super) fn plain_messages(&self) -> usize {
        self.jobs + self.queue
    }
}
