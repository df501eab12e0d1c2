//! Whole jobs without MPI: a manager with files, and simulated workers that are slow, return batches in
//! any order, and fail.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use athena_protocol::{Format, Mpi};
use proptest::prelude::*;

use super::batching::BatchSizes;
use super::build_id::build_id;
use super::channel::ManagerChannel;
use super::chunker::Input;
use super::manager::Manager;
use super::resume::{JobState, open_job};
use super::wire::{FromWorker, Host, JobConfig, ToWorker, encode_outcomes};
use athena_cases::message_stream;
use athena_core::error::Result;
use athena_engine::local::BatchOutcome;
use athena_engine::rejects::Reject;

/// Workers that return each line, and reject lines with an `x`.
struct Simulated {
    workers: Vec<VecDeque<Vec<u8>>>,
    random: u64,
    /// The number of batches after which a worker fails, as if the job had been killed.
    lives: usize,
    received: VecDeque<(usize, Vec<u8>)>,
    /// The maximum number of batches that a worker has had.
    max_in_flight: usize,
}

impl Simulated {
    fn new(workers: usize, random: u64, lives: usize) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let host = Host { version, build: build_id(), ..Host::default() };
        let hello = FromWorker::Hello(&serde_json::to_vec(&host).unwrap()).write();
        let received = (0..workers).map(|worker| (worker, hello.clone())).collect();
        let workers = vec![VecDeque::new(); workers];
        Self { workers, random: random | 1, lives, received, max_in_flight: 0 }
    }

    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).unwrap()
    }
}

impl ManagerChannel for Simulated {
    fn worker_count(&self) -> usize {
        self.workers.len()
    }

    fn rank(&self, worker: usize) -> usize {
        worker + 1
    }

    fn receive(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
        if let Some(message) = self.received.pop_front() {
            return Some(message);
        }
        let busy: Vec<usize> =
            (0..self.workers.len()).filter(|&worker| !self.workers[worker].is_empty()).collect();
        if busy.is_empty() {
            std::thread::sleep(wait.min(Duration::from_millis(1)));
            return None;
        }
        let worker = busy[self.random(busy.len())];
        if self.lives == 0 {
            return Some((worker, FromWorker::Failed { exit: 1, message: "dead" }.write()));
        }
        self.lives -= 1;
        let bytes = self.workers[worker].pop_front().unwrap();
        let Some(ToWorker::Batch(batch)) = ToWorker::read(&bytes) else { panic!("no batch") };
        let mut ran = BatchOutcome::default();
        for (message, line) in
            message_stream::messages(batch.bytes, Format::Json).zip(batch.first..)
        {
            let message = message.unwrap();
            ran.messages += 1;
            if message.contains(&b'x') {
                let reason = "an x".to_owned();
                ran.rejects.push(Reject::new(line, "x", reason, message, Format::Json));
            } else {
                ran.out.extend(message);
                ran.out.push(b'\n');
            }
        }
        let micros = self.random(1000) as u64;
        let done =
            FromWorker::Done { number: batch.number, micros, outcomes: &encode_outcomes(&ran) };
        Some((worker, done.write()))
    }

    fn send(&mut self, worker: usize, bytes: &[u8]) {
        match ToWorker::read(bytes) {
            Some(ToWorker::Batch(_)) => {
                self.workers[worker].push_back(bytes.to_vec());
                self.max_in_flight = self.max_in_flight.max(self.workers[worker].len());
            }
            Some(ToWorker::End) => self.received.push_back((worker, FromWorker::Goodbye.write())),
            _ => {}
        }
    }
}

fn request(folder: &Path, unordered: bool) -> Mpi {
    Mpi {
        messages: folder.join("in"),
        out: folder.join("out"),
        rejects: Some(folder.join("rejects")),
        unordered,
        resume: true,
        ..Mpi::default()
    }
}

