//! `cargo bench -p athena-bench-replay`: compares replay with a hand-written loop, libtest-mimic,
//! datatest-stable and insta, with files and with one suite. Every contestant is a separate process, and
//! they are timed in turn. The printed ratio is the median of the ratios of the rounds.
//!
//! `ATHENA_BENCH_SIZES=1000,10000` sets the sizes, `ATHENA_BENCH_ROUNDS=5` the rounds.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may panic")]

mod harness;

use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Contestant, race};

fn main() {
    let sizes: Vec<u64> = setting("ATHENA_BENCH_SIZES", "1000,10000,100000")
        .split(',')
        .map(|size| size.trim().parse().expect("a size"))
        .collect();
    let rounds: usize = setting("ATHENA_BENCH_ROUNDS", "7").parse().expect("a number of rounds");
    println!("{:<34} {:>9} {:>9} {:>9} {:>8}", "", "median", "fastest", "ratio", "memory");
    for size in sizes {
        let root = tempfile::tempdir().unwrap();
        let files = root.path().join("files");
        let suite = root.path().join("suite");
        record(&files, size, false);
        record(&suite, size, true);
        println!("\n{size} cases as files");
        let mut field = vec![
            baseline(&files),
            runner(&files),
            unsupervised(&files),
            athena(&files),
            mimic(&files),
        ];
        field.push(
            Contestant::new("datatest-stable", env!("CARGO_BIN_EXE_datatest"))
                .cases(&cases(&files)),
        );
        if size <= 1_000 {
            field.push(
                Contestant::new("insta glob!", env!("CARGO_BIN_EXE_insta_glob"))
                    .cases(&cases(&files))
                    .variable(
                        "BENCH_SNAPSHOTS",
                        &root.path().join("snapshots").display().to_string(),
                    )
                    .variable("INSTA_UPDATE", "no")
                    .prepared_by("INSTA_UPDATE", "always"),
            );
        }
        race(&field, rounds);
        println!("\n{size} cases as one suite");
        race(
            &[
                baseline(&suite),
                runner(&suite),
                unsupervised(&suite),
                athena(&suite),
                mimic(&suite),
            ],
            rounds,
        );
        println!("\n{size} cases as one suite, each of which fails");
        let failing = root.path().join("failing");
        change_tax(&suite, &failing);
        race(&[baseline(&suite), runner(&failing).fails(), athena(&failing).fails()], rounds);
    }
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Returns the folder of the model's cases.
fn cases(fixtures: &Path) -> PathBuf {
    fixtures.join("athena-bench-replay/bill")
}

fn baseline(fixtures: &Path) -> Contestant {
    Contestant::new("hand-written loop", env!("CARGO_BIN_EXE_baseline")).cases(&cases(fixtures))
}

fn runner(fixtures: &Path) -> Contestant {
    Contestant::new("the harness", env!("CARGO_BIN_EXE_runner"))
        .arguments(&["test", "--fixtures"])
        .path(fixtures)
}

/// The harness without its supervisor, to measure the cost of supervision.
fn unsupervised(fixtures: &Path) -> Contestant {
    Contestant::new("the harness, unsupervised", env!("CARGO_BIN_EXE_in_place")).path(fixtures)
}

/// The whole command, without a build.
fn athena(fixtures: &Path) -> Contestant {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "-p", "cargo-athena"])
        .current_dir(&workspace)
        .status()
        .expect("cargo");
    assert!(built.success(), "cargo-athena does not build");
    let runner = Path::new(env!("CARGO_BIN_EXE_runner"));
    let command = runner.with_file_name("cargo-athena");
    Contestant::new("cargo athena test", command.to_str().expect("UTF-8"))
        .arguments(&[
            "athena",
            "test",
            "-q",
            "-p",
            "athena-bench-replay",
            "--bin",
            "runner",
            "--profile",
            "bench",
            "--fixtures",
        ])
        .path(fixtures)
        .folder(&workspace)
}

fn mimic(fixtures: &Path) -> Contestant {
    Contestant::new("libtest-mimic", env!("CARGO_BIN_EXE_mimic")).cases(&cases(fixtures))
}

/// Copies the cases with another tax, so that every case fails.
fn change_tax(suite: &Path, failing: &Path) {
    let file = "athena-bench-replay/bill/all.jsonl";
    let text = std::fs::read_to_string(suite.join(file)).unwrap();
    std::fs::create_dir_all(failing.join(file).parent().unwrap()).unwrap();
    std::fs::write(failing.join(file), text.replace("\"TAX\":\"7\"", "\"TAX\":\"8\"")).unwrap();
}

/// Records cases with the runner itself.
fn record(fixtures: &Path, size: u64, as_suite: bool) {
    std::fs::create_dir_all(fixtures).unwrap();
    let messages = fixtures.join("messages.jsonl.input");
    let lines: Vec<String> = (0..size).map(athena_bench_replay::input).collect();
    std::fs::write(&messages, lines.join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command.args(["record", "bill", "--force", "-e", "TAX=7", "--messages"]).arg(&messages);
    command.arg("--fixtures").arg(fixtures).env_remove("CI").stderr(std::process::Stdio::null());
    if as_suite {
        command.args(["--suite", "all"]);
    }
    assert!(command.status().unwrap().success(), "recording failed");
    std::fs::remove_file(messages).unwrap();
}
