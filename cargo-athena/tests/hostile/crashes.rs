//! Models that take their process with them: each costs its case, no other, and never goes unseen.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::{Cases, cargo, outcome, project};

#[test]
fn every_way_to_die_is_named_and_costs_one_case() {
    let cases = Cases::new();
    let fatal = [
        "abort",
        "overflow",
        "exit0",
        "exit7",
        "panic",
        "panic-any",
        "panic-payload",
        "panic-drop",
        "panic-twice",
        "notes",
        "hook",
        "hook-exit",
        "escape",
        "hang",
    ];
    let harmless =
        ["fine", "close-0", "close-1", "close-2", "read-stdin", "flood-out", "flood-err", "chdir"];
    for what in fatal.iter().chain(&harmless) {
        cases.act(what, what, 0);
    }
    let replay = cases.run(&["test", "--timeout", "3s"]);
    replay.exits(1).says("; 14 failed;").never_says("\u{1b}");
    for what in fatal {
        replay.tells(&format!("act::{what}"), "FAILED");
    }
    for what in harmless {
        replay.tells(&format!("act::{what}"), "ok");
    }
    for (case, words) in [
        ("hook", "the model panicked: hooked"),
        ("panic-twice", "the model panicked: the first"),
        ("exit7", "exited with code 7"),
        ("hang", "longer than 3s"),
    ] {
        cases
            .run(&["test", "--timeout", "3s", "--exact", &format!("hostile::act::{case}")])
            .exits(1)
            .says(words);
    }
}

#[test]
fn what_a_case_leaves_behind_is_not_put_on_another() {
    let cases = Cases::new();
    cases.act("a-first", "abort-later", 100);
    cases.act("b-innocent", "sleep", 400);
    cases.act("c-innocent", "sleep", 400);
    let replay = cases.run(&["test", "--jobs", "1"]);
    replay.exits(1).says("a model process was killed by signal 6").says("leave a thread running");
    replay.tells("act::b-innocent", "ok").tells("act::c-innocent", "ok");
}

#[test]
fn a_child_that_holds_the_pipes_open_holds_nobody_up() {
    let cases = Cases::new();
    cases.act("parent", "child", 20);
    // Built before the clock starts.
    project();
    let began = Instant::now();
    cases.run(&["test"]).exits(1).says("signal 6");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[cfg(target_os = "linux")]
#[test]
fn no_worker_outlives_its_supervisor() {
    let cases = Cases::new();
    cases.act("hang", "hang", 0);
    let mut harness =
        cases.command(&["test"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let worker = wait_for(|| children_of(harness.id()).first().copied()).expect("a worker");
    // Past the start of the model.
    std::thread::sleep(Duration::from_millis(300));
    harness.kill().unwrap();
    harness.wait().unwrap();
    wait_for(|| has_ended(worker).then_some(())).expect("the worker's end");
}

#[cfg(target_os = "linux")]
fn wait_for<T>(mut found: impl FnMut() -> Option<T>) -> Option<T> {
    (0..100).find_map(|_| {
        std::thread::sleep(Duration::from_millis(50));
        found()
    })
}

#[cfg(target_os = "linux")]
fn children_of(parent: u32) -> Vec<u32> {
    let field = |pid: u32, at: usize| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(at).map(str::to_owned)
    };
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| field(*pid, 1).is_some_and(|of| of == parent.to_string()))
        .collect()
}

#[cfg(target_os = "linux")]
fn has_ended(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
        || !std::path::Path::new(&format!("/proc/{pid}")).exists()
}

#[test]
fn fail_fast_leaves_the_rest_and_says_so() {
    let cases = Cases::new();
    cases.act("a", "panic", 0);
    for index in 0..30 {
        cases.act(&format!("b{index}"), "sleep", 100);
    }
    cases.run(&["test", "--fail-fast", "--jobs", "1"]).exits(1).says("1 failed").says("ignored");
}

#[test]
fn no_time_and_no_threads_are_wrong_usage() {
    let cases = Cases::new();
    cases.run(&["test", "--timeout", "0s"]).exits(2);
    cases.run(&["test", "--jobs", "0"]).exits(2);
}

#[test]
fn plain_cargo_test_replays_the_library_of_a_program_and_sees_a_silent_exit() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |path: &str| {
        let to = folder.path().join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(project().join(path), to).unwrap();
    };
    for path in ["Cargo.toml", "Cargo.lock", "src/lib.rs", "src/bin/tool.rs"] {
        copy(path);
    }
    let manifest = std::fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
    let without = manifest.replace("[[test]]\nname = \"athena\"\nharness = false\n", "");
    assert_ne!(manifest, without);
    std::fs::write(folder.path().join("Cargo.toml"), without).unwrap();
    let test = || cargo(folder.path(), &["test", "--quiet", "--bins"]);
    test().exits(101).says("no case is recorded");
    let cases = Cases::new();
    cases.act("fine", "fine", 0);
    let place = |name: &str| {
        let to = folder.path().join("fixtures/hostile/act");
        std::fs::create_dir_all(&to).unwrap();
        std::fs::copy(
            cases.path(&format!("hostile/act/{name}.json")),
            to.join(format!("{name}.json")),
        )
        .unwrap();
    };
    place("fine");
    test().exits(0).says("1 passed");
    cases.act("leaves", "exit0", 0);
    place("leaves");
    test().exits(101).says("hostile::act::leaves");
}

#[test]
fn a_record_that_does_not_come_back_writes_nothing() {
    let cases = Cases::new();
    for what in ["exit0", "abort", "panic", "hook-exit"] {
        let message = format!("{{\"what\":\"{what}\"}}");
        let output =
            cases.command(&["record", "act", "--case", "one", "--message", &message]).output();
        let _ = outcome(output.unwrap());
        assert!(!cases.path("hostile/act/one.json").exists(), "{what}");
    }
}
