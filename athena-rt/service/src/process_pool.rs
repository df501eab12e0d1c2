//! Model processes of the service: a plain model that aborts, exits, hangs or takes all memory costs the
//! request that it runs for, and no other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use athena_engine::token;
use athena_process::{
    AsyncModelProcess, ProcessConfig, Request, RequestSender, Response, SpawnOptions, check_entry,
    memory,
};
use athena_protocol::Format;
use athena_protocol::text::plural;
use axum::body::Bytes;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::ipc::{self, Handled, ProcessSettings};
use super::model_process::ROLE;
use super::trace_context::TraceContext;
use athena_core::error::{Error, Result};

/// How long a process may take to start.
const START_PATIENCE: Duration = Duration::from_secs(30);

/// The first and the last delay after processes that can't start.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A message for a model process.
pub(super) struct RemoteCall {
    /// The index of the model in the settings.
    pub(super) model: u16,
    pub(super) message: Bytes,
    pub(super) format: Format,
    pub(super) output_format: Format,
    pub(super) trace: TraceContext,
}

/// When a call must have ended.
#[derive(Clone, Copy, Debug)]
pub(super) enum TimeLimit {
    /// Of waiting and running together.
    Total(Duration),
    /// Of running alone.
    Running(Duration),
}

/// Why a call has no result.
#[derive(Debug)]
pub(super) enum Interruption {
    TimedOut,
    /// The process ended, with how it did.
    Crashed(String),
}

/// The processes of a service.
pub(super) struct ProcessPool {
    config: ProcessConfig,
    options: SpawnOptions,
    settings: ProcessSettings,
    /// One permit per slot that is not in use.
    free: Arc<Semaphore>,
    idle: Mutex<Vec<ProcessSlot>>,
    count: usize,
    /// Processes that ended while they ran a message, or were ended.
    lost: AtomicU64,
}

/// A place for a process. It is started when it is needed, and again after it was lost.
#[derive(Default)]
struct ProcessSlot {
    process: Option<(AsyncModelProcess, RequestSender)>,
    /// How often in a row no process could be started.
    failures: u32,
}

