//! Models that crash, hang or exit, under `cargo athena test`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::support::Project;

const MODELS: &str = r#"use athena_rt::prelude::*;

#[structure]
pub struct Work {
    /// A file: where it is, the model may do otherwise than it did.
    #[default(String::new())]
    pub armed: String,
    #[default(1)]
    pub number: i64,
}

impl Work {
    fn is_armed(&self) -> bool {
        std::path::Path::new(&self.armed).exists()
    }
}

/// Another outcome at every other run.
#[model]
pub fn flaky(mut state: State<Work>) -> State<Work> {
    if state.data.is_armed() {
        let odd = std::path::PathBuf::from(format!("{}.odd", state.data.armed));
        if odd.exists() {
            let _ = std::fs::remove_file(odd);
        } else {
            let _ = std::fs::write(odd, "");
            state.data.number = 7;
        }
    }
    state
}

/// Another outcome under another locale.
#[model]
pub fn local(mut state: State<Work>) -> State<Work> {
    if state.data.is_armed() && std::env::var("LC_ALL").is_ok_and(|locale| locale.contains('_')) {
        state.data.number = 8;
    }
    state
}

/// Allocates memory and never frees it.
#[model]
pub fn greedy(state: State<Work>) -> State<Work> {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    while state.data.is_armed() {
        taken.push(vec![1; 1 << 20]);
    }
    state
}

/// Ends the process that looks after its own.
#[model]
pub fn deadly(state: State<Work>) -> State<Work> {
    #[cfg(unix)]
    if state.data.is_armed() {
        let parent = std::os::unix::process::parent_id().to_string();
        let _ = std::process::Command::new("kill").args(["-9", &parent]).status();
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    state
}

#[model]
pub fn fine(state: State<Work>) -> State<Work> {
    state
}
"#;

fn recorded() -> (Project, String) {
    let project = Project::library("trust").file("src/lib.rs", MODELS);
    let armed = project.path("armed").to_str().unwrap().to_owned();
    let message = format!("{{\"armed\":{armed:?}}}");
    for model in ["flaky", "local", "greedy", "deadly", "fine"] {
        project.athena(&["record", model, "--case", "one", "-m", &message]).exits(0);
    }
    project.write("armed", "");
    (project, armed)
}

#[test]
#[ignore = "builds several programs; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn what_can_not_be_trusted_is_named_and_never_green() {
    let (project, armed) = recorded();
    let tame = || {
        let _ = std::fs::remove_file(format!("{armed}.odd"));
    };

    let replay = project.athena(&["test", "flaky", "fine"]);
    replay.exits(1).says("2 cases: 1 passed, 1 failed");
    tame();
    let retried = project.athena(&["test", "flaky", "fine", "--retries", "2"]);
    retried
        .exits(0)
        .says("[flaky] trust::flaky::one")
        .says("flaky: trust::flaky::one: it passed at retry 1 of 2");
    assert_eq!(retried.out.lines().last(), Some("2 cases: 1 passed, 0 failed, 1 flaky"));
    let report: serde_json::Value =
        serde_json::from_str(&project.read_artifact("report.json")).unwrap();
    assert_eq!(report["flaky"][0]["name"], "trust::flaky::one");
    assert_eq!(report["failures"].as_array().unwrap().len(), 0);
    assert_eq!(report["passed"][0]["cases"][0], "one");

    tame();
    project
        .athena(&["test", "flaky", "fine", "--repeat", "4"])
        .exits(1)
        .says("it failed in 2 of 4 runs")
        .says("2 cases: 1 passed, 1 failed");
    let report: serde_json::Value =
        serde_json::from_str(&project.read_artifact("report.json")).unwrap();
    assert_eq!(report["failures"][0]["kind"], "flaky");

    project.athena(&["test", "local", "fine"]).exits(0);
    project
        .athena(&["test", "local", "fine", "--check-determinism"])
        .exits(1)
        .says("it depends on the time zone, the locale")
        .says("2 cases: 1 passed, 1 failed");
    // Tried again it would pass, and what it depends on would be hidden.
    project
        .athena(&["test", "local", "fine", "--check-determinism", "--retries", "2"])
        .exits(1)
        .says("2 cases: 1 passed, 1 failed");
    tame();
    project
        .athena(&[
            "test",
            "flaky",
            "local",
            "fine",
            "--check-determinism",
            "--fail-fast",
            "-j",
            "1",
        ])
        .exits(1);
    let report: serde_json::Value =
        serde_json::from_str(&project.read_artifact("report.json")).unwrap();
    let count = |list: &str| -> u64 {
        let models = report[list].as_array().unwrap().iter();
        models.map(|model| model["cases"].as_array().unwrap().len() as u64).sum()
    };
    assert_eq!(count("skipped"), report["summary"]["skipped"].as_u64().unwrap());
    assert_eq!(count("passed"), report["summary"]["passed"].as_u64().unwrap());

    project
        .athena(&["test", "greedy", "fine", "--memory-limit", "150MB"])
        .exits(1)
        .says("out of memory")
        .says("more than the limit of 150MB")
        .says("2 cases: 1 passed, 1 failed");
    for wrong in [
        &["test", "--memory-limit", "12"][..],
        &["test", "--memory-limit", "1MB"],
        &["test", "--repeat", "0"],
        &["test", "--repeat", "2", "--retries", "1"],
        &["test", "--retries", "-1"],
    ] {
        project.athena(wrong).exits(2);
    }

    // What stops at a failure that is then found flaky has left cases out.
    tame();
    let many: Vec<_> = (0..400).map(|number| format!("{{\"number\":{number}}}")).collect();
    project.write("many.jsonl", &many.join("\n"));
    project.athena(&["record", "local", "--messages", "many.jsonl", "--suite", "book"]).exits(0);
    let stopped =
        project.athena(&["test", "flaky", "local", "--fail-fast", "--retries", "1", "--jobs", "1"]);
    stopped.exits(1).says("0 failed").says("skipped").says("1 flaky");
}

