//! Messages are captured as cases.

use std::collections::HashSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use athena_rt::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::Tests;
use crate::client::{ask, get, post};
use crate::server::{Server, ended, runner};

pub(crate) const TESTS: Tests = &[
    ("messages_are_captured_with_their_outcomes_and_equal_ones_once", kept),
    ("protocol_buffers_are_captured_as_json", protobuf),
    ("a_secret_never_reaches_the_file", secrets),
    ("variables_that_a_message_sets_are_captured_with_it", overridden),
    ("a_file_that_is_slow_delays_no_request", held_up),
    ("the_largest_number_of_lines_counts_across_starts", full),
    ("two_services_capture_into_one_file", shared),
    ("a_sample_is_a_share_of_the_messages", sampled),
    ("a_capture_that_cannot_begin_says_why_and_exits_2", refused),
];

/// A payment.
#[structure]
struct Payer {
    name: String,
    #[secret]
    card: String,
}

#[structure]
struct Payment {
    payer: Payer,
    cents: i64,
    #[secret]
    pins: Vec<u32>,
    receipt: Option<String>,
}

/// Returns a secret, as models may do by mistake.
#[model(name = "service::pay")]
fn pay(mut state: State<Payment>) -> Result<State<Payment>, String> {
    let card = &state.data.payer.card;
    if state.data.cents > 100 {
        return Err(format!("{card} has not that much"));
    }
    state.data.receipt = Some(format!("{card} pays, {:?}", state.data.pins));
    Ok(state)
}

const LINES: &str = "content-type: application/x-ndjson";
const PROTOBUF: &str = "content-type: application/x-protobuf";

struct Kept {
    _folder: TempDir,
    path: PathBuf,
}

