//! The `work` command: consumes messages until a signal.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use athena_protocol::{Exit, Work};
use tokio::sync::mpsc::{Receiver, channel};

use super::dispatcher::{Dispatcher, Rules};
use super::health_endpoint;
use super::metrics::Metrics;
use super::model_process::ROLE;
use super::model_process_handle::Launch;
use super::model_table::ModelTable;
use super::prefetch::PrefetchEstimator;
use crate::address::{Address, ConsumerOptions};
use crate::failing_requests::FailingRequests;
use crate::open;
use crate::recording::Recording;
use crate::retry::{Backoff, Endpoints};
use athena_core::display::plural;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::print_stderr;
use athena_engine::bound_model::{self, BoundModel};
use athena_engine::capture::Capture;
use athena_engine::token::{self, Token};
use athena_process::{ProcessConfig, memory};
use athena_telemetry::Export;

/// Default of `--prefetch`.
const PREFETCH: usize = 1024;

/// Default of `--attempts`.
const ATTEMPTS: u32 = 5;

/// Default of `--backoff`.
const BACKOFF: Duration = Duration::from_secs(1);

/// Default of `--timeout`.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Default of `--lease`.
const LEASE: Duration = Duration::from_secs(30);

/// Default of `--grace`.
const GRACE: Duration = Duration::from_secs(10);

/// How long to wait for brokers at the start, and later if the worker is to end when its queue is idle.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs models on messages until a signal.
pub fn work(registry: &Registry, fixtures: &Path, request: &Work) -> Result<Exit> {
    let telemetry = Export::start()?;
    let prepared = PreparedWorker::new(registry, fixtures, request)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .thread_name("athena")
        .build()
        .map_err(|error| Error::failure(format!("can't start threads: {error}")))?;
    // On a thread of the runtime: what it waits for and what it wakes is there as well.
    let running = runtime.spawn(async { prepared.run(signals()?, print_stderr).await });
    let result = runtime
        .block_on(running)
        .unwrap_or_else(|error| Err(Error::failure(format!("the worker ended: {error}"))));
    runtime.shutdown_background();
    telemetry.finish();
    let WorkerSummary { outcomes, dead, unfinished } = result?;
    print_stderr(&format!("{}, {}", plural(outcomes, "outcome"), plural(dead, "dead letter")));
    if unfinished > 0 {
        print_stderr(&format!(
            "{} did not finish in time and will be redelivered",
            plural(unfinished, "message")
        ));
    }
    Ok(Exit::Success)
}

/// What a worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WorkerSummary {
    /// Outcomes that were stored.
    pub outcomes: u64,
    /// Messages that became dead letters.
    pub dead: u64,
    /// Messages that did not finish in time and will be redelivered.
    pub unfinished: u64,
}

/// A worker that has read its settings, and has not connected to a broker yet.
pub(crate) struct PreparedWorker {
    from: Address,
    to: Address,
    rules: Rules,
    processes: usize,
    prefetch: PrefetchEstimator,
    launch: Launch,
    model_table: ModelTable,
    metrics: Arc<Metrics>,
    metrics_address: Option<String>,
    /// What `/metrics` requires.
    token: Option<Token>,
    allow_anonymous: bool,
    capture: Option<Arc<Capture>>,
    /// The models and their settings, for the log.
    described: Vec<String>,
}

