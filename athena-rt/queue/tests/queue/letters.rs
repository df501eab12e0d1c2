//! Dead letters that return or leave, the status of a queue, and a worker inside a program.

use std::process::ExitCode;
use std::time::Duration;

use serde_json::Value;

use crate::broker::{Broker, BrokerKind};
use crate::runner::{collect, dead, run_to_end, runner, submit};
use crate::{EMBEDDED, Tests};

pub(crate) const TESTS: Tests = &[
    ("dead_letters_are_chosen_then_return_or_leave", return_or_leave),
    ("a_program_with_its_own_main_runs_a_worker", embedded),
];

/// The status of a queue.
fn status(queue: &str) -> Value {
    let printed = run_to_end(&mut runner(&["queue", "status", queue, "--format", "json"]));
    serde_json::from_str(&printed.expect_code(0).out).unwrap()
}

/// Runs a worker that buries what fails once.
fn work_once(from: &str, to: &str) {
    let mut command = runner(&["work", "--from", from, "--to", to, "--attempts", "1"]);
    run_to_end(command.args(["--processes", "1", "--exit-when-idle", "1s"])).expect_code(0);
}

fn return_or_leave(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    let failing = (0..4).map(|id| format!("{{\"id\":{id},\"act\":\"panic\"}}"));
    submit("work", &tasks, failing.chain(["{\"id\":4}".to_owned()]));
    let waiting = status(&tasks);
    assert_eq!((&waiting["waiting"], &waiting["dead"]), (&5.into(), &0.into()), "{waiting}");
    work_once(&tasks, &results);
    let left = status(&tasks);
    let counts = ["waiting", "in_flight", "dead"].map(|name| left[name].as_u64());
    assert_eq!(counts, [Some(0), Some(0), Some(4)], "{left}");

    let manage = |more: &[&str]| {
        let mut command = runner(&["collect", "--dead", "--from", &tasks]);
        run_to_end(command.args(more)).expect_code(0)
    };
    // A dry run prints what is chosen, and changes nothing.
    let shown = manage(&["--requeue", "--dry-run", "--reason", "poison 2"]);
    assert_eq!(shown.out.lines().count(), 1, "{}", shown.out);
    assert!(shown.stderr.contains("1 dead letter would be returned"), "{}", shown.stderr);
    let shown = manage(&["--take", "--dry-run", "--older-than", "1h"]);
    assert_eq!((shown.out.as_str(), dead(&tasks).len()), ("", 4));
    // One returns to its queue, by its id; only that is tried again.
    let letters = dead(&tasks);
    let of = |id: i64| letters.iter().find(|letter| letter["message"]["id"] == id).unwrap();
    let id = of(1)["id"].as_str().unwrap();
    let returned = manage(&["--requeue", "--id", id]);
    assert!(returned.stderr.contains("1 dead letter returned"), "{}", returned.stderr);
    assert_eq!((&status(&tasks)["waiting"], dead(&tasks).len()), (&1.into(), 3));
    work_once(&tasks, &results);
    assert_eq!(dead(&tasks).len(), 4, "it died again");
    // One is taken: printed whole, and gone.
    let taken = manage(&["--take", "--reason", "poison 3", "--model", "work"]);
    let letter: Value = serde_json::from_str(&taken.out).unwrap();
    assert_eq!((&letter["message"]["id"], &letter["message"]["act"]), (&3.into(), &"panic".into()));
    let mut ids: Vec<_> = dead(&tasks).iter().map(|it| it["message"]["id"].as_i64()).collect();
    ids.sort_unstable();
    assert_eq!(ids, [Some(0), Some(1), Some(2)]);
    assert_eq!(collect(&results).len(), 1);
}

fn embedded(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    let aborts = "{\"id\":0,\"act\":\"abort\"}".to_owned();
    submit("work", &tasks, (1..50).map(|id| format!("{{\"id\":{id}}}")).chain([aborts]));
    let mut program = runner(&[&tasks, &results]);
    let done = run_to_end(program.env(EMBEDDED, "1")).expect_code(0);
    assert_eq!(done.out.trim_end(), "49 outcomes, 1 dead, 0 unfinished", "{}", done.stderr);
    assert_eq!(collect(&results).len(), 49);
}

/// A program that keeps its own `main`: the arguments are the queues, and how long brokers may fail.
pub(crate) fn program() -> ExitCode {
    athena_rt::init();
    let queues: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let summary = runtime.block_on(async {
        let patience = queues.get(2).map_or(30_000, |given| given.parse().unwrap());
        let worker = athena_rt::queue::Worker::builder(&queues[0])
            .patience(Duration::from_millis(patience))
            .to(&queues[1])
            .models(["work"])
            .variable("ADD", "1")
            .processes(2)
            .attempts(1)
            .exit_when_idle(Duration::from_secs(1))
            .build()
            .unwrap();
        worker.run(std::future::pending()).await
    });
    match summary {
        Ok(athena_rt::queue::WorkerSummary { outcomes, dead, unfinished, .. }) => {
            println!("{outcomes} outcomes, {dead} dead, {unfinished} unfinished");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
