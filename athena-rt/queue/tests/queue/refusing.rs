//! A broker that refuses requests, and what a worker makes of it.

use std::time::{Duration, Instant};

use athena_queue::{
    Address, Backlog, Blocking, BlockingQueue, Delivery, DeliveryTag, Envelope, Nack,
};

use crate::EMBEDDED;
use crate::runner::{Worker, run_to_end, runner};

pub(crate) const TESTS: &[(&str, fn())] = &[
    ("a_queue_that_delivers_nothing_is_not_idle", is_not_idle),
    ("a_signal_ends_a_worker_whose_queue_delivers_nothing", is_terminated),
    ("what_only_reads_a_queue_that_does_not_exist_is_an_error", is_missing),
];

athena_queue::broker! {
    schemes: ["refusing"],
    example: "refusing://HOST/REQUEST?queue=NAME",
    broker: Blocking::<Refusing>::new(),
}

/// A queue that is always empty, and refuses what its URL names.
struct Refusing {
    refused: String,
}

impl Refusing {
    fn answer<T: Default>(&self, request: &str) -> Result<T, String> {
        if self.refused == request {
            Err(format!("{request} is refused"))
        } else {
            Ok(T::default())
        }
    }
}

impl BlockingQueue for Refusing {
    type Error = String;
    type Cursor = ();

    fn open(address: &Address) -> Result<Self, String> {
        Ok(Self { refused: address.path().trim_matches('/').to_owned() })
    }

    fn exists(&self) -> Result<bool, String> {
        Ok(self.refused != "nothing")
    }

    fn store(&self, _: &[Envelope]) -> Result<(), String> {
        self.answer("store")
    }

    fn take(&self, _: usize, _: Duration) -> Result<Vec<Delivery>, String> {
        self.answer("take")
    }

    fn acknowledge(&self, _: &[DeliveryTag]) -> Result<(), String> {
        Ok(())
    }

    fn nack(&self, _: &[Nack]) -> Result<(), String> {
        Ok(())
    }

    fn keep_alive(&self, _: &[DeliveryTag], _: Duration) -> Result<(), String> {
        Ok(())
    }

    fn backlog(&self) -> Result<Backlog, String> {
        self.answer("backlog")
    }

    fn browse(&self, (): &mut (), _: usize) -> Result<Vec<Envelope>, String> {
        self.answer("browse")
    }
}

fn url(refused: &str, queue: &str) -> String {
    format!("refusing://me:tulip@host/{refused}?queue={queue}")
}

/// Nobody knows whether such a queue is empty: success would be a lie.
fn is_not_idle() {
    for refused in ["take", "backlog"] {
        let mut program = runner(&[&url(refused, "tasks"), &url("none", "results"), "1000"]);
        let began = Instant::now();
        let done = run_to_end(program.env(EMBEDDED, "1")).expect_code(1);
        let expected = format!("refusing://host/{refused}?queue=tasks: {refused} is refused");
        assert!(done.stderr.contains(&expected), "{}", done.stderr);
        assert!(!done.stderr.contains("tulip"), "{}", done.stderr);
        assert!(began.elapsed() >= Duration::from_secs(1), "it has patience");
    }
    let mut sound = runner(&[&url("none", "tasks"), &url("none", "results"), "1000"]);
    let done = run_to_end(sound.env(EMBEDDED, "1")).expect_code(0);
    assert_eq!(done.out.trim_end(), "0 outcomes, 0 dead, 0 unfinished");
}

fn is_terminated() {
    let (from, to) = (url("take", "tasks"), url("none", "results"));
    let arguments = ["--from", &from, "--to", &to, "--processes", "1", "--grace", "20s"];
    let mut worker = Worker::start(&arguments);
    let began = Instant::now();
    while !worker.said().contains("take is refused; trying again") {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", worker.said());
        std::thread::sleep(Duration::from_millis(50));
    }
    worker.terminate();
    let began = Instant::now();
    assert_eq!(worker.wait(Duration::from_secs(15)), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "nothing is in progress");
    let said = worker.said();
    assert!(said.contains("can't take messages: refusing://host/take?queue=tasks: "), "{said}");
}

fn is_missing() {
    let missing = url("nothing", "tasks");
    for command in [
        &["collect", "--from", &missing][..],
        &["collect", "--from", &missing, "--keep"],
        &["collect", "--from", &missing, "--dead"],
        &["queue", "status", &missing],
    ] {
        let refused = run_to_end(&mut runner(command)).expect_code(2).stderr;
        let expected = "refusing://host/nothing?queue=tasks: this queue does not exist";
        assert!(refused.contains(expected), "{refused}");
    }
}
