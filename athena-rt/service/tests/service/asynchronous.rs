//! `async fn` models run concurrently, and end when their client leaves.

use std::io::Write as _;
use std::thread::scope;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Tests;
use crate::client::{Answer, ask, connect, get, post};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("hundreds_of_async_models_wait_at_once_on_two_jobs", many),
    ("async_models_answer_while_every_thread_is_busy", concurrent),
    ("an_async_model_that_takes_too_long_is_504_and_ends", late),
    ("an_async_model_whose_client_leaves_ends", left),
    ("an_async_model_that_fails_is_reported_as_any_other", fails),
    ("lines_of_an_async_model_run_at_once_and_are_answered_in_order", lines),
    ("more_messages_than_async_models_may_have_are_503", crowded),
    ("a_signal_waits_for_async_models", signal),
];

const LINES: &str = "content-type: application/x-ndjson";

fn many() {
    let server = Server::start(&["--jobs", "2", "--queue", "0"]);
    let address = server.address;
    let began = Instant::now();
    let answers: Vec<Answer> = scope(|scope| {
        let ask = |id| move || post(address, "idle", &format!("{{\"id\":{id},\"wait_ms\":200}}"));
        let threads: Vec<_> = (3..=202).map(|id| scope.spawn(ask(id))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let took = began.elapsed();
    for (answer, id) in answers.iter().zip(3..) {
        assert_eq!((answer.status, &answer.json()["value"]), (200, &Value::from(id + 1)));
    }
    // One after another, on two threads, they would take 20 s.
    assert!(took < Duration::from_secs(5), "{took:?}");
}

fn concurrent() {
    let server = Server::start(&["--jobs", "1", "--queue", "0"]);
    let address = server.address;
    scope(|scope| {
        let blocked = scope.spawn(move || post(address, "work", r#"{"id":1,"wait_ms":1500}"#));
        while !get(address, "/metrics").text().contains("\nathena_slots_taken 1\n") {
            assert!(!blocked.is_finished());
        }
        let began = Instant::now();
        assert_eq!(post(address, "idle", r#"{"id":1,"wait_ms":10}"#).status, 200);
        // Blocking tasks of async models don't wait for a thread either.
        assert_eq!(post(address, "idle", r#"{"id":2,"wait_ms":10}"#).status, 200);
        assert!(began.elapsed() < Duration::from_secs(1) && !blocked.is_finished());
        assert_eq!(blocked.join().unwrap().status, 200);
    });
}

fn late() {
    let server = Server::start(&["--timeout", "300ms"]);
    let answer = post(server.address, "idle", r#"{"id":1000001,"wait_ms":60000}"#);
    assert_eq!((answer.status, &answer.json()["failure"]), (504, &"timeout".into()));
    server.printed("1000001 has ended");
    let metrics = get(server.address, "/metrics");
    assert!(metrics.text().contains("\nathena_async_slots_taken 0\n"), "{}", metrics.text());
    let expected = "athena_messages_total{model=\"service::idle\",outcome=\"timeout\"} 1\n";
    assert!(metrics.text().contains(expected), "{}", metrics.text());
}

/// A stream of HTTP/2 is cancelled while its connection stays.
fn left() {
    let server = Server::start(&[]);
    let mut stream = connect(server.address);
    let frame = |kind: u8, flags: u8, id: u8, payload: &[u8]| {
        let length = u8::try_from(payload.len()).unwrap();
        [&[0, 0, length, kind, flags, 0, 0, 0, id], payload].concat()
    };
    // Header fields without compression.
    let field = |name: &str, value: &str| {
        let (n, v) = (u8::try_from(name.len()).unwrap(), u8::try_from(value.len()).unwrap());
        [&[0, n], name.as_bytes(), &[v], value.as_bytes()].concat()
    };
    let head = [
        field(":method", "POST"),
        field(":scheme", "http"),
        field(":authority", "localhost"),
        field(":path", "/models/idle"),
        field("content-type", "application/json"),
    ];
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frame(4, 0, 0, &[]));
    bytes.extend(frame(1, 4, 1, &head.concat()));
    bytes.extend(frame(0, 1, 1, br#"{"id":1000002,"wait_ms":60000}"#));
    stream.write_all(&bytes).unwrap();
    let taken =
        || get(server.address, "/metrics").text().contains("\nathena_async_slots_taken 1\n");
    let began = Instant::now();
    while !taken() {
        assert!(began.elapsed() < Duration::from_secs(10), "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    // CANCEL
    stream.write_all(&frame(3, 0, 1, &[0, 0, 0, 8])).unwrap();
    server.printed("1000002 has ended");
    assert!(!taken());
}

fn fails() {
    let server = Server::start(&["--expose-panics"]);
    let failure_of = |body: &str, status: u16, failure: &str| {
        let answer = post(server.address, "idle", body);
        assert_eq!((answer.status, &answer.json()["failure"]), (status, &failure.into()));
        answer.json()["detail"].as_str().unwrap().to_owned()
    };
    for _ in 0..3 {
        assert!(failure_of(r#"{"id":999,"wait_ms":5}"#, 500, "panic").contains("poison, at "));
    }
    assert_eq!(failure_of(r#"{"id":500}"#, 422, "error"), "refused");
    assert!(failure_of(r#"{"idd":1}"#, 422, "message").contains("idd"));
    failure_of("{", 400, "message");
    assert_eq!(post(server.address, "idle", r#"{"id":1}"#).status, 200);
    let answer = post(server.address, "count_idly", r#"{"to":3}"#);
    assert_eq!(answer.text(), r#"[{"n":1},{"n":2},{"n":3}]"#);
    let panicked = "athena_messages_total{model=\"service::idle\",outcome=\"failure\"} 5\n";
    let metrics = get(server.address, "/metrics");
    assert!(metrics.text().contains(panicked), "{}", metrics.text());
}

fn lines() {
    let server = Server::start(&["--timeout", "2s", "--jobs", "1"]);
    let mut body = String::new();
    for id in 1..=100 {
        // The first lines take longest.
        body.push_str(&format!("{{\"id\":{id},\"wait_ms\":{}}}\n", 500 - id * 4));
    }
    body.push_str("{\"id\":999}\n{\n{\"id\":101,\"wait_ms\":60000}\n{\"id\":102}\n");
    let began = Instant::now();
    let answer = ask(server.address, "POST", "/models/idle", &[LINES], body.as_bytes());
    let took = began.elapsed();
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 104, "{}", answer.text());
    for (line, id) in lines.iter().zip(1..=100) {
        assert_eq!(line["id"], id);
    }
    let failure = |at: usize| lines[at]["error"]["failure"].as_str().unwrap();
    assert_eq!((failure(100), failure(101), failure(102)), ("panic", "message", "timeout"));
    assert_eq!((&lines[102]["error"]["line"], &lines[103]["id"]), (&103.into(), &102.into()));
    // One after another they would take 32 s.
    assert!(took < Duration::from_secs(6), "{took:?}");
}

fn crowded() {
    let server = Server::start(&["--jobs", "1"]);
    let address = server.address;
    let body = b"{\"id\":1,\"wait_ms\":2000}\n".repeat(250);
    scope(|scope| {
        let stream = || ask(address, "POST", "/models/idle", &[LINES], &body);
        let streams: Vec<_> = (0..5).map(|_| scope.spawn(stream)).collect();
        let began = Instant::now();
        while !get(address, "/metrics").text().contains("\nathena_async_slots_taken 1024\n") {
            assert!(began.elapsed() < Duration::from_secs(10), "there is room");
            std::thread::sleep(Duration::from_millis(5));
        }
        let busy = post(address, "idle", r#"{"id":1}"#);
        assert_eq!((busy.status, &busy.json()["failure"]), (503, &"busy".into()));
        assert_eq!(busy.header("retry-after"), Some("1"));
        assert_eq!(post(address, "work", r#"{"id":1}"#).status, 200);
        for stream in streams {
            let answer = stream.join().unwrap();
            assert_eq!(answer.text().matches("\"value\":2").count(), 250);
        }
    });
    assert_eq!(post(address, "idle", r#"{"id":1}"#).status, 200);
}

fn signal() {
    let mut server = Server::start(&[]);
    let address = server.address;
    scope(|scope| {
        let asked = scope.spawn(move || post(address, "idle", r#"{"id":1,"wait_ms":800}"#));
        while !get(address, "/metrics").text().contains("\nathena_async_slots_taken 1\n") {
            std::thread::sleep(Duration::from_millis(10));
        }
        server.terminate();
        assert_eq!(asked.join().unwrap().status, 200);
        assert_eq!(server.wait(), Some(0));
    });
}
