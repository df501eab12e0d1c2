//! Whole jobs without MPI: a manager over files, and workers that are simulated, slow, out of order
//! and mortal.

use std::collections::VecDeque;
use std::path::Path;
use std::time::Duration;

use athena_protocol::{Format, Mpi};
use proptest::prelude::*;

use super::begin::{Begun, begin};
use super::cut::Input;
use super::deal::Sizes;
use super::link::ToWorkers;
use super::manager::Manager;
use super::program::build;
use super::wire::{Host, Orders, Said, Told, write_ran};
use athena_cases::frame;
use athena_core::error::Result;
use athena_engine::local::Ran;
use athena_engine::rejects::Reject;

/// Workers that give each line back, and reject lines with an `x`.
struct Simulated {
    workers: Vec<VecDeque<Vec<u8>>>,
    random: u64,
    /// After so many batches one of them says that it fails, as if the job had been killed.
    lives: usize,
    said: VecDeque<(usize, Vec<u8>)>,
    /// The most batches that a worker has had at once.
    most: usize,
}

impl Simulated {
    fn new(workers: usize, random: u64, lives: usize) -> Self {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let host = Host { version, build: build(), ..Host::default() };
        let hello = Said::Hello(&serde_json::to_vec(&host).unwrap()).write();
        let said = (0..workers).map(|worker| (worker, hello.clone())).collect();
        let workers = vec![VecDeque::new(); workers];
        Self { workers, random: random | 1, lives, said, most: 0 }
    }

    fn random(&mut self, below: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % below as u64).unwrap()
    }
}

impl ToWorkers for Simulated {
    fn workers(&self) -> usize {
        self.workers.len()
    }

    fn rank(&self, worker: usize) -> usize {
        worker + 1
    }

    fn next(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
        if let Some(said) = self.said.pop_front() {
            return Some(said);
        }
        let busy: Vec<usize> =
            (0..self.workers.len()).filter(|&worker| !self.workers[worker].is_empty()).collect();
        if busy.is_empty() {
            std::thread::sleep(wait.min(Duration::from_millis(1)));
            return None;
        }
        let worker = busy[self.random(busy.len())];
        if self.lives == 0 {
            return Some((worker, Said::Failed { exit: 1, words: "dead" }.write()));
        }
        self.lives -= 1;
        let bytes = self.workers[worker].pop_front().unwrap();
        let Some(Told::Batch(job)) = Told::read(&bytes) else { panic!("no batch") };
        let mut ran = Ran::default();
        for (message, line) in frame::messages(job.bytes, Format::Json).zip(job.first..) {
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
        let done = Said::Done { number: job.number, micros, ran: &write_ran(&ran) };
        Some((worker, done.write()))
    }

    fn send(&mut self, worker: usize, bytes: &[u8]) {
        match Told::read(bytes) {
            Some(Told::Batch(_)) => {
                self.workers[worker].push_back(bytes.to_vec());
                self.most = self.most.max(self.workers[worker].len());
            }
            Some(Told::End) => self.said.push_back((worker, Said::Bye.write())),
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

/// A manager of the job, which goes on where it was left.
fn manager(request: &Mpi, most: usize) -> Result<Manager> {
    let orders = Orders {
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
    let Begun { journal, results, order, again, bytes, .. } =
        begin(request, &orders, &mut input, &path)?;
    Ok(Manager {
        input,
        journal,
        results,
        order,
        again,
        bytes,
        orders,
        allow_other_build: false,
        jobs: None,
        sizes: Sizes { most, ..Sizes::default() },
        silence: Duration::from_mins(1),
        shows_progress: false,
        tell: |_| {},
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn however_often_a_job_dies_its_files_are_those_of_one_that_does_not(
        lines in proptest::collection::vec("[a-x]{0,8}", 1..80), workers in 1_usize..5,
        most in 1_usize..60, random: u64, unordered: bool,
        lives in proptest::collection::vec(0_usize..12, 0..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let request = request(folder.path(), unordered);
        std::fs::write(&request.messages, lines.join("\n") + "\n").unwrap();
        let mut done = None;
        for lives in lives.into_iter().chain([usize::MAX]) {
            let mut link = Simulated::new(workers, random, lives);
            let ended = manager(&request, most).unwrap().run(&mut link);
            prop_assert!(link.most <= 2, "{} batches in flight", link.most);
            if let Ok(streamed) = ended {
                done = Some(streamed);
                break;
            }
            prop_assert!(!request.out.exists(), "it is there before it is whole");
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
fn a_worker_that_answers_what_it_was_not_asked_ends_the_job() {
    struct Liar(Simulated);
    impl ToWorkers for Liar {
        fn workers(&self) -> usize {
            1
        }
        fn rank(&self, _: usize) -> usize {
            1
        }
        fn next(&mut self, wait: Duration) -> Option<(usize, Vec<u8>)> {
            if let Some(hello) = self.0.said.pop_front() {
                return Some(hello);
            }
            std::thread::sleep(wait);
            let ran = write_ran(&Ran::default());
            Some((0, Said::Done { number: 77, micros: 1, ran: &ran }.write()))
        }
        fn send(&mut self, _: usize, _: &[u8]) {}
    }
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), false);
    std::fs::write(&request.messages, "a\n").unwrap();
    let mut liar = Liar(Simulated::new(1, 1, 1));
    let error = manager(&request, 100).unwrap().run(&mut liar).unwrap_err().to_string();
    assert!(error.contains("rank 1 says what can't be read"), "{error}");
}
