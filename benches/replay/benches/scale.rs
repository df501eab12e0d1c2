//! `cargo bench -p athena-bench-replay --bench scale`: the commands of `cargo athena` over more and more
//! cases, as one suite and in suites of a hundred: time linear, memory flat. Each line has the fastest of
//! the rounds, the time per thousand cases, and the most memory of a round: that of all processes at once.
//! The table of docs/performance.md follows.
//!
//! `ATHENA_BENCH_SIZES=1000,1000000` sets the sizes, `ATHENA_BENCH_ROUNDS=3` the rounds, and `--check` fails
//! if a command takes more memory than [`MEMORY`], or more than [`GROWTH`] times as long per case as it
//! took with a hundred thousand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]
#![allow(clippy::cast_precision_loss, reason = "numbers of cases are far below 2^52")]

mod harness;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use harness::Contestant;
use harness::cases::{self, HUNDRED, athena};
use harness::folders;
use harness::table::{Table, grouped};

/// The most memory of a command, in MB.
const MEMORY: f64 = 200.0;

/// How many times as long a case may take in the largest run.
const GROWTH: f64 = 1.3;

/// From how many cases on a command takes mostly the time of its cases.
const LARGE: u64 = 100_000;

fn main() {
    let sizes = cases::sizes("1000,10000,100000,1000000");
    let rounds: usize =
        cases::setting("ATHENA_BENCH_ROUNDS", "3").parse().expect("a number of rounds");
    let check = std::env::args().any(|argument| argument == "--check");
    let root = tempfile::tempdir().unwrap();
    warm_up(&root.path().join("first"));
    let mut run = Run::default();
    println!("{:<34} {:>9} {:>14} {:>8}", "", "fastest", "per thousand", "memory");
    for size in sizes {
        let folder = root.path().join("cases");
        let rounds = match size {
            ..LARGE => rounds,
            LARGE => rounds.min(2),
            _ => 1,
        };
        run.size(size, &folder, rounds);
        folders::remove(&folder);
    }
    println!("\n{}", run.table.markdown());
    let missed = run.missed();
    for miss in &missed {
        eprintln!("missed: {miss}");
    }
    assert!(!check || missed.is_empty(), "targets are missed");
}

/// Builds what the commands find built: the command, the runner, and that of the base.
fn warm_up(folder: &Path) {
    let began = Instant::now();
    let messages = folder.with_extension("jsonl");
    cases::write_messages(&messages, 1);
    record(&messages, folder).measured();
    diff(folder).measured();
    println!("everything is built after {:.0} s", began.elapsed().as_secs_f64());
}

/// What was measured.
#[derive(Default)]
struct Run {
    table: Table,
    /// The times per thousand cases of large runs, by layout and command.
    each: BTreeMap<(&'static str, &'static str), Vec<f64>>,
    missed: Vec<String>,
}

/// The cases of a layout, and the commands that run on them.
struct Cases {
    layout: &'static str,
    size: u64,
    /// Where they are made before each round, if a command makes them.
    made: Option<Contestant>,
    fixtures: PathBuf,
    /// A copy in which one in a hundred fails.
    failing: PathBuf,
}

impl Run {
    fn size(&mut self, size: u64, folder: &Path, rounds: usize) {
        let at = |name: &str| folder.join(name);
        std::fs::create_dir_all(folder).unwrap();
        let messages = at("messages.jsonl");
        cases::write_messages(&messages, size);
        let (suite, hundreds) = (at("suite"), at("hundreds"));
        let one = Cases {
            layout: "one suite",
            size,
            made: Some(record(&messages, &suite)),
            fixtures: suite.clone(),
            failing: at("failing"),
        };
        self.table.column(format!("{} in a suite", grouped(size)));
        self.layout(&one, rounds);
        cases::split(&suite, &hundreds);
        folders::remove(&suite);
        let many = Cases {
            layout: "suites of a hundred",
            size,
            made: None,
            fixtures: hundreds,
            failing: at("failing"),
        };
        let suites = grouped(size.div_ceil(HUNDRED as u64));
        self.table.column(format!("{} in {suites} suites", grouped(size)));
        self.layout(&many, rounds);
    }

    fn layout(&mut self, cases: &Cases, rounds: usize) {
        println!("\n{} cases as {}", cases.size, cases.layout);
        let commands = commands(&cases.fixtures, &cases.failing);
        let all: Vec<&Contestant> = cases.made.iter().chain(&commands).collect();
        let mut best = vec![(Duration::MAX, 0.0_f64); all.len()];
        for _ in 0..rounds {
            if cases.made.is_some() {
                folders::remove(&cases.fixtures);
            }
            folders::remove(&cases.failing);
            for (command, (fastest, most)) in all.iter().zip(&mut best) {
                // What fails is copied from what was recorded.
                if !cases.failing.exists() && command.is_expected_to_fail() {
                    cases::change_tax(&cases.fixtures, &cases.failing, 100);
                }
                let (took, memory) = command.measured();
                *fastest = took.min(*fastest);
                *most = memory.max(*most);
            }
        }
        for (command, (took, memory)) in all.iter().zip(best) {
            self.line(cases, command.name, took, memory);
        }
        folders::remove(&cases.failing);
    }

    fn line(&mut self, cases: &Cases, command: &'static str, took: Duration, memory: f64) {
        let seconds = took.as_secs_f64();
        let each = seconds * 1e3 / cases.size as f64 * 1e3;
        println!("{command:<34} {:>6.0} ms {each:>11.2} ms {memory:>5.0} MB", seconds * 1e3);
        self.table.cell(command, took, memory);
        if memory > MEMORY {
            let size = cases.size;
            self.missed.push(format!("{command} of {size} cases takes {memory:.0} MB"));
        }
        if cases.size >= LARGE {
            self.each.entry((cases.layout, command)).or_default().push(each);
        }
    }

    /// The targets that are missed.
    fn missed(mut self) -> Vec<String> {
        for ((layout, command), each) in self.each {
            let growth = each.last().unwrap_or(&0.0) / each.first().unwrap_or(&1.0);
            if growth > GROWTH {
                self.missed
                    .push(format!("{command}, {layout}: {growth:.2} times as long per case"));
            }
        }
        self.missed
    }
}

/// Records the messages as one suite.
fn record(messages: &Path, fixtures: &Path) -> Contestant {
    let messages = messages.to_str().expect("UTF-8");
    let verb = ["record", "bill", "-q", "--force", "-e", "TAX=7", "--suite", "all", "--messages"];
    athena("record", &[&verb[..], &[messages]].concat(), fixtures)
}

fn diff(fixtures: &Path) -> Contestant {
    athena("diff", &["diff", "-q", "--base", "HEAD"], fixtures)
}

/// The commands, in order: one accepts what another has found.
fn commands(fixtures: &Path, failing: &Path) -> Vec<Contestant> {
    let page = format!("html={}", failing.with_extension("html").display());
    vec![
        cases::runner(fixtures),
        athena("cargo athena test", &["test", "-q"], fixtures),
        athena("record --rerecord", &["record", "-q", "--force", "--rerecord"], fixtures),
        athena("doctor", &["doctor", "-q"], fixtures),
        diff(fixtures),
        athena("test, 1 % fail", &["test", "-q"], failing).fails(),
        athena("test, 1 % fail, with a page", &["test", "-q", "--report", &page], failing).fails(),
        athena("accept, 1 %", &["accept", "-q", "--force"], failing),
    ]
}
