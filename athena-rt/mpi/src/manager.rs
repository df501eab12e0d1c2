//! The manager, rank 0. It splits the input, assigns batches to workers, stores their outcomes in the
//! journal, and writes the results in order. It parses no message and runs no model.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::batching::{BatchSizes, LoadBalancer};
use super::build_id::build_id;
use super::channel::ManagerChannel;
use super::chunker::{BatchSpan, Input};
use super::heartbeat::{HEARTBEAT_INTERVAL, Heartbeat, abort_job};
use super::journal::Journal;
use super::results::{ReorderBuffer, Results};
use super::summary::Summary;
use super::wire::{Batch, FromWorker, Host, JobConfig, ToWorker, message_count};
use super::worker::remote_error;
use athena_core::error::{Error, Result};
use athena_core::progress::Progress;
use athena_engine::local::StreamSummary;

/// The time that the manager waits for a message before it does other work.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// The number of messages that the manager receives before it does other work.
const MAX_MESSAGES_PER_TURN: usize = 64;

/// The time that workers have to end.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(10);

/// A job that is ready to run.
pub(super) struct Manager {
    pub(super) input: Input,
    pub(super) journal: Journal,
    pub(super) results: Results,
    pub(super) reorder: ReorderBuffer,
    /// Batches of the earlier attempt that are not done.
    pub(super) unfinished: VecDeque<BatchSpan>,
    /// The number of bytes of the input that are done.
    pub(super) done_bytes: u64,
    pub(super) config: JobConfig,
    /// Whether ranks may run another build of the program.
    pub(super) allow_other_build: bool,
    /// The number of threads of each worker; the number of its cores if absent.
    pub(super) jobs: Option<usize>,
    pub(super) sizes: BatchSizes,
    /// The time after which the job fails if a worker does not respond.
    pub(super) heartbeat_timeout: Duration,
    pub(super) shows_progress: bool,
    /// Prints a line of the summary.
    pub(super) print: fn(&str),
}

/// Tells all workers to end, and waits for them.
pub(super) fn end_workers(channel: &mut impl ManagerChannel) {
    let count = channel.worker_count();
    for worker in 0..count {
        channel.send(worker, &ToWorker::End.write());
    }
    let began = Instant::now();
    let mut left = count;
    while left > 0 && began.elapsed() < GOODBYE_TIMEOUT {
        if let Some((_, bytes)) = channel.receive(POLL_INTERVAL)
            && FromWorker::read(&bytes) == Some(FromWorker::Goodbye)
        {
            left -= 1;
        }
    }
}

impl Manager {
    /// Runs the job. If it fails, the workers go on running.
    pub(super) fn run(self, channel: &mut impl ManagerChannel) -> Result<StreamSummary> {
        let heartbeat = Heartbeat::start(self.heartbeat_timeout)?;
        let hosts = self.wait_for_hosts(channel, &heartbeat)?;
        let threads = threads(&hosts, self.jobs);
        for (worker, &threads) in threads.iter().enumerate() {
            let config = JobConfig { threads, ..self.config.clone() };
            let config = serde_json::to_vec(&config).map_err(|error| {
                Error::failure(format!("can't write the configuration: {error}"))
            })?;
            channel.send(worker, &ToWorker::Begin(&config).write());
        }
        let name = |(worker, host): (usize, &Host)| {
            format!("rank {} on {}", channel.rank(worker), host.name)
        };
        let names = hosts.iter().enumerate().map(name).collect();
        let run = Run {
            balancer: LoadBalancer::new(self.sizes, &threads),
            in_flight: HashMap::new(),
            is_split: false,
            last_heard: vec![Instant::now(); hosts.len()],
            last_heartbeat: Instant::now(),
            summary: Summary::new(names),
            progress: Progress::new(self.shows_progress, self.input.size()),
            heartbeat,
            message: Vec::new(),
            outcomes: Vec::new(),
            manager: self,
        };
        run.run(channel)
    }

