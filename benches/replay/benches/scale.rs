//! `cargo bench -p athena-bench-replay --bench scale`: the commands of `cargo athena` over more and more
//! cases, as one suite and in suites of a hundred: time linear, memory flat. Each line has the fastest of
//! the rounds, the time per thousand cases, and the most memory of a round: that of all processes at once.
//!
//! `ATHENA_BENCH_SIZES=1000,1000000` sets the sizes, `ATHENA_BENCH_ROUNDS=3` the rounds, and `--check` fails
//! if a command takes more memory than [`MEMORY`], or more than [`GROWTH`] times as long per case as it
//! took with a hundred thousand.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]
#![allow(clippy::cast_precision_loss, reason = "numbers of cases are far below 2^52")]

mod harness;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use harness::Contestant;
use harness::cases::{self, Layout, athena, record};

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
    let mut large: BTreeMap<(&str, &str), Vec<f64>> = BTreeMap::new();
    let mut missed = Vec::new();
    println!("{:<34} {:>9} {:>14} {:>8}", "", "fastest", "per thousand", "memory");
    for size in sizes {
        for layout in [Layout::Suite, Layout::Hundreds] {
            println!("\n{size} cases as {}", layout.name());
            let root = tempfile::tempdir().unwrap();
            let fixtures = root.path().join("fixtures");
            record(&fixtures, size, layout);
            let failing = root.path().join("failing");
            let commands = commands(&fixtures, &failing);
            let mut best = vec![(Duration::MAX, 0.0_f64); commands.len()];
            for _ in 0..if size > LARGE { 1 } else { rounds } {
                cases::change_tax(&fixtures, &failing, 100);
                for (command, (fastest, most)) in commands.iter().zip(&mut best) {
                    let (took, memory) = command.measured();
                    *fastest = took.min(*fastest);
                    *most = memory.max(*most);
                }
            }
            for (command, (took, memory)) in commands.iter().zip(best) {
                let each = took.as_secs_f64() * 1e3 / size as f64 * 1e3;
                println!(
                    "{:<34} {:>6.0} ms {:>11.2} ms {:>5.0} MB",
                    command.name,
                    took.as_secs_f64() * 1e3,
                    each,
                    memory,
                );
                if memory > MEMORY {
                    missed.push(format!("{} of {size} cases takes {memory:.0} MB", command.name));
                }
                if size >= LARGE {
                    large.entry((layout.name(), command.name)).or_default().push(each);
                }
            }
        }
    }
    for ((layout, command), each) in large {
        let growth = each.last().unwrap_or(&0.0) / each.first().unwrap_or(&1.0);
        if growth > GROWTH {
            missed.push(format!("{command}, {layout}: {growth:.2} times as long per case"));
        }
    }
    for miss in &missed {
        eprintln!("missed: {miss}");
    }
    assert!(!check || missed.is_empty(), "targets are missed");
}

/// The commands, in order: one accepts what another has found.
fn commands(fixtures: &Path, failing: &Path) -> Vec<Contestant> {
    let page = format!("html={}", failing.with_extension("html").display());
    vec![
        cases::runner(fixtures),
        athena("cargo athena test", &["test", "-q"], fixtures),
        athena("doctor", &["doctor", "-q"], fixtures),
        athena("diff", &["diff", "-q", "--base", "HEAD"], fixtures),
        athena("test, 1 % fail", &["test", "-q"], failing).fails(),
        athena("test, 1 % fail, with a page", &["test", "-q", "--report", &page], failing).fails(),
        athena("accept, 1 %", &["accept", "-q", "--force"], failing),
    ]
}
