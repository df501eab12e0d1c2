//! Fast models run on the reactor; nothing else may change by that.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Tests;
use crate::client::{Answer, get, post};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_fast_model_that_becomes_slow_delays_no_other_request", slow),
    ("a_fast_model_that_turns_slow_is_504_in_time", late),
    ("a_fast_model_that_blocks_fails_once_and_then_runs_on_the_pool", blocking),
    ("a_model_that_panics_like_tokio_runs_once", once),
];

/// The threads of fast models, and of all others.
const REACTOR: &str = "athena";
const POOL: &str = "model";

/// The thread that a message ran on.
fn thread(address: SocketAddr, id: i64, wait_ms: u64) -> String {
    let answer = post(address, "work", &format!(r#"{{"id":{id},"wait_ms":{wait_ms}}}"#));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["note"].as_str().unwrap().to_owned()
}

/// Calls the model until it is known to be fast.
fn make_fast(address: SocketAddr) {
    let began = Instant::now();
    while thread(address, -1, 0) != REACTOR {
        assert!(began.elapsed() < Duration::from_mins(1), "it is never fast");
    }
}

fn slow() {
    // One thread of the reactor is free, but must be woken.
    let server = Server::start(&["--jobs", "1"]);
    let address = server.address;
    loop {
        make_fast(address);
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
        assert_eq!(thread(address, -1, 0), POOL, "it is no longer fast");
        // On a busy machine the model may have been slow just before.
        if ran_on == REACTOR {
            return;
        }
    }
}

fn late() {
    let server = Server::start(&["--timeout", "500ms"]);
    assert_eq!(thread(server.address, -1, 0), POOL, "nothing is known of it yet");
    make_fast(server.address);
    let began = Instant::now();
    let answer = post(server.address, "work", r#"{"id":-1,"wait_ms":5000}"#);
    assert_eq!((answer.status, &answer.json()["failure"]), (504, &Value::from("timeout")));
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(get(server.address, "/metrics").text().contains("\nathena_slots_taken 1\n"));
}

fn blocking() {
    let server = Server::start(&["--expose-panics"]);
    let address = server.address;
    loop {
        make_fast(address);
        assert_eq!(work(address, r#"{"id":-4}"#).status, 200, "`block_in_place` is allowed");
        let answer = work(address, r#"{"id":-2}"#);
        if is_explained(&answer) {
            break;
        }
        // On a busy machine the model may have been slow just before.
        assert_eq!(answer.json()["note"], POOL, "{answer:?}");
    }
    assert!((0..2000).all(|_| thread(address, -1, 0) == POOL));
    assert_eq!(thread(address, -2, 0), POOL);
}

fn once() {
    let server = Server::start(&["--expose-panics"]);
    let folder = tempfile::tempdir().unwrap();
    let counter = folder.path().join("calls");
    let message = serde_json::json!({ "id": -3, "note": counter }).to_string();
    let mut calls = 0;
    let mut call = || {
        let answer = work(server.address, &message);
        assert_eq!((answer.status, &answer.json()["failure"]), (500, &Value::from("panic")));
        calls += 1;
        assert_eq!(std::fs::metadata(&counter).unwrap().len(), calls, "{answer:?}");
        answer
    };
    assert!(!is_explained(&call()), "the first calls run on the pool");
    loop {
        make_fast(server.address);
        if is_explained(&call()) {
            break;
        }
    }
    assert!(!is_explained(&call()), "it runs on the pool from now on");
}

fn work(address: SocketAddr, message: &str) -> Answer {
    post(address, "work", message)
}

/// Whether a model failed because it blocked a thread of the reactor.
fn is_explained(answer: &Answer) -> bool {
    answer.status == 500 && answer.text().contains("tokio::task::block_in_place")
}