/// A manager that resumes the job.
fn manager(request: &Mpi, max_bytes: usize) -> Result<Manager> {
    let config = JobConfig {
        model: "a::b".to_owned(),
        variables: Vec::new(),
        input_format: Format::Json,
        output_format: Format::Json,
        threads: 1,
        crashes: 2,
        timeout_ms: None,
        memory_limit: None,
    };
    let mut input = Input::open(&request.messages, Format::Json)?;
    let path = request.out.with_added_extension("journal");
    let JobState { journal, results, reorder, unfinished, done_bytes, .. } =
        open_job(request, &config, &mut input, &path)?;
    Ok(Manager {
        input,
        journal,
        results,
        reorder,
        unfinished,
        done_bytes,
        config,
        allow_other_build: false,
        jobs: None,
        sizes: BatchSizes { max_bytes, ..BatchSizes::default() },
        heartbeat_timeout: Duration::from_mins(1),
        shows_progress: false,
        print: |_| {},
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_job_that_fails_many_times_writes_the_same_files(
        lines in proptest::collection::vec("[a-x]{0,8}", 1..80), workers in 1_usize..5,
        max_bytes in 1_usize..60, random: u64, unordered: bool,
        lives in proptest::collection::vec(0_usize..12, 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let request = request(folder.path(), unordered);
        std::fs::write(&request.messages, lines.join("\n") + "\n").unwrap();
        let mut done = None;
        for lives in lives.into_iter().chain([usize::MAX]) {
            let mut channel = Simulated::new(workers, random, lives);
            let ended = manager(&request, max_bytes).unwrap().run(&mut channel);
            prop_assert!(channel.max_in_flight <= 2, "{} in flight", channel.max_in_flight);
            if let Ok(streamed) = ended {
                done = Some(streamed);
                break;
            }
            prop_assert!(!request.out.exists(), "it exists before the job is done");
        }
        let bad = |line: &&String| line.contains('x');
        let streamed = done.unwrap();
        prop_assert_eq!(streamed.messages, lines.len() as u64);
        prop_assert_eq!(streamed.rejected, lines.iter().filter(bad).count() as u64);
        let mut out = std::fs::read_to_string(&request.out).unwrap();
        let mut wanted: Vec<&str> =
            lines.iter().filter(|line| !line.contains('x')).map(String::as_str).collect();
        let rejects = std::fs::read_to_string(folder.path().join("rejects")).unwrap();
        let line_of = |text: &str| {
            serde_json::from_str::<serde_json::Value>(text).unwrap()["line"].as_u64().unwrap()
        };
        let mut rejected: Vec<u64> = rejects.lines().map(line_of).collect();
        if unordered {
            let mut found: Vec<&str> = out.lines().collect();
            found.sort_unstable();
            wanted.sort_unstable();
            rejected.sort_unstable();
            out = found.concat();
            prop_assert_eq!(out, wanted.concat());
        } else {
            let wanted: String = wanted.iter().flat_map(|line| [line, "\n"]).collect();
            prop_assert_eq!(out, wanted);
        }
        let bad_lines: Vec<u64> =
            (1..).zip(&lines).filter(|(_, line)| bad(line)).map(|(at, _)| at).collect();
        prop_assert_eq!(rejected, bad_lines);
        prop_assert!(!request.out.with_added_extension("journal").exists());
    }
}

#[test]
fn an_answer_to_a_batch_that_was_not_assigned_ends_the_job() {
    struct Liar(Simulated);
    impl ManagerChannel for Liar {
        fn worker_count(&self) -> usize {
            1
        }
        fn rank(&self, _: usize) -> usize {
            1
        }
        fn receive(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
            if let Some(hello) = self.0.received.pop_front() {
                return Some(hello);
            }
            std::thread::sleep(wait);
            let ran = encode_outcomes(&BatchOutcome::default());
            Some((0, FromWorker::Done { number: 77, micros: 1, outcomes: &ran }.write()))
        }
        fn send(&mut self, _: usize, _: &[u8]) {}
    }
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), false);
    std::fs::write(&request.messages, "a\n").unwrap();
    let mut liar = Liar(Simulated::new(1, 1, 1));
    let error = manager(&request, 100).unwrap().run(&mut liar).unwrap_err().to_string();
    assert!(error.contains("rank 1 sent an unreadable message"), "{error}");
}

#[test]
fn only_the_job_that_has_the_journal_truncates_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), false);
    let journal = folder.path().join("out.journal");
    let partial = folder.path().join("out.partial");
    std::fs::write(&request.messages, "a\n").unwrap();
    // The journal of another job appears after this one has looked: a link that leads nowhere does not
    // exist, and can't be created.
    std::os::unix::fs::symlink("nowhere", &journal).unwrap();
    std::fs::write(&partial, "theirs").unwrap();
    assert!(manager(&request, 100).is_err());
    assert_eq!(std::fs::read_to_string(&partial).unwrap(), "theirs");
    // A job that can't write its results leaves no journal behind.
    std::fs::remove_file(&journal).unwrap();
    std::fs::remove_file(&partial).unwrap();
    std::fs::create_dir(&partial).unwrap();
    assert!(manager(&request, 100).is_err());
    assert!(!journal.exists());
}
