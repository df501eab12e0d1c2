//! The manager, rank 0: cuts the input, deals batches to whoever is free, keeps what comes of them in
//! the journal, and puts it out in order. It parses no message and runs no model.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::cut::{Input, Place};
use super::deal::{Dealer, Sizes};
use super::journal::Journal;
use super::link::ToWorkers;
use super::order::Order;
use super::program::build;
use super::results::Results;
use super::silence::{Beat, give_up};
use super::summary::Summary;
use super::wire::{Host, Job, Orders, Said, Told, messages_of};
use super::worker::{SIGN, error};
use athena_core::error::{Error, Result};
use athena_engine::local::Streamed;
use athena_engine::progress::Progress;

/// For how long the manager listens before it looks at other things.
const LISTEN: Duration = Duration::from_millis(10);

/// How many messages of workers are taken in before it looks at other things.
const AT_ONCE: usize = 64;

/// How long workers may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// What the manager works with.
pub(super) struct Manager {
    pub(super) input: Input,
    pub(super) journal: Journal,
    pub(super) results: Results,
    pub(super) order: Order,
    /// Batches of the attempt before that are not done.
    pub(super) again: VecDeque<Place>,
    /// How many bytes of the input are done.
    pub(super) bytes: u64,
    pub(super) orders: Orders,
    /// Whether ranks may run another build of the program.
    pub(super) allow_other_build: bool,
    /// How many threads each worker is to have; its cores if absent.
    pub(super) jobs: Option<usize>,
    pub(super) sizes: Sizes,
    /// How long a worker may say nothing.
    pub(super) silence: Duration,
    pub(super) shows_progress: bool,
    /// Told how the ranks did, in the end.
    pub(super) tell: fn(&str),
}

/// Tells all workers that nothing more is to be done, and waits for them.
pub(super) fn end(link: &mut impl ToWorkers) {
    let count = link.workers();
    for worker in 0..count {
        link.send(worker, &Told::End.write());
    }
    let began = Instant::now();
    let mut left = count;
    while left > 0 && began.elapsed() < FAREWELL {
        if let Some((_, bytes)) = link.next(LISTEN)
            && Said::read(&bytes) == Some(Said::Bye)
        {
            left -= 1;
        }
    }
}

impl Manager {
    /// Runs the job. Where it fails, workers are left as they are.
    pub(super) fn run(self, link: &mut impl ToWorkers) -> Result<Streamed> {
        let beat = Beat::start(self.silence)?;
        let hosts = self.hosts(link, &beat)?;
        let threads = threads(&hosts, self.jobs);
        for (worker, &threads) in threads.iter().enumerate() {
            let orders = Orders { threads, ..self.orders.clone() };
            let orders = serde_json::to_vec(&orders)
                .map_err(|error| Error::failure(format!("can't write orders: {error}")))?;
            link.send(worker, &Told::Begin(&orders).write());
        }
        let name =
            |(worker, host): (usize, &Host)| format!("rank {} on {}", link.rank(worker), host.name);
        let names = hosts.iter().enumerate().map(name).collect();
        let dealing = Dealing {
            dealer: Dealer::new(self.sizes, &threads),
            out: HashMap::new(),
            is_cut: false,
            heard: vec![Instant::now(); hosts.len()],
            said: Instant::now(),
            summary: Summary::new(names),
            progress: Progress::new(self.shows_progress, self.input.size()),
            beat,
            batch: Vec::new(),
            ran: Vec::new(),
            manager: self,
        };
        dealing.run(link)
    }

    /// Waits until every worker is there.
    fn hosts(&self, link: &mut impl ToWorkers, beat: &Beat) -> Result<Vec<Host>> {
        let began = Instant::now();
        let mut hosts: Vec<Option<Host>> = vec![None; link.workers()];
        while let Some(missing) = hosts.iter().position(Option::is_none) {
            beat.beat();
            if began.elapsed() > self.silence {
                let rank = link.rank(missing);
                give_up(&format!("rank {rank} has said nothing since the start"));
            }
            let Some((worker, bytes)) = link.next(LISTEN) else { continue };
            match Said::read(&bytes) {
                Some(Said::Hello(host)) => {
                    let host: Host =
                        serde_json::from_slice(host).map_err(|_| odd(link.rank(worker)))?;
                    if host.version != env!("CARGO_PKG_VERSION") {
                        return Err(Error::usage(format!(
                            "rank {} on {} was built with athena-rt {}, rank 0 with {}",
                            link.rank(worker),
                            host.name,
                            host.version,
                            env!("CARGO_PKG_VERSION")
                        ))
                        .help("give every host the same program"));
                    }
                    if !self.allow_other_build && host.build != build() {
                        return Err(Error::usage(format!(
                            "rank {} on {} runs another build of the program than rank 0",
                            link.rank(worker),
                            host.name
                        ))
                        .help("give every host the same program; --allow-other-build lets them differ"));
                    }
                    hosts[worker] = Some(host);
                }
                Some(Said::Failed { exit, words }) => return Err(error(exit, words)),
                Some(_) => {}
                None => return Err(odd(link.rank(worker))),
            }
        }
        Ok(hosts.into_iter().flatten().collect())
    }
}