impl Kept {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.jsonl");
        Self { _folder: folder, path }
    }

    fn server(&self, arguments: &[&str]) -> Server {
        Server::start(&[&["--capture", self.path.to_str().unwrap()], arguments].concat())
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Returns the counts of a service, and shuts it down by a signal.
fn end(mut server: Server) -> String {
    let metrics = get(server.address, "/metrics").text().to_owned();
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    metrics
}

/// The number of messages with this status, once the sum of all is as expected.
fn count(server: &Server, fate: &str, sum: u64) -> u64 {
    let began = std::time::Instant::now();
    loop {
        let answer = get(server.address, "/metrics");
        let counts: Vec<(&str, u64)> = answer
            .text()
            .lines()
            .filter_map(|line| {
                line.strip_prefix("athena_captured_total{fate=\"")?.split_once("\"} ")
            })
            .map(|(fate, count)| (fate, count.parse().unwrap()))
            .collect();
        if counts.iter().map(|(_, count)| count).sum::<u64>() == sum {
            return counts.iter().find(|(known, _)| *known == fate).unwrap().1;
        }
        assert!(began.elapsed().as_secs() < 20, "{counts:?}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

fn kept() {
    let kept = Kept::new();
    let server = kept.server(&[]);
    for body in [r#"{ "of": 6.50, "to": 2 }"#, r#"{"of":6.50,"to":2}"#, r#"{"of":1,"to":4}"#] {
        assert_eq!(post(server.address, "divide", body).status, 200);
    }
    assert_eq!(post(server.address, "count", r#"{"to":2}"#).status, 200);
    // These have no outcome.
    assert_eq!(post(server.address, "divide", r#"{"of":1,"to":0}"#).status, 500);
    assert_eq!(post(server.address, "divide", r#"{"off":1}"#).status, 422);
    assert_eq!(post(server.address, "work", r#"{"id":999}"#).status, 500);
    assert_eq!(count(&server, "panic", 5), 1);
    assert_eq!(count(&server, "duplicate", 5), 1);
    server.printed("capturing 100% of the messages to ");
    end(server);
    let text = kept.text();
    let first = text.lines().next().unwrap();
    let (start, rest) = first.split_once("\",\"format\"").unwrap();
    assert!(start.starts_with(r#"{"model":"service::divide","case":""#), "{first}");
    // As sent, in the format of a suite.
    assert_eq!(
        rest,
        r#":1,"env":{},"input":{"of":6.50,"to":2},"output":{"of":6.5,"to":2.0,"ratio":3.25}}"#
    );
    let lines = kept.lines();
    assert_eq!(lines.len(), 3, "{text}");
    assert_eq!(lines[2]["outputs"], json!([{ "n": 1 }, { "n": 2 }]));
}

fn protobuf() {
    let kept = Kept::new();
    let server = kept.server(&[]);
    let as_protobuf = |body: &[u8]| {
        let answer = ask(server.address, "POST", "/models/count", &[PROTOBUF], body);
        assert_eq!(answer.status, 200);
    };
    as_protobuf(b"\x08\x02");
    as_protobuf(b"\x08\x03");
    assert_eq!(post(server.address, "count", r#"{"to":3}"#).status, 200);
    assert_eq!(count(&server, "duplicate", 3), 1);
    end(server);
    let lines = kept.lines();
    assert_eq!(lines[0]["input"], json!({ "to": 2 }));
    assert_eq!(lines[0]["outputs"], json!([{ "n": 1 }, { "n": 2 }]));
}

fn secrets() {
    let kept = Kept::new();
    let path = kept.path.to_str().unwrap();
    let server = Server::spawn(
        runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "0s", "--capture", path])
            .env("KEY", "hush-hush")
            .env("ADD", "4"),
    );
    for cents in [5, 500] {
        let body = json!({
            "payer": { "name": "Zoë", "card": "4111-1111" }, "cents": cents, "pins": [77001, 77002],
        });
        let answer = post(server.address, "pay", &body.to_string());
        assert!(answer.text().contains("4111-1111"), "the model tells it: {answer:?}");
    }
    let other = r#"{"payer":{"name":"Zoë","card":"4222"},"cents":5,"pins":[]}"#;
    assert_eq!(post(server.address, "pay", other).status, 200);
    assert_eq!(post(server.address, "work", r#"{"id":7}"#).status, 200);
    // Without their secrets, two are equal.
    assert_eq!(count(&server, "duplicate", 4), 1);
    let printed = server.printed("service::work has secrets (KEY): its messages are captured");
    assert!(printed.contains("service::pay has secrets (fields of its messages, "), "{printed}");
    end(server);
    let text = kept.text();
    for secret in ["4111", "4222", "7700", "hush"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    let lines = kept.lines();
    assert_eq!(lines.len(), 3);
    let payer = json!({ "name": "Zoë", "card": "secret" });
    assert_eq!(lines[0]["input"], json!({ "payer": payer, "cents": 5, "pins": [] }));
    assert_eq!(lines[2]["env"], json!({ "ADD": "4" }));
    for line in &lines {
        let keys: HashSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, HashSet::from(["model", "case", "format", "env", "input"]));
    }
}

fn overridden() {
    let kept = Kept::new();
    let server = kept.server(&["--allow-env-override", "-e", "ADD=2"]);
    for body in [r#"{"id":7,"environment":{"ADD":"9"}}"#, r#"{"id":7}"#] {
        assert_eq!(post(server.address, "work", body).status, 200);
    }
    end(server);
    let lines = kept.lines();
    assert_eq!((&lines[0]["env"], &lines[1]["env"]), (&json!({"ADD":"9"}), &json!({"ADD":"2"})));
    assert_eq!((&lines[0]["input"], &lines[1]["input"]), (&json!({"id":7}), &json!({"id":7})));
}

/// Distinct messages.
fn counts(range: std::ops::Range<u32>) -> Vec<u8> {
    range.flat_map(|n| format!("{{\"of\":{n},\"to\":2}}\n").into_bytes()).collect()
}

fn send(server: &Server, range: std::ops::Range<u32>) {
    let wanted = range.len();
    let answer = ask(server.address, "POST", "/models/divide", &[LINES], &counts(range));
    assert_eq!(answer.text().lines().filter(|line| line.contains("ratio")).count(), wanted);
}

fn held_up() {
    let kept = Kept::new();
    let server = kept.server(&[]);
    let held = fs::File::open(&kept.path).unwrap();
    held.lock().unwrap();
    send(&server, 0..4000);
    assert!(kept.text().is_empty());
    held.unlock().unwrap();
    let dropped = count(&server, "dropped", 4000);
    assert!((1000..4000).contains(&dropped), "{dropped}");
    send(&server, 4000..4100);
    assert_eq!(count(&server, "dropped", 4100), dropped);
    end(server);
    assert_eq!(kept.lines().len() as u64, 4100 - dropped);
}

fn full() {
    let kept = Kept::new();
    let server = kept.server(&["--max", "30"]);
    send(&server, 0..20);
    end(server);
    // The incomplete line of a process that died.
    let mut file = fs::OpenOptions::new().append(true).open(&kept.path).unwrap();
    file.write_all(b"{\"model\":\"service::div").unwrap();
    let server = kept.server(&["--max", "30"]);
    server.printed("up to 30 lines; it has 20 lines");
    send(&server, 10..50);
    assert_eq!(count(&server, "duplicate", 40), 10);
    assert_eq!(count(&server, "full", 40), 20);
    server.printed("is full");
    send(&server, 50..60);
    assert_eq!(count(&server, "full", 50), 30);
    end(server);
    assert_eq!(kept.lines().len(), 30);
}

fn shared() {
    let kept = Kept::new();
    let servers = [kept.server(&["--max", "250"]), kept.server(&["--max", "250"])];
    std::thread::scope(|scope| {
        for (server, range) in servers.iter().zip([0..200, 100..300]) {
            scope.spawn(move || {
                for start in range.step_by(20) {
                    send(server, start..start + 20);
                }
            });
        }
    });
    for server in servers {
        end(server);
    }
    let names: Vec<String> =
        kept.lines().iter().map(|line| line["case"].as_str().unwrap().to_owned()).collect();
    let distinct: HashSet<&String> = names.iter().collect();
    assert_eq!((names.len(), distinct.len()), (250, 250));
}

fn sampled() {
    let kept = Kept::new();
    let server = kept.server(&["--sample", "10%"]);
    send(&server, 0..5000);
    end(server);
    let taken = kept.lines().len();
    assert!((350..650).contains(&taken), "{taken}");
}

fn refused() {
    let kept = Kept::new();
    let capture = |path: &Path| {
        ended(&mut runner(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--capture",
            path.to_str().unwrap(),
        ]))
    };
    let (code, printed) = capture(&kept.path.with_extension("d").join("kept.jsonl"));
    assert_eq!(code, 2);
    assert!(printed.contains("the folder does not exist"), "{printed}");
    fs::write(&kept.path, "{\"id\":1}\n").unwrap();
    let (code, printed) = capture(&kept.path);
    assert_eq!(code, 2);
    assert!(
        printed.contains("kept.jsonl:1: not a case") && printed.contains("--capture"),
        "{printed}"
    );
    assert_eq!(kept.text(), "{\"id\":1}\n");
    let (code, printed) = ended(&mut runner(&["serve", "--sample", "1%"]));
    assert_eq!(code, 2);
    assert!(printed.contains("--capture"), "{printed}");
}