impl ProcessPool {
    /// `memory_limit` is for each process; by default it is its share of most of the machine's.
    ///
    /// # Errors
    ///
    /// This program can't be started as a model process.
    pub(super) fn new(
        count: usize,
        memory_limit: Option<u64>,
        settings: ProcessSettings,
    ) -> Result<Arc<Self>> {
        check_entry()?;
        let share = || memory::default_limit().map(|all| all / count.max(1) as u64);
        let config = ProcessConfig {
            memory_limit: memory_limit.or_else(share),
            ..ProcessConfig::new(ROLE, 1)
        };
        let hidden = vec![token::VARIABLE.to_owned()];
        Ok(Arc::new(Self {
            config,
            options: SpawnOptions { hidden, ..SpawnOptions::default() },
            settings,
            free: Arc::new(Semaphore::new(count)),
            idle: Mutex::new((0..count).map(|_| ProcessSlot::default()).collect()),
            count,
            lost: AtomicU64::new(0),
        }))
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// How many processes ended while they ran a message, or were ended.
    pub(super) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Starts all processes.
    ///
    /// # Errors
    ///
    /// A process can't start: then no other can.
    pub(super) async fn start_all(self: &Arc<Self>) -> Result<()> {
        let slots = std::mem::take(&mut *self.lock());
        let starts: Vec<_> = slots
            .into_iter()
            .map(|mut slot| {
                let pool = Arc::clone(self);
                tokio::spawn(async move {
                    let started = slot.start(&pool).await;
                    pool.lock().push(slot);
                    started
                })
            })
            .collect();
        for start in starts {
            let started = start.await.map_err(|error| Error::failure(error.to_string()))?;
            started.map_err(|reason| {
                Error::failure(format!("a model process can't start: {reason}"))
            })?;
        }
        Ok(())
    }

    /// Runs a message. If the caller leaves, a message that waits is dropped; one that has begun runs to
    /// its end or its limit, and `guard` is dropped then.
    pub(super) async fn run(
        self: &Arc<Self>,
        call: RemoteCall,
        limit: TimeLimit,
        guard: impl Send + 'static,
    ) -> Result<Handled, Interruption> {
        let began = Instant::now();
        let waiting = Arc::clone(&self.free).acquire_owned();
        let permit = match limit {
            TimeLimit::Total(limit) => {
                timeout_at(began + limit, waiting).await.map_err(|_| Interruption::TimedOut)?
            }
            TimeLimit::Running(_) => waiting.await,
        };
        let deadline = match limit {
            TimeLimit::Total(limit) => began + limit,
            TimeLimit::Running(limit) => Instant::now() + limit,
        };
        // Whoever has a permit finds a slot.
        let mut slot = self.lock().pop().unwrap_or_default();
        let (send, receive) = oneshot::channel();
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            let result = slot.run(&pool, &call, deadline).await;
            let is_lost = result.is_err();
            let _ = send.send(result);
            drop((call, guard));
            if is_lost {
                pool.lost.fetch_add(1, Ordering::Relaxed);
                slot.restart(&pool).await;
            }
            pool.lock().push(slot);
            drop(permit);
        });
        let ended = || Interruption::Crashed("is not needed any more".to_owned());
        receive.await.unwrap_or_else(|_| Err(ended()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ProcessSlot>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ProcessSlot {
    /// Runs a message on the process, which is ended if it takes too long.
    async fn run(
        &mut self,
        pool: &ProcessPool,
        call: &RemoteCall,
        deadline: Instant,
    ) -> Result<Handled, Interruption> {
        // Taken out: whatever goes wrong ends the process.
        let (mut process, sender) = match self.take_running() {
            Some(running) => running,
            None => timeout_at(deadline, self.start_process(pool))
                .await
                .map_err(|_| Interruption::TimedOut)?
                .map_err(Interruption::Crashed)?,
        };
        let meta = ipc::write_meta(call.format, call.output_format, &call.trace);
        sender.send([Request { id: 0, model: call.model, meta: &meta, body: &call.message }]);
        let (mut done, mut reason) = (None, None);
        while done.is_none() {
            let read = process.next(|response| match response {
                Response::Done { status, body, .. } => {
                    done = Some(ipc::read(status, body, call.output_format));
                }
                Response::OutOfMemory { bytes, .. } => {
                    reason = Some(format!("took {} of memory", plural(bytes, "byte")));
                }
                _ => {}
            });
            match timeout_at(deadline, read).await {
                Err(_) => return Err(Interruption::TimedOut),
                Ok(Err(exit)) => {
                    return Err(Interruption::Crashed(reason.unwrap_or_else(|| exit.to_string())));
                }
                Ok(Ok(())) => {}
            }
        }
        let invalid = || Interruption::Crashed("sent an invalid response".to_owned());
        let handled = done.flatten().ok_or_else(invalid)?;
        self.process = Some((process, sender));
        Ok(handled)
    }

    /// The process, unless it has ended since its last message.
    fn take_running(&mut self) -> Option<(AsyncModelProcess, RequestSender)> {
        let (mut process, sender) = self.process.take()?;
        process.is_running().then_some((process, sender))
    }

    /// Starts a process if there is none.
    async fn start(&mut self, pool: &ProcessPool) -> Result<(), String> {
        if self.process.is_none() {
            self.process = Some(self.start_process(pool).await?);
        }
        Ok(())
    }

    async fn start_process(
        &self,
        pool: &ProcessPool,
    ) -> Result<(AsyncModelProcess, RequestSender), String> {
        let started = AsyncModelProcess::start(&pool.config, &pool.options, &pool.settings);
        let (mut process, sender) = started.map_err(|error| error.to_string())?;
        let (mut is_ready, mut failed) = (false, None);
        while !is_ready {
            let read = process.next(|response| match response {
                Response::Ready => is_ready = true,
                Response::Failed { message, .. } => failed = Some(message.to_owned()),
                _ => {}
            });
            match timeout(START_PATIENCE, read).await {
                Err(_) => return Err(format!("it was not ready within {START_PATIENCE:?}")),
                Ok(Err(exit)) => return Err(failed.unwrap_or_else(|| format!("it {exit}"))),
                Ok(Ok(())) => {}
            }
        }
        Ok((process, sender))
    }

    /// Replaces a lost process at once; waits only if none can start.
    async fn restart(&mut self, pool: &ProcessPool) {
        let Err(reason) = self.start(pool).await else {
            self.failures = 0;
            return;
        };
        tracing::error!("a model process can't start: {reason}");
        let (first, longest) = BACKOFF;
        sleep(first.saturating_mul(1 << self.failures.min(16)).min(longest)).await;
        self.failures += 1;
    }
}