#[cfg(unix)]
#[test]
fn a_runner_that_dies_is_a_failure_in_every_report_and_in_a_merged_one() {
    let (project, _) = recorded();
    let dies = ["test", "deadly", "fine", "--partition", "hash:1/1", "--report"];
    let replay = project.athena(&[&dies[..], &["json=one.json,junit=one.xml"]].concat());
    replay.exits(1).says("it ended without a reply").says("1 failed");
    assert!(project.read("one.xml").contains("errors=\"1\""), "{}", project.read("one.xml"));
    project.athena(&["report", "merge", "one.json"]).exits(1).says("1 failed");
    project.athena(&["pending", "deadly", "fine"]).exits(1).says("it ended without a reply");
}

#[test]
fn nextest_runs_a_trial_a_model_and_by_setting_a_trial_a_case() {
    let project = Project::library("nexted");
    project.write("many.jsonl", "{\"value\":1}\n{\"value\":2}\n{\"value\":3}\n");
    project.athena(&["record", "double", "--messages", "many.jsonl", "--suite", "book"]).exits(0);
    project.athena(&["record", "double", "--case", "one", "-m", "{}"]).exits(0);
    let nextest = ["nextest", "run", "--test", "athena", "--no-fail-fast"];
    project.cargo(&nextest).exits(0).says("nexted::double").says("2 tests run: 2 passed");
    let by_case = project.cargo_with(&nextest, "ATHENA_TRIALS", "case");
    by_case.exits(0).says("nexted::double::one").says("5 tests run: 5 passed");

    project.edit("fixtures/nexted/double/one.json", "\"value\": 2", "\"value\": 9");
    project
        .cargo(&nextest)
        .exits(100)
        .says("nexted::double")
        .says("1 failed")
        .says("/value: 9 -> 2");
    let by_case = project.cargo_with(&nextest, "ATHENA_TRIALS", "case");
    by_case.exits(100).says("5 tests run: 4 passed, 1 failed");
}
