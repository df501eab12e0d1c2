//! `work`: from the command line to the end of the worker.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use athena_protocol::{Exit, Work};
use tokio::sync::mpsc::{Receiver, channel};

use super::address::{Address, Broker, Reader};
use super::flow::{Flow, Rules};
use super::meter::Meter;
use super::model_process::ROLE;
use super::pace::Pace;
use super::probe;
use super::retry::Backoff;
use super::roster::Roster;
use super::settle::Ends;
use super::worker_process::Launch;
use athena_core::error::{Error, Result};
use athena_core::registry::Registry;
use athena_core::stdio::say;
use athena_engine::bound_model::{self, Deployed};
use athena_engine::capture::Capture;
use athena_process::{ProcessConfig, memory};

/// Workers of a queue share its messages under this name.
pub(super) const GROUP: &str = "athena";

/// How many messages are held at most, by default.
const PREFETCH: usize = 1024;

/// How often a message may fail, by default.
const ATTEMPTS: u32 = 5;

/// How long a message waits for its second try, by default.
const BACKOFF: Duration = Duration::from_secs(1);

/// How long a message may take, by default.
const TIMEOUT: Duration = Duration::from_mins(1);

/// How long a message stays with a worker that is silent, by default.
const LEASE: Duration = Duration::from_secs(30);

/// How long what has begun may go on after a signal, by default.
const GRACE: Duration = Duration::from_secs(10);

/// How long a broker is waited for at the start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs models on what comes, until a signal ends it.
pub fn work(registry: &Registry, fixtures: &Path, request: &Work) -> Result<Exit> {
    let from = Address::parse(&request.from)?;
    let to = match &request.to {
        Some(to) => Address::parse(to)?,
        None => from.beside("outcomes"),
    };
    // As another user, too.
    if from.shown == to.shown {
        return Err(Error::usage(format!(
            "outcomes can't go where messages come from: {}",
            to.shown
        )));
    }
    let registry = registry.only(&request.models)?;
    let mut models =
        bound_model::open(&registry, fixtures, &request.environments, request.allow_env_override)?;
    let capture = request.capture.as_ref().map(Capture::open).transpose()?.map(Arc::new);
    if let Some(capture) = &capture {
        for model in &mut models {
            model.capture(capture);
        }
    }
    let captured = capture
        .as_ref()
        .map_or_else(Vec::new, |capture| capture.about(models.iter().map(Deployed::entry)));
    let settings = bound_model::settings(models.iter());
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
    };
    let share = || memory::default_limit().map(|most| most / processes.max(1) as u64);
    let config = ProcessConfig {
        timeout_ms: Some(u64::try_from(rules.timeout.as_millis()).unwrap_or(u64::MAX)),
        memory_limit: request.memory_limit.or_else(share),
        ..ProcessConfig::new(ROLE, 1)
    };
    let meter = Arc::new(Meter::new(ids.iter().map(String::as_str), capture.clone()));
    let roster = Roster::new(registry, models);
    let launch = Launch { config, settings: roster.settings(request.allow_env_override) };
    let pace = Pace::new(processes, request.prefetch.unwrap_or(PREFETCH));

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .thread_name("athena")
        .build()
        .map_err(|error| Error::failure(format!("can't start threads: {error}")))?;
    let done = runtime.block_on(async {
        let mut signals = signals()?;
        if let Some(address) = &request.metrics {
            let address = probe::serve(address, Arc::clone(&meter)).await?;
            say(&format!("metrics on http://{address}/metrics"));
        }
        let ends = tokio::select! {
            ends = open(&from, &to, rules.lease) => ends?,
            // Nothing was taken yet.
            Some(()) = signals.recv() => return Ok(0),
        };
        meter.set_ready(true);
        say(&format!("working on {}, outcomes go to {}", from.shown, to.shown));
        say(&format!("models: {}", ids.join(", ")));
        if !settings.is_empty() {
            say(&format!("environment: {}", settings.join(", ")));
        }
        for line in &captured {
            say(line);
        }
        let flow = Flow::new(ends, rules, roster, Arc::clone(&meter), pace, processes, launch);
        flow.run(signals).await
    });
    runtime.shutdown_background();
    if let Some(capture) = &capture {
        capture.flush();
    }
    let held = done?;
    let (outcomes, dead) = meter.totals();
    say(&format!("{outcomes} outcomes, {dead} dead letters"));
    if held > 0 {
        say(&format!("{held} messages were not done in time: another worker will have them"));
    }
    Ok(Exit::Success)
}

/// Opens both ends. A broker that is not there yet is waited for a while.
async fn open(from: &Address, to: &Address, lease: Duration) -> Result<Ends> {
    let began = tokio::time::Instant::now();
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(2));
    loop {
        let error = match open_once(from, to, lease).await {
            Ok(ends) => return Ok(ends),
            Err(error) if error.exit() == Exit::Usage => return Err(error),
            Err(error) => error,
        };
        let wait = backoff.next();
        if began.elapsed() + wait > PATIENCE {
            return Err(error);
        }
        tracing::warn!("{error}; trying again");
        tokio::time::sleep(wait).await;
    }
}

async fn open_once(from: &Address, to: &Address, lease: Duration) -> Result<Ends> {
    let is_one = from.kind == Broker::Redis && from.kind == to.kind && from.broker == to.broker;
    let reader = Reader { group: GROUP.to_owned(), lease, to: is_one.then(|| to.clone()) };
    let source = from.source(reader).await?;
    let sink = if source.abilities().atomic { None } else { Some(to.sink().await?) };
    Ok(Ends { source, sink })
}

/// A word for each signal that is to end the worker.
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
                    say("a signal came: nothing more is taken, what has begun comes to its end");
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
