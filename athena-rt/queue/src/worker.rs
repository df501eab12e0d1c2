//! A worker inside another program.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use athena_protocol::{Environments, Work};
use tokio::sync::mpsc::channel;

use super::work::{PreparedWorker, WorkerSummary};
use athena_core::error::Result;
use athena_core::registry::Registry;
use athena_process::check_entry;

/// Runs the models of this program on the messages of a queue.
///
/// Models run in model processes: this program, started again. So `main` must call `athena_rt::init`
/// first.
///
/// ```no_run
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let worker = athena_queue::Worker::builder("sqlite:tasks.db?queue=tasks")
///     .to("sqlite:tasks.db?queue=outcomes")
///     .processes(4)
///     .build()?;
/// let summary = worker.run(async { tokio::signal::ctrl_c().await.unwrap_or(()) }).await?;
/// println!("{} outcomes", summary.outcomes);
/// # Ok(())
/// # }
/// ```
pub struct Worker(PreparedWorker);

/// The settings of a [`Worker`]; the defaults are those of the command `work`.
#[derive(Clone, Debug)]
#[must_use]
pub struct WorkerBuilder {
    request: Work,
    /// How long a broker may be unreachable.
    patience: Option<Duration>,
}

impl Worker {
    /// A worker that takes messages from the queue at a URL.
    pub fn builder(from: impl Into<String>) -> WorkerBuilder {
        let request = Work { from: from.into(), ..Work::default() };
        WorkerBuilder { request, patience: None }
    }

    /// Works until `shutdown` is ready, or the queue has been empty for as long as was set; then
    /// messages in flight are finished. Runs on the current Tokio runtime.
    ///
    /// # Errors
    ///
    /// A broker is unreachable for 30 seconds at the start, or refuses to open a queue. If the worker is to end when
    /// its queue is idle: a request to a broker has failed each time for 30 seconds.
    pub async fn run(
        self,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<WorkerSummary> {
        let (send, signals) = channel(1);
        let waiting = tokio::spawn(async move {
            shutdown.await;
            let _ = send.send(()).await;
            // The dispatcher takes a closed channel for no signal.
            std::future::pending::<()>().await;
        });
        let done = self.0.run(signals, |line| tracing::info!("{line}")).await;
        waiting.abort();
        done
    }
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl WorkerBuilder {
    /// The queue of outcomes; by default a sibling of the queue of messages.
    pub fn to(mut self, url: impl Into<String>) -> Self {
        self.request.to = Some(url.into());
        self
    }

    /// Only these models: ids, or unique suffixes of them.
    pub fn models<M: Into<String>>(mut self, models: impl IntoIterator<Item = M>) -> Self {
        self.request.models = models.into_iter().map(Into::into).collect();
        self
    }

    /// Sets a variable of the models, on top of those of this process.
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let Environments { set, .. } = &mut self.request.environments;
        set.push((name.into(), value.into()));
        self
    }

    /// The number of model processes; by default one per core.
    pub fn processes(mut self, count: usize) -> Self {
        self.request.processes = Some(count);
        self
    }

    /// The maximum number of messages in flight.
    pub fn prefetch(mut self, count: usize) -> Self {
        self.request.prefetch = Some(count);
        self
    }

    /// The number of failed attempts after which a message is a dead letter.
    pub fn attempts(mut self, count: u32) -> Self {
        self.request.attempts = Some(count);
        self
    }

    /// The maximum time of a message.
    pub fn timeout(mut self, time: Duration) -> Self {
        self.request.timeout_ms = Some(millis(time));
        self
    }

    /// The time after which a message of an unresponsive worker is delivered to another.
    pub fn lease(mut self, time: Duration) -> Self {
        self.request.lease_ms = Some(millis(time));
        self
    }

    /// Ends once the queue has been empty for this time.
    pub fn exit_when_idle(mut self, time: Duration) -> Self {
        self.request.exit_when_idle_ms = Some(millis(time));
        self
    }

    /// How long a broker may be unreachable, at the start and with [`exit_when_idle`](Self::exit_when_idle); 30
    /// seconds by default. A worker that has no end asks for ever.
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = Some(time);
        self
    }

    /// Reads the settings of the models.
    ///
    /// # Errors
    ///
    /// `main` does not call `athena_rt::init`; a URL is invalid or its broker unknown; a model does not
    /// exist; a variable is missing or invalid.
    pub fn build(self) -> Result<Worker> {
        check_entry()?;
        let mut worker = PreparedWorker::new(&Registry::collect()?, Path::new(""), &self.request)?;
        if let Some(patience) = self.patience {
            worker.set_patience(patience);
        }
        Ok(Worker(worker))
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
