//! What crashes the process it runs in is named and rejected; the rest goes on.

use crate::Tests;
use crate::job::{Job, tasks};

pub(crate) const TESTS: Tests = &[
    ("what_crashes_is_rejected_with_its_line_and_the_rest_goes_on", crashes),
    ("every_message_may_crash", all_crash),
    ("a_kill_from_outside_rejects_nothing", killed_once),
    ("what_is_killed_each_time_ends_the_job_and_is_not_rejected", killed_always),
];

/// The lines and reasons of the rejects of crashes, and the other rejects.
fn rejects(job: &Job) -> (Vec<(u64, String)>, Vec<u64>) {
    let mut crashed = Vec::new();
    let mut others = Vec::new();
    for line in job.text("rejects").lines() {
        let reject: serde_json::Value = serde_json::from_str(line).unwrap();
        let number = reject["line"].as_u64().unwrap();
        if reject["kind"] == "crash" {
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
        let reason = |how: &str| format!("it ended the process that ran it, alone, {times}: {how}");
        let (crashed, others) = rejects(&job);
        assert_eq!(
            crashed,
            [
                (101, reason("SIGABRT")),
                (102, reason("exit with 0")),
                (501, reason("SIGABRT")),
                (1000, reason("SIGABRT")),
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
