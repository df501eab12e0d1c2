//! Measures one contestant: fills the queue, and counts the outcomes as they arrive.

#![allow(clippy::cast_precision_loss, reason = "counts of messages")]

mod latency;
#[path = "../../../../athena-rt/queue/tests/queue/postgres.rs"]
#[allow(clippy::unwrap_used, clippy::panic, dead_code, reason = "shared with the tests")]
mod postgres;
#[path = "../../../../athena-rt/queue/tests/queue/rabbitmq.rs"]
#[allow(clippy::unwrap_used, clippy::panic, reason = "shared with the tests")]
mod rabbitmq;
mod server;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use athena_bench_support::{Ended, MESSAGE, cpu};

pub(crate) use self::latency::{Latency, measure as measure_latency};
pub(crate) use self::server::{Broker, Server};

/// The maximum time of a round.
const PATIENCE: Duration = Duration::from_mins(2);

/// A contestant.
pub(crate) enum Peer {
    Athena(PathBuf),
    Bare(PathBuf),
    /// The folder of the programs of a Python with Celery.
    Celery(PathBuf),
}

/// The result of a round.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// Messages per second.
    pub(crate) rate: f64,
    /// Microseconds of a core per message, of the contestant and of the broker.
    pub(crate) cost: f64,
    pub(crate) broker_cost: f64,
}

/// Counting may take this part of the time at most: it takes a core from the contestant, and a count of a
/// table takes longer the more is done.
const COUNTING: u32 = 20;

/// The times between two counts.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Runs a contestant on a queue of its own until nine tenths of its messages are done. The first tenth is not
/// timed. Celery stores its results in Redis, and may have its tasks there too.
pub(crate) async fn race(
    server: &Server,
    redis: &Server,
    peer: &Peer,
    name: &str,
    batch: usize,
    count: usize,
) -> Result<Measured, String> {
    if let Peer::Celery(bin) = peer {
        redis.empty().await?;
        let mut sender = celery(&bin.join("python"), server, redis, name);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/celery_peer.py");
        let sent = sender.args([script, &count.to_string(), MESSAGE]).status();
        if !sent.map_err(|error| error.to_string())?.success() {
            return Err("the tasks can't be sent".to_owned());
        }
    } else {
        server.fill(name, count).await?;
    }
    let worker = started(server, redis, peer, name, batch)?;
    let watched = [Some(worker.0.id()), server.process()];
    let began = Instant::now();
    let mut from = None;
    loop {
        let counted = Instant::now();
        // A busy broker does not answer every time.
        let done = match peer {
            Peer::Celery(_) => redis.results().await,
            _ => server.done(name).await,
        };
        let done = done.unwrap_or(0);
        let now = (Instant::now(), done, watched.map(|process| process.map(cpu)));
        if from.is_none() && done >= count / 10 {
            from = Some(now);
        }
        if let Some((since, before, costs)) = from
            && done >= count - count / 10
        {
            let (took, more) = (now.0.duration_since(since), (done - before) as f64);
            let each = |at: usize| match (now.2[at], costs[at]) {
                (Some(now), Some(then)) => now.saturating_sub(then).as_secs_f64() * 1e6 / more,
                _ => f64::NAN,
            };
            let rate = more / took.as_secs_f64();
            return Ok(Measured { rate, cost: each(0), broker_cost: each(1) });
        }
        if began.elapsed() > PATIENCE {
            return Err(format!("{done} of {count} were done in {PATIENCE:?}"));
        }
        let pause = (counted.elapsed() * COUNTING).clamp(PAUSE, LONGEST_PAUSE);
        tokio::time::sleep(pause).await;
    }
}

fn started(
    server: &Server,
    redis: &Server,
    peer: &Peer,
    name: &str,
    batch: usize,
) -> Result<Ended, String> {
    let url = server.url(name);
    let mut command = match peer {
        Peer::Bare(program) => {
            let mut command = Command::new(program);
            command.args([&url, &batch.to_string()]);
            command
        }
        Peer::Athena(program) => {
            let mut command = Command::new(program);
            command.args(["work", "--from", &url, "--processes", "1"]);
            if batch == 1 {
                command.args(["--prefetch", "1"]);
            }
            command
        }
        Peer::Celery(bin) => {
            let mut command = celery(&bin.join("celery"), server, redis, name);
            command.args(["-A", "celery_peer", "worker", "--pool", "prefork"]);
            command.args(["--concurrency", "1", "--loglevel", "ERROR"]);
            command.args(["--without-gossip", "--without-mingle", "--without-heartbeat"]);
            command
        }
    };
    for variable in ["RUST_LOG", "LOG_LEVEL"] {
        command.env_remove(variable);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    if std::env::var_os("ATHENA_BENCH_VERBOSE").is_none() {
        command.stderr(Stdio::null());
    }
    command.spawn().map(Ended).map_err(|error| error.to_string())
}

fn celery(program: &std::path::Path, server: &Server, redis: &Server, name: &str) -> Command {
    let mut command = Command::new(program);
    command.env("BENCH_BROKER", server.address());
    command.env("BENCH_RESULTS", format!("{}/1", redis.address())).env("BENCH_QUEUE", name);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