    /// Waits until every worker has started.
    fn wait_for_hosts(
        &self,
        channel: &mut impl ManagerChannel,
        heartbeat: &Heartbeat,
    ) -> Result<Vec<Host>> {
        let began = Instant::now();
        let mut hosts: Vec<Option<Host>> = vec![None; channel.worker_count()];
        while let Some(missing) = hosts.iter().position(Option::is_none) {
            heartbeat.renew();
            if began.elapsed() > self.heartbeat_timeout {
                let rank = channel.rank(missing);
                abort_job(&format!("rank {rank} has not responded since the start"));
            }
            let Some((worker, bytes)) = channel.receive(POLL_INTERVAL) else { continue };
            match FromWorker::read(&bytes) {
                Some(FromWorker::Hello(host)) => {
                    let host: Host = serde_json::from_slice(host)
                        .map_err(|_| unreadable_error(channel.rank(worker)))?;
                    if host.version != env!("CARGO_PKG_VERSION") {
                        return Err(Error::usage(format!(
                            "rank {} on {} was built with athena-rt {}, rank 0 with {}",
                            channel.rank(worker),
                            host.name,
                            host.version,
                            env!("CARGO_PKG_VERSION")
                        ))
                        .help("install the same program on every host"));
                    }
                    if !self.allow_other_build && host.build != build_id() {
                        return Err(Error::usage(format!(
                            "rank {} on {} runs another build of the program than rank 0",
                            channel.rank(worker),
                            host.name
                        ))
                        .help(
                            "install the same program on every host, or use --allow-other-build",
                        ));
                    }
                    hosts[worker] = Some(host);
                }
                Some(FromWorker::Failed { exit, message }) => {
                    return Err(remote_error(exit, message));
                }
                Some(_) => {}
                None => return Err(unreadable_error(channel.rank(worker))),
            }
        }
        Ok(hosts.into_iter().flatten().collect())
    }
}

fn unreadable_error(rank: usize) -> Error {
    Error::failure(format!("rank {rank} sent an unreadable message"))
        .help("install the same program on every host")
}

/// The number of threads of each worker: its own cores, or its share of the host's.
fn threads(hosts: &[Host], jobs: Option<usize>) -> Vec<usize> {
    let each = |host: &Host| {
        let shared = hosts.iter().filter(|other| other.name == host.name).count();
        let cores = if host.is_bound { host.cores } else { host.cores / shared };
        jobs.unwrap_or(cores).max(1)
    };
    hosts.iter().map(each).collect()
}

/// The state of a running job.
struct Run {
    manager: Manager,
    balancer: LoadBalancer,
    /// The batches that workers have.
    in_flight: HashMap<u64, BatchSpan>,
    /// Whether the whole input is in batches.
    is_split: bool,
    /// When the last message of each worker arrived.
    last_heard: Vec<Instant>,
    /// When the last heartbeat was sent to the workers.
    last_heartbeat: Instant,
    summary: Summary,
    progress: Progress,
    heartbeat: Heartbeat,
    /// A reused buffer for the message that is sent.
    message: Vec<u8>,
    /// A reused buffer for outcomes from the journal.
    outcomes: Vec<u8>,
}

impl Run {
    fn run(mut self, channel: &mut impl ManagerChannel) -> Result<StreamSummary> {
        loop {
            self.heartbeat.renew();
            self.assign_batches(channel)?;
            self.write_durable()?;
            if self.is_split && self.in_flight.is_empty() && self.manager.reorder.is_empty() {
                break;
            }
            let mut wait = POLL_INTERVAL;
            for _ in 0..MAX_MESSAGES_PER_TURN {
                let Some((worker, bytes)) = channel.receive(wait) else { break };
                self.on_message(channel, worker, &bytes)?;
                wait = Duration::ZERO;
            }
            self.exchange_heartbeats(channel);
        }
        self.progress.end();
        end_workers(channel);
        let Manager { results, journal, print, .. } = self.manager;
        let streamed = results.finish()?;
        journal.remove()?;
        self.summary.lines().iter().for_each(|line| print(line));
        Ok(streamed)
    }