fn odd(rank: usize) -> Error {
    Error::failure(format!("rank {rank} says what can't be read"))
        .help("give every host the same program")
}

/// How many threads each worker has: its own cores, or its share of the host's.
fn threads(hosts: &[Host], jobs: Option<usize>) -> Vec<usize> {
    let each = |host: &Host| {
        let shared = hosts.iter().filter(|other| other.name == host.name).count();
        let cores = if host.is_bound { host.cores } else { host.cores / shared };
        jobs.unwrap_or(cores).max(1)
    };
    hosts.iter().map(each).collect()
}

/// A manager at work.
struct Dealing {
    manager: Manager,
    dealer: Dealer,
    /// The batches that are out.
    out: HashMap<u64, Place>,
    /// Whether the whole input was cut.
    is_cut: bool,
    /// When each worker was heard last.
    heard: Vec<Instant>,
    /// When the workers were told last that the manager is there.
    said: Instant,
    summary: Summary,
    progress: Progress,
    beat: Beat,
    /// Room for a batch that is dealt.
    batch: Vec<u8>,
    /// Outcomes on their way from the journal.
    ran: Vec<u8>,
}

impl Dealing {
    fn run(mut self, link: &mut impl ToWorkers) -> Result<Streamed> {
        loop {
            self.beat.beat();
            self.deal(link)?;
            self.put_out()?;
            if self.is_cut && self.out.is_empty() && self.manager.order.is_empty() {
                break;
            }
            let mut wait = LISTEN;
            for _ in 0..AT_ONCE {
                let Some((worker, bytes)) = link.next(wait) else { break };
                self.hear(link, worker, &bytes)?;
                wait = Duration::ZERO;
            }
            self.signs(link);
        }
        self.progress.end();
        end(link);
        let Manager { results, journal, tell, .. } = self.manager;
        let streamed = results.finish()?;
        journal.remove()?;
        self.summary.lines().iter().for_each(|line| tell(line));
        Ok(streamed)
    }

    fn deal(&mut self, link: &mut impl ToWorkers) -> Result<()> {
        let manager = &mut self.manager;
        while !self.is_cut
            && let Some((worker, want)) = self.dealer.next(manager.input.left())
        {
            let again;
            let (place, bytes) = if let Some(place) = manager.again.pop_front() {
                again = manager.input.again(&place)?;
                (place, &again[..])
            } else {
                if !manager.order.has_room(manager.input.number()) {
                    break;
                }
                let Some((place, bytes)) = manager.input.next(want)? else {
                    self.is_cut = true;
                    break;
                };
                manager.journal.cut(&place)?;
                (place, bytes)
            };
            self.out.insert(place.number, place);
            self.dealer.dealt(worker, place.number, bytes.len());
            let job = Job { number: place.number, first: place.first, bytes };
            Told::Batch(job).write_to(&mut self.batch);
            link.send(worker, &self.batch);
        }
        Ok(())
    }

    fn hear(&mut self, link: &impl ToWorkers, worker: usize, bytes: &[u8]) -> Result<()> {
        self.heard[worker] = Instant::now();
        match Said::read(bytes) {
            Some(Said::Alive | Said::Hello(_) | Said::Bye) => Ok(()),
            Some(Said::Failed { exit, words }) => {
                Err(error(exit, words).context(self.summary.name(worker)))
            }
            Some(Said::Done { number, micros, ran }) => {
                let took = Duration::from_micros(micros);
                let had = self.dealer.finished(worker, number, took);
                let place = self.out.remove(&number).filter(|_| had);
                let place = place.ok_or_else(|| odd(link.rank(worker)))?;
                let kept = self.manager.journal.done(number, ran)?;
                self.manager.order.done(number, kept);
                self.manager.bytes += place.length;
                self.summary.add(worker, place, messages_of(ran), took);
                Ok(())
            }
            None => Err(odd(link.rank(worker))),
        }
    }

    /// Puts out what is done and on disk.
    fn put_out(&mut self) -> Result<()> {
        let manager = &mut self.manager;
        let durable = manager.journal.durable()?;
        while let Some(kept) = manager.order.next(durable) {
            manager.journal.read(kept, &mut self.ran)?;
            manager.results.add(&self.ran, true)?;
        }
        self.progress.at(manager.bytes, manager.results.streamed().messages);
        Ok(())
    }

    /// Tells the workers that the manager is there; a worker that says nothing ends the job.
    fn signs(&mut self, link: &mut impl ToWorkers) {
        if self.said.elapsed() < SIGN {
            return;
        }
        self.said = Instant::now();
        let silence = self.manager.silence;
        if let Some(worker) = self.heard.iter().position(|heard| heard.elapsed() > silence) {
            give_up(&format!("{} has said nothing for {silence:?}", self.summary.name(worker)));
        }
        for worker in 0..link.workers() {
            link.send(worker, &Told::Alive.write());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_shared_by_the_workers_of_a_host_unless_each_has_its_own() {
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
