//! What crashes the process it runs in is named and rejected; the rest goes on.

use crate::Tests;
use crate::job::{Job, tasks};

pub(crate) const TESTS: Tests = &[
    ("what_crashes_is_rejected_with_its_line_and_the_rest_goes_on", crashes),
    ("every_message_may_crash", all_crash),
    ("a_kill_from_outside_rejects_nothing", killed_once),
    ("what_runs_too_long_is_rejected_and_the_rest_goes_on", hangs),
    ("what_takes_too_much_memory_is_rejected_and_the_rest_goes_on", eats),
    ("what_is_killed_each_time_ends_the_job_and_is_not_rejected", killed_always),
];

/// The lines and reasons of the rejects of crashes, and the other rejects.
fn rejects(job: &Job) -> (Vec<(u64, String)>, Vec<u64>) {
    rejects_of(job, "crash")
}

/// The same for another kind of reject.
fn rejects_of(job: &Job, kind: &str) -> (Vec<(u64, String)>, Vec<u64>) {
    let mut crashed = Vec::new();
    let mut others = Vec::new();
    for line in job.text("rejects").lines() {
        let reject: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = reject["line"].as_u64().unwrap();
        if reject["kind"] == kind {
            crashed.push((number, reject["reason"].as_str().unwrap().to_owned()));
        } else {
            others.push(number);
        }
    }
    (crashed, others)
}

fn crashes() {
    // The same input, where nothing crashes.
    let good = Job::new(&tasks(1000, 10));
    let (out, good_rejects) = good.local();
    let failing = good_rejects.iter().filter(|&&byte| byte == b'\n').count();
    let mut lines: Vec<String> = tasks(1000, 10).lines().map(str::to_owned).collect();
    for (at, then) in [(100, "abort"), (101, "exit"), (500, "overflow"), (999, "abort")] {
        lines.insert(at, format!("{{\"id\":0,\"then\":\"{then}\"}}"));
    }
    let job = Job::new(&(lines.join("\n") + "\n"));
    for (ranks, times) in [(0, "2 times"), (3, "2 times"), (2, "once")] {
        let limit = if times == "once" { "1" } else { "2" };
        let more = ["--crashes", limit];
        let ended = if ranks == 0 { job.run_alone(&more) } else { job.run(ranks, &more) };
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(job.read("out") == out, "{}", ended.said);
        let reason =
            |how: &str| format!("it ended the process that ran it, alone, {times}: it {how}");
        let abort = "was killed by signal 6 (SIGABRT: abort, or a stack overflow)";
        let (crashed, others) = rejects(&job);
        assert_eq!(
            crashed,
            [
                (101, reason(abort)),
                (102, reason("exited with code 0 before it was done")),
                (501, reason(abort)),
                (1000, reason(abort)),
            ]
        );
        assert_eq!(others.len(), failing);
        assert!(others.is_sorted());
        job.assert_clean();
    }
}

fn all_crash() {
    let job = Job::new(&"{\"id\":0,\"then\":\"abort\"}\n".repeat(20));
    let ended = job.run(3, &[]);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert_eq!(job.read("out"), b"");
    let lines: Vec<u64> = rejects(&job).0.into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, (1..=20).collect::<Vec<_>>());
}

/// Runs a job of which some messages do what they should not, and none else fails but those of
/// [`tasks`]. They are rejected as this kind, for this reason.
fn rejects_all(then: &str, option: [&str; 2], kind: &str, is_reason: impl Fn(&str) -> bool) {
    let good = Job::new(&tasks(400, 10));
    let (out, good_rejects) = good.local();
    let failing = good_rejects.iter().filter(|&&byte| byte == b'\n').count();
    let mut lines: Vec<String> = tasks(400, 10).lines().map(str::to_owned).collect();
    for at in [50, 51, 300] {
        lines.insert(at, format!("{{\"id\":0,\"then\":\"{then}\"}}"));
    }
    let job = Job::new(&(lines.join("\n") + "\n"));
    for ranks in [0, 3] {
        let more = [&option[..], &["--jobs", "2"]].concat();
        let ended = if ranks == 0 { job.run_alone(&more) } else { job.run(ranks, &more) };
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(job.read("out") == out, "{}", ended.said);
        let (found, others) = rejects_of(&job, kind);
        let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [51, 52, 301], "{}", ended.said);
        assert!(found.iter().all(|(_, reason)| is_reason(reason)), "{found:?}");
        assert_eq!(others.len(), failing);
        job.assert_clean();
    }
}

fn hangs() {
    let reason = "it ran longer than 500ms";
    rejects_all("hang", ["--timeout", "500ms"], "timeout", |found| found == reason);
}

fn eats() {
    rejects_all("eat", ["--memory-limit", "200MB"], "memory", |found| {
        found.starts_with("it took ") && found.ends_with("MB of memory, more than 200MB")
    });
}

fn killed_once() {
    let input = tasks(400, 10).replacen("\"id\":200,", "\"id\":200,\"then\":\"kill\",", 1);
    let job = Job::new(&input);
    let killed = format!("KILLED={}", job.path("killed").display());
    let job = job.with(&["-e", &killed]);
    let ended = job.run(2, &["--crashes", "1"]);
    assert!(job.path("killed").exists(), "nothing was killed: {}", ended.said);
    job.assert_local(&ended);
}

fn killed_always() {
    let job = Job::new("{\"id\":1}\n{\"id\":2,\"then\":\"killed\"}\n{\"id\":3}\n");
    let ended = job.run(2, &["--jobs", "1"]);
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    assert!(ended.said.contains("the process that ran it was killed 7 times"), "{}", ended.said);
    assert!(!job.path("out").exists());
    // The rest is not lost: once that message does no harm, it goes on.
    assert!(job.path("out.journal").exists());
}