impl PreparedWorker {
    pub(crate) fn new(registry: &Registry, fixtures: &Path, request: &Work) -> Result<Self> {
        let from = open::address(&request.from)?;
        let to = match &request.to {
            Some(to) => open::address(to)?,
            None => from.sibling("outcomes"),
        };
        // Compared without users: the queue is the same for every user.
        if from.redacted == to.redacted {
            return Err(Error::usage(format!(
                "--from and --to are the same queue: {}",
                to.redacted
            ))
            .help("outcomes need a queue of their own; without --to one is derived from --from"));
        }
        let registry = registry.only(&request.models)?;
        let mut models = bound_model::open(
            &registry,
            fixtures,
            &request.environments,
            request.allow_env_override,
        )?;
        let capture = request.capture.as_ref().map(Capture::open).transpose()?.map(Arc::new);
        if let Some(capture) = &capture {
            for model in &mut models {
                model.set_capture(capture);
            }
        }
        let captured = capture.as_ref().map_or_else(Vec::new, |capture| {
            capture.describe(models.iter().map(BoundModel::entry))
        });
        let settings = bound_model::describe_settings(models.iter());
        let ids: Vec<String> = models.iter().map(|model| model.id().to_owned()).collect();
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let processes = request.processes.filter(|&count| count > 0).unwrap_or_else(cores);
        let millis = |given: Option<u64>, or: Duration| given.map_or(or, Duration::from_millis);
        let rules = Rules {
            attempts: request.attempts.unwrap_or(ATTEMPTS).max(1),
            backoff: millis(request.backoff_ms, BACKOFF),
            timeout: millis(request.timeout_ms, TIMEOUT),
            lease: millis(request.lease_ms, LEASE).max(Duration::from_secs(1)),
            exit_when_idle: request.exit_when_idle_ms.map(Duration::from_millis),
            grace: millis(request.grace_ms, GRACE),
            patience: PATIENCE,
        };
        let share = || memory::default_limit().map(|max| max / processes.max(1) as u64);
        let config = ProcessConfig {
            timeout_ms: Some(u64::try_from(rules.timeout.as_millis()).unwrap_or(u64::MAX)),
            memory_limit: request.memory_limit.or_else(share),
            ..ProcessConfig::new(ROLE, 1)
        };
        let metrics = Arc::new(Metrics::new(
            ids.iter().map(String::as_str),
            capture.clone(),
            Recording::new(&from).with_outcomes_to(&to),
        ));
        let model_table = ModelTable::new(registry, models);
        let launch = Launch { config, settings: model_table.settings(request.allow_env_override) };
        let prefetch = PrefetchEstimator::new(processes, request.prefetch.unwrap_or(PREFETCH));
        let mut described = vec![format!("models: {}", ids.join(", "))];
        if !settings.is_empty() {
            described.push(format!("environment: {}", settings.join(", ")));
        }
        described.extend(captured);
        let metrics_address = request.metrics.clone();
        let file = request.token_file.as_deref();
        let token = if metrics_address.is_some() { token::read(file)? } else { None };
        Ok(Self {
            from,
            to,
            rules,
            processes,
            prefetch,
            launch,
            model_table,
            metrics,
            metrics_address,
            token,
            allow_anonymous: request.allow_anonymous,
            capture,
            described,
        })
    }

    /// Sets how long brokers may fail.
    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.rules.patience = patience;
    }

    /// Works until a signal; `log` prints what begins.
    pub(crate) async fn run(
        self,
        mut signals: Receiver<()>,
        log: impl Fn(&str),
    ) -> Result<WorkerSummary> {
        let Self { from, to, rules, metrics, .. } = self;
        if let Some(address) = &self.metrics_address {
            let address = health_endpoint::serve(
                address,
                Arc::clone(&metrics),
                self.token,
                self.allow_anonymous,
            )
            .await?;
            log(&format!("metrics on http://{address}/metrics"));
        }
        let endpoints = tokio::select! {
            endpoints = open(&from, &to, rules) => endpoints?,
            // No message has been taken yet.
            Some(()) = signals.recv() => return Ok(WorkerSummary::default()),
        };
        metrics.set_ready(true);
        log(&format!("working on {}, outcomes go to {}", from.redacted, to.redacted));
        self.described.iter().for_each(|line| log(line));
        let dispatcher = Dispatcher::new(
            endpoints,
            rules,
            self.model_table,
            Arc::clone(&metrics),
            self.prefetch,
            self.processes,
            self.launch,
        );
        let unfinished = dispatcher.run(signals).await;
        if let Some(capture) = &self.capture {
            capture.flush();
        }
        let unfinished = unfinished? as u64;
        let (outcomes, dead) = metrics.totals();
        Ok(WorkerSummary { outcomes, dead, unfinished })
    }
}

/// Opens both queues. Waits a while for a broker that is not reachable yet.
async fn open(from: &Address, to: &Address, rules: Rules) -> Result<Endpoints> {
    let began = tokio::time::Instant::now();
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(2));
    loop {
        let error = match open_once(from, to, rules.lease).await {
            Ok(endpoints) => return Ok(endpoints),
            Err(error) if error.exit() == Exit::Usage => return Err(error),
            Err(error) => error,
        };
        let wait = backoff.next();
        if began.elapsed() + wait > rules.patience {
            return Err(error);
        }
        tracing::warn!("{error}; trying again");
        tokio::time::sleep(wait).await;
    }
}

async fn open_once(from: &Address, to: &Address, lease: Duration) -> Result<Endpoints> {
    let to_same = open::is_one_broker(from, to).then(|| to.clone());
    let options = ConsumerOptions::new(lease).with_outcomes_to(to_same);
    let consumer = open::consumer(from, options).await?;
    let producer =
        if consumer.capabilities().atomic { None } else { Some(open::producer(to).await?) };
    Ok(Endpoints { consumer, producer, failing: FailingRequests::default() })
}

/// Receives a unit for each signal that ends the worker.
fn signals() -> Result<Receiver<()>> {
    let failed = |error: std::io::Error| Error::failure(format!("can't wait for signals: {error}"));
    let (send, receive) = channel(4);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
            let (send, mut signal) = (send.clone(), signal(kind).map_err(failed)?);
            tokio::spawn(async move {
                while signal.recv().await.is_some() {
                    print_stderr(
                        "shutting down: what is in progress is finished, or returned to the queue",
                    );
                    let _ = send.send(()).await;
                }
            });
        }
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.map_err(failed).is_ok() {
            let _ = send.send(()).await;
        }
    });
    Ok(receive)
}
