//! Fast models run on the reactor; nothing else may change by that.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Tests;
use crate::client::{get, post};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_quick_model_that_turns_slow_holds_up_nobody", slow),
    ("a_quick_model_that_turns_slow_is_504_in_time", late),
    ("a_model_that_blocks_its_thread_is_run_on_the_pool_for_good", blocking),
];

/// Where quick models run, and where all others do.
const REACTOR: &str = "athena";
const POOL: &str = "model";

/// The thread that a message ran on.
fn thread(address: SocketAddr, id: i64, wait_ms: u64) -> String {
    let answer = post(address, "work", &format!(r#"{{"id":{id},"wait_ms":{wait_ms}}}"#));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["note"].as_str().unwrap().to_owned()
}

/// Asks until the model is known to be quick.
fn make_quick(address: SocketAddr) {
    assert_eq!(thread(address, -1, 0), POOL, "nothing is known of it yet");
    let began = Instant::now();
    while thread(address, -1, 0) != REACTOR {
        assert!(began.elapsed() < Duration::from_mins(1), "it is never quick");
    }
}

fn slow() {
    // One thread of the reactor is free, and it has to be woken.
    let server = Server::start(&["--jobs", "1"]);
    let address = server.address;
    loop {
        make_quick(address);
        let is_over = AtomicBool::new(false);
        let ran_on = std::thread::scope(|scope| {
            let asked = scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    assert_eq!(get(address, "/healthz").status, 200);
                    assert!(began.elapsed() < Duration::from_millis(1500), "{began:?}");
                }
            });
            let ran_on = thread(address, -1, 3000);
            is_over.store(true, Ordering::Relaxed);
            asked.join().unwrap();
            ran_on
        });
        assert_eq!(thread(address, -1, 0), POOL, "it is not quick any more");
        // It may have lost its name as a quick one just before, on a busy machine.
        if ran_on == REACTOR {
            return;
        }
    }
}

fn late() {
    let server = Server::start(&["--timeout", "500ms"]);
    make_quick(server.address);
    let began = Instant::now();
    let answer = post(server.address, "work", r#"{"id":-1,"wait_ms":5000}"#);
    assert_eq!((answer.status, &answer.json()["failure"]), (504, &Value::from("timeout")));
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(get(server.address, "/metrics").text().contains("\nathena_slots_taken 1\n"));
}

fn blocking() {
    let server = Server::start(&[]);
    let address = server.address;
    let began = Instant::now();
    loop {
        make_quick(address);
        assert_eq!(thread(address, -2, 0), POOL);
        if (0..2000).all(|_| thread(address, -1, 0) == POOL) {
            return;
        }
        // It may have lost its name as a quick one just before, on a busy machine.
        assert!(began.elapsed() < Duration::from_mins(2), "it is quick again and again");
    }
}
