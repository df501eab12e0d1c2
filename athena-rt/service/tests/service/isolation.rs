//! Model processes: a model that crashes or hangs costs its request.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Tests;
use crate::client::{Answer, JSON, ask, bytes, connect, get, post};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_crash_of_a_model_process_costs_its_request_and_no_other", crashes),
    ("models_that_hang_one_after_another_are_ended_and_keep_no_slot", hangs),
    ("model_processes_answer_as_threads_do", same),
    ("a_crash_in_a_stream_costs_its_line", stream),
    ("a_service_ends_well_while_a_model_process_hangs", signal),
];

const ABORT: i64 = 990;
const EXIT: i64 = 991;
const HANG: i64 = 992;
const MEMORY: i64 = 993;
const OVERFLOW: i64 = 994;

fn run(server: &Server, id: i64) -> Answer {
    post(server.address, "work", &format!("{{\"id\":{id}}}"))
}

fn crashes() {
    let server = Server::start(&["--processes", "2", "--memory-limit", "300MB"]);
    for (id, reason) in [
        (ABORT, "SIGABRT"),
        (EXIT, "exited with code 0"),
        (OVERFLOW, "SIGABRT: abort, or a stack overflow"),
        (MEMORY, "of memory"),
    ] {
        let (answer, beside) = std::thread::scope(|scope| {
            let slow = || post(server.address, "work", r#"{"id":1,"wait_ms":300}"#);
            let slow = scope.spawn(slow);
            std::thread::sleep(Duration::from_millis(50));
            (run(&server, id), slow.join().unwrap())
        });
        let body = answer.json();
        assert_eq!((answer.status, &body["failure"]), (500, &"crash".into()), "{body}");
        assert!(body["detail"].as_str().unwrap().contains(reason), "{body}");
        assert_eq!(body["id"].as_str(), answer.header("x-request-id"));
        assert_eq!(beside.status, 200);
        assert_eq!(run(&server, 1).status, 200);
    }
    let metrics = get(server.address, "/metrics");
    assert!(metrics.text().contains("\nathena_model_processes_lost_total 4\n"));
    assert!(metrics.text().contains("\nathena_slots_taken 0\n"));
}

fn hangs() {
    let server = Server::start(&["--processes", "1", "--queue", "0", "--timeout", "300ms"]);
    for _ in 0..3 {
        let answer = run(&server, HANG);
        let body = answer.json();
        assert_eq!((answer.status, &body["failure"]), (504, &"timeout".into()));
        assert_eq!(body["id"].as_str(), answer.header("x-request-id"));
    }
    assert_eq!(run(&server, 1).status, 200);
}

fn same() {
    let arguments = ["--env", "ADD=5", "--expose-panics", "--allow-env-override"];
    let threads = Server::start(&arguments);
    let processes = Server::start(&[&arguments[..], &["--processes", "1"]].concat());
    for (model, message) in [
        ("work", r#"{"id":1}"#),
        ("work", r#"{"id":1,"environment":{"ADD":"7"}}"#),
        ("work", r#"{"id":500}"#),
        ("work", r#"{"id":999}"#),
        ("work", r#"{"id":"x"}"#),
        ("work", r#"{"id":1"#),
        ("count", r#"{"to":3}"#),
        ("divide", r#"{"of":1,"to":0}"#),
        ("wreck", r#"{"ports":{"a":1},"ending":"Loud"}"#),
        ("idle", r#"{"id":1}"#),
    ] {
        let [one, other] =
            [&threads, &processes].map(|server| post(server.address, model, message));
        assert_eq!(one.status, other.status, "{message}");
        let without_id = |answer: &Answer| {
            let mut body = answer.json();
            if let Value::Object(members) = &mut body {
                members.remove("id");
            }
            body
        };
        // The line of a panic is that of the model.
        assert_eq!(without_id(&one), without_id(&other), "{message}");
    }
}

fn stream() {
    let server = Server::start(&["--processes", "2", "--timeout", "500ms"]);
    let lines = [1, ABORT, 2, HANG, 3].map(|id| format!("{{\"id\":{id}}}\n")).concat();
    let kind = "content-type: application/x-ndjson";
    let answer = ask(server.address, "POST", "/models/work", &[kind], lines.as_bytes());
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let values: Vec<_> = lines.iter().map(|line| line["value"].as_i64()).collect();
    assert_eq!(values, [Some(2), None, Some(3), None, Some(4)], "{lines:?}");
    assert_eq!(
        (&lines[1]["error"]["failure"], &lines[1]["error"]["line"]),
        (&"crash".into(), &2.into())
    );
    assert_eq!(lines[3]["error"]["failure"], "timeout");
}

fn signal() {
    let mut server = Server::start(&["--processes", "1", "--timeout", "500ms"]);
    let mut stream = connect(server.address);
    let request = bytes("POST", "/models/work", &[JSON], br#"{"id":992}"#);
    stream.write_all(&request).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    server.terminate();
    assert_eq!(Answer::read(&mut stream).status, 504);
    let began = Instant::now();
    assert_eq!(server.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(5));
}
