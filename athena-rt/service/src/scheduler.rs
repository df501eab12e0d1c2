//! Runs messages within the limits: plain models on a bounded pool of threads, or on the reactor if
//! they are fast; `async fn` models as tasks of the reactor.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;

use super::call::{Running, call};
use super::late_calls::LateCalls;
use super::limits::Limits;
use super::problem::Problem;
use super::reactor_tasks::ReactorTasks;
use super::slots::ModelSlots;
use super::timers::Timers;

/// The kind of thread that a plain model runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunsOn {
    /// A thread of the reactor. It can't block on a Tokio runtime.
    Reactor,
    Pool,
}

/// Where plain models may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Threads {
    /// On the pool, and on the reactor if they are fast.
    PoolAndReactor,
    /// On the pool: the reactor is another program's, with stacks of its own size.
    Pool,
}

/// Admits messages and runs them.
pub(super) struct Scheduler {
    limits: Limits,
    /// Messages of plain models that run or wait.
    plain: Arc<Semaphore>,
    /// Messages of `async fn` models.
    concurrent: Arc<Semaphore>,
    pool: Handle,
    reactor: ReactorTasks,
    slots: Arc<ModelSlots>,
    late: Arc<LateCalls>,
    timers: Timers,
    short_timers: Timers,
}

impl Scheduler {
    /// Plain models run on the blocking threads of `pool`.
    pub(super) fn new(limits: Limits, pool: Handle, threads: Threads) -> Self {
        Self {
            limits,
            plain: Arc::new(Semaphore::new(limits.plain_messages())),
            concurrent: Arc::new(Semaphore::new(limits.concurrency)),
            pool,
            reactor: ReactorTasks::default(),
            slots: ModelSlots::new(limits.jobs, threads == Threads::PoolAndReactor),
            late: LateCalls::new(limits.jobs),
            timers: Timers::default(),
            short_timers: Timers::default(),
        }
    }

    /// Messages of plain models that run or wait.
    pub(super) fn plain_count(&self) -> usize {
        self.limits.plain_messages().saturating_sub(self.plain.available_permits())
    }

    /// Messages of `async fn` models.
    pub(super) fn async_count(&self) -> usize {
        self.limits.concurrency.saturating_sub(self.concurrent.available_permits())
    }

    /// Fails if no more messages are admitted.
    ///
    /// # Errors
    ///
    /// 503.
    pub(super) fn check_capacity(&self, is_async: bool) -> Result<(), Problem> {
        let (permits, count) = if is_async {
            (&self.concurrent, self.async_count())
        } else {
            (&self.plain, self.plain_count())
        };
        if permits.available_permits() == 0 { Err(Problem::busy(count)) } else { Ok(()) }
    }

    /// Admits a message of a plain model that runs in a model process, until the permit is dropped.
    ///
    /// # Errors
    ///
    /// 503 if too many messages run or wait.
    pub(super) fn admit(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let permit = Arc::clone(&self.plain).try_acquire_owned();
        permit.map_err(|_| Problem::busy(self.limits.plain_messages()))
    }

    /// Runs a message of a plain model within a time limit, on the reactor if that is preferred and
    /// a slot is free, otherwise on the pool. If the client leaves, a message that has not begun is
    /// dropped; one that has begun keeps its permit until it ends.
    ///
    /// # Errors
    ///
    /// 503 if too many messages wait, 504 if the model takes too long.
    // Begins before the future is polled, which so does not hold the work: the future of a request is one piece of
    // memory, which the allocator has at hand up to a kilobyte.
    pub(super) fn run<T: Send + 'static>(
        &self,
        preferred: RunsOn,
        limit: Duration,
        work: impl FnOnce(RunsOn) -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, Problem>> {
        let running = self.admit().map(|permit| self.start(permit, preferred, work));
        async move {
            let mut running = running?;
            match self.timers.limit(limit, running.join()).await {
                Some(Some(done)) => Ok(done),
                // Panics of models are caught where models are called.
                Some(None) => Err(Problem::internal("the thread of the model ended")),
                None => {
                    running.set_late();
                    Err(Problem::timeout(limit))
                }
            }
        }
    }

    /// The timers of the service.
    pub(super) fn timers(&self) -> &Timers {
        &self.timers
    }

    /// Timers for milliseconds. They are apart from the others, which would end as early after that.
    pub(super) fn short_timers(&self) -> &Timers {
        &self.short_timers
    }

    /// For how long calls that exceeded their limit have occupied every thread; `None` if they don't.
    pub(super) fn hang(&self) -> Option<Duration> {
        self.late.hang()
    }

    /// Calls that run although they exceeded their limit.
    pub(super) fn late_count(&self) -> usize {
        self.late.count()
    }

    /// Runs a message of an `async fn` model as part of the current task, within a time limit. If it
    /// takes too long, or the client leaves, the model's future is dropped.
    ///
    /// # Errors
    ///
    /// 503 if too many messages run, 504 if the model takes too long.
    pub(super) async fn run_async<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, Problem> {
        let permit = self.concurrent.try_acquire();
        let _permit = permit.map_err(|_| Problem::busy(self.limits.concurrency))?;
        self.timers.limit(limit, work).await.ok_or_else(|| Problem::timeout(limit))
    }

    /// Waits for a permit, then starts work that reports its results itself, where [`Scheduler::run`] would.
    pub(super) async fn begin(
        &self,
        preferred: RunsOn,
        work: impl FnOnce(RunsOn) + Send + 'static,
    ) -> Option<Running<()>> {
        let permit = Arc::clone(&self.plain).acquire_owned().await.ok()?;
        Some(self.start(permit, preferred, work))
    }

    /// Waits for a permit, then starts a task for a message of an `async fn` model.
    pub(super) async fn begin_async<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<RunningTask<T>> {
        let permit = Arc::clone(&self.concurrent).acquire_owned().await.ok()?;
        let handle = tokio::spawn(async move {
            let done = work.await;
            drop(permit);
            done
        });
        Some(RunningTask(handle))
    }

    fn start<T: Send + 'static>(
        &self,
        permit: OwnedSemaphorePermit,
        preferred: RunsOn,
        work: impl FnOnce(RunsOn) -> T + Send + 'static,
    ) -> Running<T> {
        let slot = match preferred {
            RunsOn::Reactor => self.slots.try_acquire_on_reactor(),
            RunsOn::Pool => None,
        };
        let late = self.late.call();
        if let Some(slot) = slot {
            // A separate task, though it runs on this thread next: if the model is slow after all,
            // the caller still sees its timeout.
            let (ticket, running) = call(late, move || {
                let done = work(RunsOn::Reactor);
                drop((slot, permit));
                done
            });
            self.reactor.run(ticket);
            return running;
        }
        let (ticket, running) = call(late, move || {
            let done = work(RunsOn::Pool);
            drop(permit);
            done
        });
        let slots = Arc::clone(&self.slots);
        self.pool.spawn_blocking(move || {
            if !ticket.is_over() {
                let _slot = slots.acquire_on_pool();
                ticket.run();
            }
        });
        running
    }
}

/// A message that a task of its own runs. If this is dropped, the task is cancelled.
pub(super) struct RunningTask<T>(JoinHandle<T>);

impl<T> RunningTask<T> {
    pub(super) fn is_finished(&self) -> bool {
        self.0.is_finished()
    }

    /// The result; `None` if the work panicked.
    pub(super) async fn join(&mut self) -> Option<T> {
        (&mut self.0).await.ok()
    }
}

impl<T> Drop for RunningTask<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
