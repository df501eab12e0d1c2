//! Clients that send too much, too slowly, or invalid data; and too many clients.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::Tests;
use crate::client::{Answer, JSON, ask, bytes, connect, get, post};
use crate::security::{connect_with_tls, start_with_certificate};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_body_that_is_too_large_is_413_however_it_comes", large),
    ("more_messages_than_may_wait_are_503_and_all_others_are_answered", crowded),
    ("a_model_that_takes_too_long_is_504_and_keeps_its_slot", late),
    ("slow_and_silent_clients_are_disconnected", slow),
    ("half_open_connections_delay_no_other_client", half_open),
    ("a_message_of_a_client_that_closed_its_connection_is_not_begun", gone),
    ("what_is_not_http_is_400_and_the_service_lives_on", malformed),
];

fn large() {
    let server = Server::start(&[]);
    let body = vec![b' '; 50_000_000];
    let answer = ask(server.address, "POST", "/models/work", &[JSON], &body);
    assert_eq!((answer.status, &answer.json()["failure"]), (413, &"size".into()));
    let mut stream = connect(server.address);
    let head = format!(
        "POST /models/work HTTP/1.1\r\nhost: localhost\r\n{JSON}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut chunk = b"100000\r\n".to_vec();
    chunk.extend(vec![b' '; 1 << 20]);
    chunk.extend(b"\r\n");
    for _ in 0..12 {
        stream.write_all(&chunk).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    assert_eq!(Answer::read(&mut stream).status, 413);
    // A client that asks first gets the response before it sends.
    let mut stream = connect(server.address);
    let head = format!(
        "POST /models/work HTTP/1.1\r\nhost: localhost\r\n{JSON}\r\nexpect: 100-continue\r\ncontent-length: 50000000\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(Answer::read(&mut stream).status, 413);
    let small = Server::start(&["--body-limit", "1KB"]);
    assert_eq!(
        post(small.address, "work", &format!("{{\"id\":1}}{}", " ".repeat(992))).status,
        200
    );
    assert_eq!(
        post(small.address, "work", &format!("{{\"id\":1}}{}", " ".repeat(993))).status,
        413
    );
}

fn crowded() {
    let server = Server::start(&["--jobs", "2", "--queue", "6"]);
    let address = server.address;
    let ask = || post(address, "work", r#"{"id":1,"wait_ms":300}"#);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..40).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!(count(200) + count(503), 40);
    assert!(count(200) >= 8 && count(503) >= 1, "{} of 40", count(200));
    let busy = answers.iter().find(|answer| answer.status == 503).unwrap();
    assert_eq!(busy.header("retry-after"), Some("1"));
    assert_eq!(ask().status, 200);
}

fn late() {
    let server = Server::start(&["--timeout", "300ms", "--jobs", "1", "--queue", "0"]);
    let answer = post(server.address, "work", r#"{"id":1,"wait_ms":1500}"#);
    assert_eq!((answer.status, &answer.json()["failure"]), (504, &"timeout".into()));
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).status, 503, "the model still runs");
    assert!(get(server.address, "/metrics").text().contains("\nathena_slots_taken 1\n"));
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).status, 200);
}

fn slow() {
    let server = Server::start(&["--timeout", "400ms"]);
    let began = Instant::now();
    // Nothing, a part of a head, a part of the preface of HTTP/2.
    for start in ["", "POST /models/work HT", "PR"] {
        let mut stream = connect(server.address);
        stream.write_all(start.as_bytes()).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert!(rest.is_empty() || rest.starts_with(b"HTTP/1.1 408"), "{rest:?}");
    }
    // A part of a body.
    let mut stream = connect(server.address);
    let whole = bytes("POST", "/models/work", &[JSON], br#"{"id":1}"#);
    stream.write_all(&whole[..whole.len() - 3]).unwrap();
    assert_eq!(Answer::read(&mut stream).status, 408);
    assert!(began.elapsed() < Duration::from_secs(10));
    // A byte at a time, within the time.
    let patient = Server::start(&[]);
    let mut stream = connect(patient.address);
    for byte in &whole {
        stream.write_all(&[*byte]).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(Answer::read(&mut stream).status, 200);
}

fn half_open() {
    let server = Server::start(&["--jobs", "1", "--queue", "1"]);
    let whole = bytes("POST", "/models/work", &[JSON], br#"{"id":1}"#);
    let silent: Vec<_> = (0..200)
        .map(|at| {
            let mut stream = connect(server.address);
            stream.write_all(&whole[..whole.len() * (at % 4) / 4]).unwrap();
            stream
        })
        .collect();
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).status, 200);
    // A client that leaves frees its slot.
    for _ in 0..20 {
        let mut stream = connect(server.address);
        stream
            .write_all(&bytes("POST", "/models/work", &[JSON], br#"{"id":1,"wait_ms":5}"#))
            .unwrap();
        drop(stream);
    }
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(post(server.address, "work", r#"{"id":1}"#).status, 200);
    drop(silent);
}

fn gone() {
    let arguments = ["--jobs", "1", "--queue", "40"];
    let server = Server::start(&arguments);
    none_for_nobody("plain", || connect(server.address));
    let (server, config, _folder) = start_with_certificate(&arguments);
    let config = Arc::new(config);
    none_for_nobody("TLS", || connect_with_tls(&server, &config));
}

fn none_for_nobody<S: Read + Write>(kind: &str, connect: impl Fn() -> S) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("called");
    let send = |requests: &[u8]| {
        let mut stream = connect();
        stream.write_all(requests).unwrap();
        stream
    };
    let request = |message: &str| bytes("POST", "/models/work", &[JSON], message.as_bytes());
    let mut slow = send(&request(r#"{"id":1,"wait_ms":1000}"#));
    std::thread::sleep(Duration::from_millis(200));
    let called = request(&serde_json::json!({ "id": -3, "note": file }).to_string());
    let waiting: Vec<_> = (0..30).map(|_| send(&called)).collect();
    // Some arrive in one piece with a request before them, which is answered at once.
    let both = [b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", &*called].concat();
    let behind = (0..5).map(|_| {
        let mut stream = send(&both);
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream
    });
    let behind: Vec<_> = behind.collect();
    std::thread::sleep(Duration::from_millis(300));
    drop((waiting, behind));
    assert_eq!(Answer::read(&mut slow).status, 200);
    assert_eq!(Answer::read(&mut send(&request(r#"{"id":1}"#))).status, 200);
    let ran = std::fs::read(&file).map_or(0, |called| called.len());
    assert_eq!(ran, 0, "messages ran for nobody ({kind})");
}

fn malformed() {
    let server = Server::start(&[]);
    for nonsense in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nbad header\r\n\r\n",
        b"POST /models/work HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n",
    ] {
        let mut stream = connect(server.address);
        stream.write_all(nonsense).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 400"), "{answer:?}");
    }
    // A chunk with an invalid length.
    let mut stream = connect(server.address);
    let head = format!(
        "POST /models/work HTTP/1.1\r\nhost: localhost\r\n{JSON}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nxyz\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    assert_eq!(Answer::read(&mut stream).status, 400);
    assert_eq!(get(server.address, "/healthz").status, 200);
}
