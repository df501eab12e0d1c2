//! Streams of messages, one per line, in both directions.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::Tests;
use crate::client::{Answer, ask, connect};
use crate::server::Server;

pub(crate) const TESTS: Tests = &[
    ("a_hundred_thousand_lines_stream_both_ways_with_little_memory", long),
    ("an_invalid_line_is_answered_by_an_error_line_and_the_stream_goes_on", bad),
    ("an_outcome_arrives_before_the_next_line_is_sent", interactive),
    ("a_line_that_takes_too_long_is_answered_by_an_error_line", late),
    ("blank_lines_do_not_keep_a_stream_open", blank),
    ("a_stream_stops_if_its_client_does_not_read", unread),
];

const LINES: &str = "content-type: application/x-ndjson";

fn open(server: &Server, model: &str) -> TcpStream {
    let mut stream = connect(server.address);
    let head = format!(
        "POST /models/{model} HTTP/1.1\r\nhost: localhost\r\n{LINES}\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn chunk(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into_bytes()
}

fn long() {
    const COUNT: i64 = 100_000;
    let server = Server::start(&[]);
    let mut stream = open(&server, "work");
    let mut write = stream.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        let note = "n".repeat(400);
        let mut text = String::new();
        for id in 0..COUNT {
            text.push_str(&format!("{{\"id\":{},\"note\":\"{note}\"}}\n", id + 1000));
            if text.len() > 50_000 || id + 1 == COUNT {
                write.write_all(&chunk(&text)).unwrap();
                text.clear();
            }
        }
        write.write_all(b"0\r\n\r\n").unwrap();
    });
    let answer = Answer::read(&mut stream);
    writer.join().unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/x-ndjson")));
    let mut wanted = 1000;
    for line in answer.text().lines() {
        assert!(
            line.starts_with(&format!("{{\"id\":{wanted},\"value\":{},", wanted + 1)),
            "{line}"
        );
        wanted += 1;
    }
    assert_eq!(wanted, COUNT + 1000);
    let peak = server.peak();
    assert!(peak < 40, "{peak} MB for 40 MB of lines");
}

fn bad() {
    let server = Server::start(&["--body-limit", "1KB"]);
    let long = format!("{{\"id\":1,\"note\":\"{}\"}}", "n".repeat(2000));
    let body = format!(
        "{{\"id\":1}}\n{{\"idd\":1}}\n\n{{\n{{\"id\":999}}\r\n{{\"id\":500}}\n{long}\n{{\"id\":2}}"
    );
    let answer = ask(server.address, "POST", "/models/work", &[LINES], body.as_bytes());
    let lines: Vec<Value> =
        answer.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 7, "{}", answer.text());
    assert_eq!((&lines[0]["value"], &lines[6]["value"]), (&2.into(), &3.into()));
    let error = |at: usize, name: &str| lines[at]["error"][name].clone();
    assert_eq!((error(1, "line"), error(1, "pointer")), (2.into(), "/idd".into()));
    assert_eq!((error(2, "line"), error(2, "failure")), (4.into(), "message".into()));
    assert_eq!((error(3, "line"), error(3, "failure")), (5.into(), "panic".into()));
    assert_eq!((error(4, "line"), error(4, "kind")), (6.into(), "String".into()));
    assert_eq!((error(5, "line"), error(5, "failure")), (7.into(), "size".into()));
    let lists = ask(server.address, "POST", "/models/count", &[LINES], b"{\"to\":2}\n{\"to\":0}\n");
    assert_eq!(lists.text(), "[{\"n\":1},{\"n\":2}]\n[]\n");
}

fn interactive() {
    let server = Server::start(&[]);
    let mut stream = open(&server, "work");
    let mut answers = BufReader::new(stream.try_clone().unwrap()).lines();
    for id in 1..20 {
        stream.write_all(&chunk(&format!("{{\"id\":{id}}}\n"))).unwrap();
        let wanted = format!("{{\"id\":{id},\"value\":{},", id + 1);
        loop {
            let line = answers.next().expect("an outcome").unwrap();
            if line.starts_with(&wanted) {
                break;
            }
        }
    }
}

fn late() {
    let server = Server::start(&["--timeout", "400ms", "--jobs", "2"]);
    let body = b"{\"id\":1}\n{\"id\":2,\"wait_ms\":1200}\n{\"id\":3}\n";
    let answer = ask(server.address, "POST", "/models/work", &[LINES], body);
    let lines: Vec<&str> = answer.text().lines().collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("\"value\":2") && lines[2].contains("\"value\":4"), "{lines:?}");
    assert!(lines[1].contains("\"failure\":\"timeout\"") && lines[1].contains("\"line\":2"));
}

fn blank() {
    let server = Server::start(&["--timeout", "500ms"]);
    let mut stream = open(&server, "work");
    let mut write = stream.try_clone().unwrap();
    let writer = std::thread::spawn(move || {
        // Until the service closes the connection.
        (0..50).all(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            write.write_all(&chunk("\n")).is_ok()
        })
    });
    let answer = Answer::read(&mut stream);
    drop(stream);
    assert!(answer.text().contains("no line arrived within 500ms"), "{}", answer.text());
    assert!(!writer.join().unwrap(), "blank lines kept the stream open");
}

fn unread() {
    let server = Server::start(&["--timeout", "1s"]);
    let mut stream = open(&server, "work");
    stream.set_write_timeout(Some(std::time::Duration::from_secs(3))).unwrap();
    let text = chunk(&format!("{{\"id\":1,\"note\":\"{}\"}}\n", "n".repeat(1000)).repeat(50));
    let written = (0..2_000).take_while(|_| stream.write_all(&text).is_ok()).count();
    assert!(written < 2_000, "100 MB were read though no answer was");
    let peak = server.peak();
    assert!(peak < 60, "{peak} MB");
}
