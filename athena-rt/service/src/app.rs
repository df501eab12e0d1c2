//! What every request shares: the models, the limits, and the pool that plain models run on.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use athena_protocol::Serve;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::AbortHandle;

use super::grpc::Grpc;
use super::metrics::Meter;
use super::models::{Models, Served};
use super::places::Places;
use super::problem::Problem;
use super::token::Token;

/// How many messages may wait for a thread, by default.
const QUEUE: usize = 64;

/// How many messages may be with models that are `async fn`, by default.
const CONCURRENCY: usize = 1024;

/// How many bytes a message may have, by default.
const BODY: usize = 10_000_000;

/// How long a message may take, by default.
const TIMEOUT: Duration = Duration::from_mins(1);

/// How long requests are still taken after a signal, by default.
const GRACE: Duration = Duration::from_secs(5);

/// What a service may use.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Plain models that run at once.
    pub(super) jobs: usize,
    /// Messages that wait for one of them to end.
    pub(super) queue: usize,
    /// Messages that are with models that are `async fn`.
    pub(super) concurrency: usize,
    /// Bytes of a message.
    pub(super) body: usize,
    /// For a message to be run, and for a client to go on with what it has begun.
    pub(super) timeout: Duration,
    pub(super) grace: Duration,
}

impl Limits {
    pub(super) fn of(request: &Serve) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            jobs: request.jobs.filter(|&jobs| jobs > 0).unwrap_or_else(cores),
            queue: request.queue.unwrap_or(QUEUE),
            concurrency: CONCURRENCY,
            body: request
                .body_limit
                .map_or(BODY, |most| usize::try_from(most).unwrap_or(usize::MAX)),
            timeout: request.timeout_ms.map_or(TIMEOUT, Duration::from_millis),
            grace: request.grace_ms.map_or(GRACE, Duration::from_millis),
        }
    }
}

/// How far a service is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Open,
    /// No new connection is taken.
    Closing,
    /// Streams that are still open are cut.
    Cutting,
}

/// What every request shares.
pub(super) struct App {
    pub(super) models: Models,
    pub(super) grpc: Grpc,
    pub(super) limits: Limits,
    pub(super) token: Option<Token>,
    /// The OpenAPI document.
    pub(super) document: String,
    pub(super) expose_panics: bool,
    pub(super) stage: watch::Sender<Stage>,
    /// Requests that no model was found for.
    pub(super) others: Meter,
    ready: AtomicBool,
    in_flight: Arc<AtomicI64>,
    slots: Arc<Semaphore>,
    async_slots: Arc<Semaphore>,
    pool: Handle,
    places: Arc<Places>,
}

impl App {
    pub(super) fn new(
        models: Models,
        grpc: Grpc,
        limits: Limits,
        token: Option<Token>,
        document: String,
        expose_panics: bool,
        pool: Handle,
    ) -> Self {
        Self {
            models,
            grpc,
            limits,
            token,
            document,
            expose_panics,
            stage: watch::Sender::new(Stage::Open),
            others: Meter::default(),
            ready: AtomicBool::new(true),
            in_flight: Arc::default(),
            slots: Arc::new(Semaphore::new(limits.jobs + limits.queue)),
            async_slots: Arc::new(Semaphore::new(limits.concurrency)),
            pool,
            places: Places::new(limits.jobs),
        }
    }

    /// Whether new requests are welcome.
    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Tells all who ask that new requests are not welcome any more.
    pub(super) async fn end_readiness(&self) {
        self.ready.store(false, Ordering::Relaxed);
        self.grpc.end_health().await;
    }

    /// Counts a request until what is given back is dropped.
    pub(super) fn enter(&self) -> InFlight {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(Arc::clone(&self.in_flight))
    }

    /// Requests in flight.
    pub(super) fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Messages of plain models that run or wait.
    pub(super) fn taken(&self) -> usize {
        (self.limits.jobs + self.limits.queue).saturating_sub(self.slots.available_permits())
    }

    /// Messages that are with models that are `async fn`.
    pub(super) fn async_taken(&self) -> usize {
        self.limits.concurrency.saturating_sub(self.async_slots.available_permits())
    }

    /// Whether every slot for this model is taken.
    pub(super) fn is_full(&self, model: &Served) -> bool {
        let slots = if model.is_async() { &self.async_slots } else { &self.slots };
        slots.available_permits() == 0
    }

    /// Runs a message on the pool, or right here where its model is quick, within a limit. One that
    /// has not begun when its client leaves never does; one that has keeps its slot until it ends.
    ///
    /// # Errors
    ///
    /// Every slot is taken, or it takes too long.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        is_quick: bool,
        limit: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        let slot = slot.map_err(|_| Problem::busy(self.limits.jobs + self.limits.queue))?;
        let mut running = self.start(slot, is_quick, work);
        match tokio::time::timeout(limit, running.end()).await {
            Ok(Some(done)) => Ok(done),
            // Models' own panics are caught where they are called.
            Ok(None) => Err(Problem::broken("the thread of the model ended")),
            Err(_) => Err(Problem::late(limit)),
        }
    }

    /// Runs a message of an `async fn` where it is asked for, beside others, within a limit. When it takes too long,
    /// or its client leaves, the model is dropped.
    ///
    /// # Errors
    ///
    /// Every slot is taken, or it takes too long.
    pub(super) async fn run_async<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Problem> {
        let slot = self.async_slots.try_acquire();
        let _slot = slot.map_err(|_| Problem::busy(self.limits.concurrency))?;
        tokio::time::timeout(limit, work).await.map_err(|_| Problem::late(limit))
    }

    /// Waits for a slot, then runs on the pool what tells of its progress by itself.
    pub(super) async fn begin(&self, work: impl FnOnce() + Send + 'static) -> Option<Running<()>> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.ok()?;
        Some(self.start(slot, false, work))
    }

    /// Waits for a slot, then runs a message of an `async fn` beside others.
    pub(super) async fn begin_async<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<Running<T>> {
        let slot = Arc::clone(&self.async_slots).acquire_owned().await.ok()?;
        let handle = tokio::spawn(async move {
            let done = work.await;
            drop(slot);
            done
        });
        Some(Running { abort: handle.abort_handle(), handle })
    }

    fn start<T: Send + 'static>(
        &self,
        slot: OwnedSemaphorePermit,
        is_quick: bool,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Running<T> {
        let handle = if let Some(place) = is_quick.then(|| self.places.here()).flatten() {
            // A task of its own, though it runs on this thread next: should it take long after all,
            // whoever waits for it is still told in time.
            tokio::spawn(async move {
                let done = work();
                drop((place, slot));
                done
            })
        } else {
            let places = Arc::clone(&self.places);
            self.pool.spawn_blocking(move || {
                let place = places.wait();
                let done = work();
                drop((place, slot));
                done
            })
        };
        Running { abort: handle.abort_handle(), handle }
    }
}

/// Work on the pool, taken back when this is dropped, unless it has begun; or work beside others,
/// which then ends.
pub(super) struct Running<T> {
    handle: tokio::task::JoinHandle<T>,
    abort: AbortHandle,
}

impl<T> Running<T> {
    /// Whether it has ended.
    pub(super) fn is_finished(&self) -> bool {
        self.handle.is_finished()
    }

    /// What it gives; none where it panicked.
    pub(super) async fn end(&mut self) -> Option<T> {
        (&mut self.handle).await.ok()
    }
}

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// A request in flight.
pub(super) struct InFlight(Arc<AtomicI64>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