    fn assign_batches(&mut self, channel: &mut impl ManagerChannel) -> Result<()> {
        let manager = &mut self.manager;
        while !self.is_split
            && let Some((worker, target)) = self.balancer.next(manager.input.left())
        {
            let reread;
            let (span, bytes) = if let Some(span) = manager.unfinished.pop_front() {
                reread = manager.input.reread(&span)?;
                (span, &reread[..])
            } else {
                if !manager.reorder.has_room(manager.input.number()) {
                    break;
                }
                let Some((span, bytes)) = manager.input.next_batch(target)? else {
                    self.is_split = true;
                    break;
                };
                manager.journal.record_batch(&span)?;
                (span, bytes)
            };
            self.in_flight.insert(span.number, span);
            self.balancer.assign(worker, span.number, bytes.len());
            let batch = Batch { number: span.number, first: span.first, bytes };
            ToWorker::Batch(batch).write_to(&mut self.message);
            channel.send(worker, &self.message);
        }
        Ok(())
    }

    fn on_message(
        &mut self,
        channel: &impl ManagerChannel,
        worker: usize,
        bytes: &[u8],
    ) -> Result<()> {
        self.last_heard[worker] = Instant::now();
        match FromWorker::read(bytes) {
            Some(FromWorker::Alive | FromWorker::Hello(_) | FromWorker::Goodbye) => Ok(()),
            Some(FromWorker::Failed { exit, message }) => {
                Err(remote_error(exit, message).context(self.summary.name(worker)))
            }
            Some(FromWorker::Done { number, micros, outcomes }) => {
                let took = Duration::from_micros(micros);
                let was_assigned = self.balancer.complete(worker, number, took);
                let batch = self.in_flight.remove(&number).filter(|_| was_assigned);
                let batch = batch.ok_or_else(|| unreadable_error(channel.rank(worker)))?;
                let span = self.manager.journal.record_done(number, outcomes)?;
                self.manager.reorder.add(number, span);
                self.manager.done_bytes += batch.length;
                self.summary.add(worker, batch, message_count(outcomes), took);
                Ok(())
            }
            None => Err(unreadable_error(channel.rank(worker))),
        }
    }

    /// Writes the outcomes that are durable and next in order.
    fn write_durable(&mut self) -> Result<()> {
        let manager = &mut self.manager;
        let durable = manager.journal.durable_length()?;
        while let Some(span) = manager.reorder.next(durable) {
            manager.journal.read(span, &mut self.outcomes)?;
            manager.results.add(&self.outcomes, true)?;
        }
        self.progress.at(manager.done_bytes, manager.results.streamed().messages);
        Ok(())
    }

    /// Sends a heartbeat to the workers, and aborts the job if one of them does not respond.
    fn exchange_heartbeats(&mut self, channel: &mut impl ManagerChannel) {
        if self.last_heartbeat.elapsed() < HEARTBEAT_INTERVAL {
            return;
        }
        self.last_heartbeat = Instant::now();
        let timeout = self.manager.heartbeat_timeout;
        if let Some(worker) = self.last_heard.iter().position(|heard| heard.elapsed() > timeout) {
            abort_job(&format!("{} has not responded for {timeout:?}", self.summary.name(worker)));
        }
        for worker in 0..channel.worker_count() {
            channel.send(worker, &ToWorker::Alive.write());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_of_a_host_share_its_cores_unless_each_is_bound() {
        let host = |name: &str, cores, is_bound| Host {
            name: name.to_owned(),
            cores,
            is_bound,
            version: String::new(),
            build: 0,
        };
        let hosts =
            [host("a", 8, false), host("a", 8, false), host("b", 2, true), host("b", 2, true)];
        assert_eq!(threads(&hosts, None), [4, 4, 2, 2]);
        assert_eq!(threads(&hosts, Some(3)), [3; 4]);
        let many = vec![host("a", 2, false); 5];
        assert_eq!(threads(&many, None), [1; 5]);
    }
}
