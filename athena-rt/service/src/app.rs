//! The state that all requests share: models, limits, the scheduler and the stage of the service.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use athena_telemetry::Telemetry;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::body_memory::BodyMemory;
use super::limits::Limits;
use super::metrics::Metrics;
use super::models::Models;
use super::process_pool::ProcessPool;
use super::scheduler::{Scheduler, Threads};

/// How far the shutdown of a service has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Open,
    /// No new connection is accepted.
    Closing,
    /// Streams that are still open are cut.
    Cutting,
}

/// The state that all requests share.
pub(super) struct App {
    pub(super) models: Models,
    pub(super) limits: Limits,
    pub(super) body_memory: Arc<BodyMemory>,
    pub(super) scheduler: Scheduler,
    /// Where plain models run, unless they run in threads of the service.
    pub(super) processes: Option<Arc<ProcessPool>>,
    /// Whether the server ends connections whose client does not read in time: that of another program may not.
    pub(super) limits_writes: bool,
    /// Whether clients see the text of a panic.
    pub(super) expose_panics: bool,
    /// `http` or `https`.
    pub(super) scheme: &'static str,
    pub(super) telemetry: Telemetry,
    pub(super) stage: watch::Sender<Stage>,
    /// Metrics of requests without a model.
    pub(super) unmatched: Metrics,
    ready: AtomicBool,
    in_flight: AtomicI64,
    _pool: PoolRuntime,
}

impl App {
    /// `pool` has the threads of plain models.
    pub(super) fn new(
        models: Models,
        limits: Limits,
        expose_panics: bool,
        pool: Runtime,
        threads: Threads,
    ) -> Self {
        Self {
            models,
            limits,
            body_memory: BodyMemory::new(limits.bodies),
            scheduler: Scheduler::new(limits, pool.handle().clone(), threads),
            processes: None,
            limits_writes: threads == Threads::PoolAndReactor,
            expose_panics,
            scheme: "http",
            telemetry: Telemetry::new(),
            stage: watch::Sender::new(Stage::Open),
            unmatched: Metrics::default(),
            ready: AtomicBool::new(true),
            in_flight: AtomicI64::default(),
            _pool: PoolRuntime(Some(pool)),
        }
    }

    /// Whether clients should send new requests.
    pub(super) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }

    /// Reports the service as not ready from now on.
    pub(super) fn end_readiness(&self) {
        self.ready.store(false, Ordering::Relaxed);
    }

    /// Counts a request as in flight until the guard is dropped.
    pub(super) fn enter(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// The number of requests in flight.
    pub(super) fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }
}

/// A runtime that does not wait for a model that hangs, and may be dropped on a thread of another one.
struct PoolRuntime(Option<Runtime>);

impl Drop for PoolRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A request in flight.
pub(super) struct InFlight<'a>(&'a AtomicI64);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
