//! The latency of one message while nothing else is in the queue: from the request that stores it to its
//! stored outcome.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use athena_bench_support::MESSAGE;
use athena_rt::queue::{Browser, Consumer, ConsumerOptions, queues};

use super::server::{message, to_message};
use super::{Broker, Peer, Server, celery, started};

/// The messages that come first and are not counted.
const WARM: usize = 20;

/// How often a file is looked at, which can't notify.
const LOOK: Duration = Duration::from_micros(200);

/// The maximum latency.
const PATIENCE: Duration = Duration::from_secs(30);

/// Half and 99 % of the messages are faster.
#[derive(Clone, Copy)]
pub(crate) struct Latency {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// How outcomes are seen.
enum Outcomes {
    Pulled(Arc<dyn Consumer>),
    Browsed(Box<dyn Browser>),
}

/// Sends messages one by one, each when the outcome of the last one is there.
pub(crate) async fn measure(
    server: &Server,
    redis: &Server,
    peer: &Peer,
    name: &str,
    count: usize,
) -> Result<Latency, String> {
    if let Peer::Celery(bin) = peer {
        redis.empty().await?;
        let _worker = started(server, redis, peer, name, 1)?;
        return celery_latency(&bin.join("python"), server, redis, name, count);
    }
    server.fill(name, 0).await?;
    let producer = queues::address(&server.url(name)).map_err(to_message)?;
    let producer = queues::producer(&producer).await.map_err(to_message)?;
    let outcomes = queues::address(&server.outcomes(name)).map_err(to_message)?;
    let mut outcomes = if server.broker == Broker::Sqlite {
        Outcomes::Browsed(queues::browser(&outcomes).await.map_err(to_message)?)
    } else {
        let options = ConsumerOptions::new(Duration::from_mins(5));
        Outcomes::Pulled(queues::consumer(&outcomes, options).await.map_err(to_message)?)
    };
    let _worker = started(server, redis, peer, name, 1)?;
    let mut all = Vec::with_capacity(count);
    for id in 0..WARM + count {
        let began = Instant::now();
        producer.store(&[message(id)]).await.map_err(to_message)?;
        while outcomes.next().await? == 0 {
            if began.elapsed() > PATIENCE {
                return Err(format!("message {id} has no outcome after {PATIENCE:?}"));
            }
        }
        all.push(began.elapsed());
    }
    Ok(Latency::of(all.split_off(WARM)))
}

impl Outcomes {
    /// The number of outcomes that have come.
    async fn next(&mut self) -> Result<usize, String> {
        match self {
            Self::Pulled(consumer) => {
                let found = consumer.pull(1, Duration::from_secs(1)).await.map_err(to_message)?;
                let tags: Vec<_> = found.iter().map(|delivery| delivery.tag.clone()).collect();
                consumer.acknowledge(&tags).await.map_err(to_message)?;
                Ok(found.len())
            }
            Self::Browsed(browser) => {
                let found = browser.next(1).await.map_err(to_message)?.len();
                if found == 0 {
                    tokio::time::sleep(LOOK).await;
                }
                Ok(found)
            }
        }
    }
}

impl Latency {
    fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        let at = |percent: usize| all.get(all.len() * percent / 100).copied().unwrap_or_default();
        Self { p50: at(50), p99: at(99) }
    }
}

/// Celery measures itself: its sender waits for each result.
fn celery_latency(
    python: &Path,
    server: &Server,
    redis: &Server,
    name: &str,
    count: usize,
) -> Result<Latency, String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/celery_peer.py");
    let mut sender = celery(python, server, redis, name);
    let counts = [WARM, count].map(|count| count.to_string());
    let output = sender.args([script, "latency"]).args(counts).arg(MESSAGE).output();
    let output = output.map_err(to_message)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let seconds = String::from_utf8_lossy(&output.stdout);
    let seconds: Vec<f64> =
        seconds.lines().skip(WARM).filter_map(|line| line.parse().ok()).collect();
    Ok(Latency::of(seconds.into_iter().map(Duration::from_secs_f64).collect()))
}
