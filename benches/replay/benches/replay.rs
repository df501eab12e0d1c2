//! `cargo bench -p athena-bench-replay`: compares replay with a hand-written loop, libtest-mimic,
//! datatest-stable and insta, with files and with one suite. Every contestant is a separate process, and
//! they are timed in turn. The printed ratio is the median of the ratios of the rounds.
//!
//! `ATHENA_BENCH_SIZES=1000,10000` sets the sizes, `ATHENA_BENCH_ROUNDS=5` the rounds, and `--check` fails if a
//! target is missed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

mod harness;

use std::path::Path;

use harness::cases::{self, Layout, change_tax, folder, record, runner};
use harness::{Contestant, package, race};

/// The most that the harness may take for a thousand cases, as a multiple of the hand-written loop.
const FILES: f64 = 1.25;
const SUITE: f64 = 1.6;

/// The most that `cargo athena test` may take longer than the harness, in milliseconds, with what cargo needs of it.
const WITH_CARGO: f64 = 100.0;

/// The most of it that is not cargo's, in milliseconds.
const ADDED: f64 = 50.0;

/// The most that `cargo athena test` may take for a hundred thousand failures, in milliseconds.
const FAILURES: f64 = 700.0;

fn main() {
    let sizes = cases::sizes("1000,10000,100000");
    let rounds = cases::setting("ATHENA_BENCH_ROUNDS", "7").parse().expect("a number of rounds");
    let check = std::env::args().any(|argument| argument == "--check");
    let mut missed = Vec::new();
    let mut hold = |what: String, is: f64, target: f64| {
        if is > target {
            missed.push(format!("{what}: {is:.2}, the target is {target:.2}"));
        }
    };
    println!("{:<34} {:>9} {:>9} {:>9} {:>8}", "", "median", "fastest", "ratio", "memory");
    for size in sizes {
        let root = tempfile::tempdir().unwrap();
        let files = root.path().join("files");
        let suite = root.path().join("suite");
        record(&files, size, Layout::Files);
        record(&suite, size, Layout::Suite);
        println!("\n{size} cases as files");
        let standings = race(&of_files(&files, root.path(), size), rounds);
        if size == 1_000 {
            hold("1,000 cases as files".to_owned(), standings[1].ratio, FILES);
        }
        println!("\n{size} cases as one suite");
        let field = [
            baseline(&suite),
            runner(&suite),
            unsupervised(&suite),
            mimic(&suite),
            package::test(&suite),
            package::nothing_to_build(),
            package::plain_test(&suite),
        ];
        let standings = race(&field, rounds);
        let over = standings[4].median - standings[1].median;
        hold(
            format!("`cargo athena test` of {size} cases, over the harness, in ms"),
            over,
            WITH_CARGO,
        );
        let added = over - standings[5].median;
        hold(format!("what of it is not cargo's, for {size} cases, in ms"), added, ADDED);
        if size == 1_000 {
            hold("1,000 cases as one suite".to_owned(), standings[1].ratio, SUITE);
        }
        println!("\n{size} cases as one suite, each of which fails");
        let failing = root.path().join("failing");
        change_tax(&suite, &failing, 1);
        let field = [baseline(&suite), runner(&failing).fails(), package::test(&failing).fails()];
        let standings = race(&field, rounds);
        if size == 100_000 {
            hold("100,000 failures, in ms".to_owned(), standings[2].median, FAILURES);
        }
    }
    for miss in &missed {
        eprintln!("missed: {miss}");
    }
    assert!(!check || missed.is_empty(), "targets are missed");
}

/// Those that replay a file per case.
fn of_files(files: &Path, root: &Path, size: u64) -> Vec<Contestant> {
    let mut field = vec![
        baseline(files),
        runner(files),
        unsupervised(files),
        package::test(files),
        mimic(files),
    ];
    field.push(
        Contestant::new("datatest-stable", env!("CARGO_BIN_EXE_datatest")).cases(&folder(files)),
    );
    if size <= 1_000 {
        field.push(
            Contestant::new("insta glob!", env!("CARGO_BIN_EXE_insta_glob"))
                .cases(&folder(files))
                .variable("BENCH_SNAPSHOTS", &root.join("snapshots").display().to_string())
                .variable("INSTA_UPDATE", "no")
                .prepared_by("INSTA_UPDATE", "always"),
        );
    }
    field
}

fn baseline(fixtures: &Path) -> Contestant {
    Contestant::new("hand-written loop", env!("CARGO_BIN_EXE_baseline")).cases(&folder(fixtures))
}

/// The harness without its supervisor, to measure the cost of supervision.
fn unsupervised(fixtures: &Path) -> Contestant {
    Contestant::new("the harness, unsupervised", env!("CARGO_BIN_EXE_in_place")).path(fixtures)
}

fn mimic(fixtures: &Path) -> Contestant {
    Contestant::new("libtest-mimic", env!("CARGO_BIN_EXE_mimic")).cases(&folder(fixtures))
}
