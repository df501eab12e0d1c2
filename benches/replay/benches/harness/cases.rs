//! The cases of the benchmarks, and the programs that replay them.

use std::fs;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;

use super::Contestant;

/// The number of cases in a small suite.
pub(crate) const HUNDRED: usize = 100;

/// How cases are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// A file each.
    Files,
    /// One suite.
    Suite,
}

/// A setting from a variable.
pub(crate) fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// The numbers of cases.
pub(crate) fn sizes(default: &str) -> Vec<u64> {
    let sizes = setting("ATHENA_BENCH_SIZES", default);
    sizes.split(',').map(|size| size.trim().parse().expect("a size")).collect()
}

/// The folder of the model's cases.
pub(crate) fn folder(fixtures: &Path) -> PathBuf {
    fixtures.join("athena-bench-replay/bill")
}

/// The harness, which is the program of `cargo test`.
pub(crate) fn runner(fixtures: &Path) -> Contestant {
    Contestant::new("the harness", env!("CARGO_BIN_EXE_runner"))
        .arguments(&["test", "--fixtures"])
        .path(fixtures)
}

/// A verb of `cargo athena` with nothing to build.
pub(crate) fn athena(name: &'static str, verb: &[&str], fixtures: &Path) -> Contestant {
    Contestant::new(name, cargo_athena().to_str().expect("UTF-8"))
        .arguments(&["athena"])
        .arguments(verb)
        .arguments(&["-p", "athena-bench-replay", "--bin", "runner", "--profile", "bench"])
        .arguments(&["--fixtures"])
        .path(fixtures)
        .folder(&built_workspace())
}

/// The command, built.
pub(crate) fn cargo_athena() -> PathBuf {
    built_workspace();
    Path::new(env!("CARGO_BIN_EXE_runner")).with_file_name("cargo-athena")
}

/// The workspace, in which `cargo athena` is built.
fn built_workspace() -> PathBuf {
    static BUILT: Once = Once::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    BUILT.call_once(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--release", "--quiet", "-p", "cargo-athena"])
            .current_dir(&workspace)
            .status()
            .expect("cargo");
        assert!(built.success(), "cargo-athena does not build");
    });
    workspace
}

/// Copies cases, every one of so many with another tax, so that it fails.
pub(crate) fn change_tax(from: &Path, to: &Path, one_of: usize) {
    let to = folder(to);
    fs::create_dir_all(&to).unwrap();
    for entry in fs::read_dir(folder(from)).unwrap() {
        let path = entry.unwrap().path();
        let mut out = BufWriter::new(fs::File::create(to.join(path.file_name().unwrap())).unwrap());
        for (at, line) in BufReader::new(fs::File::open(path).unwrap()).lines().enumerate() {
            let line = line.unwrap();
            let is_changed = at % one_of == 0;
            let tax = if is_changed { "\"TAX\":\"8\"" } else { "\"TAX\":\"7\"" };
            writeln!(out, "{}", line.replace("\"TAX\":\"7\"", tax)).unwrap();
        }
        out.flush().unwrap();
    }
}

/// Writes the messages to be recorded.
pub(crate) fn write_messages(path: &Path, size: u64) {
    let mut out = BufWriter::new(fs::File::create(path).unwrap());
    for index in 0..size {
        writeln!(out, "{}", athena_bench_replay::input(index)).unwrap();
    }
    out.flush().unwrap();
}

/// Records cases with the runner itself.
pub(crate) fn record(fixtures: &Path, size: u64, layout: Layout) {
    fs::create_dir_all(fixtures).unwrap();
    let messages = fixtures.join("messages.jsonl.input");
    write_messages(&messages, size);
    let mut command = Command::new(env!("CARGO_BIN_EXE_runner"));
    command.args(["record", "bill", "--force", "-e", "TAX=7", "--messages"]).arg(&messages);
    command.arg("--fixtures").arg(fixtures).env_remove("CI").stderr(Stdio::null());
    if layout == Layout::Suite {
        command.args(["--suite", "all"]);
    }
    assert!(command.status().unwrap().success(), "recording failed");
    fs::remove_file(messages).unwrap();
}

/// Copies the cases of the suite `all` into suites of a hundred.
pub(crate) fn split(from: &Path, to: &Path) {
    let all = folder(from).join("all.jsonl");
    let to = folder(to);
    fs::create_dir_all(&to).unwrap();
    let mut lines = BufReader::new(fs::File::open(all).unwrap()).lines().map(Result::unwrap);
    for number in 0.. {
        let some: Vec<String> = lines.by_ref().take(HUNDRED).collect();
        if some.is_empty() {
            break;
        }
        fs::write(to.join(format!("s{number:05}.jsonl")), some.join("\n") + "\n").unwrap();
    }
}
