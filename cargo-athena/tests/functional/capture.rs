//! From production to the suite: `serve --capture`, then `record --from-capture`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use super::support::{LIBRARY, Project};

const MODELS: &str = "
/// Pays.
#[structure]
struct Payment {
    cents: i64,
    #[secret]
    card: String,
    receipt: Option<String>,
}

/// Tells the card.
#[model]
fn pay(mut state: State<Payment>) -> State<Payment> {
    state.data.receipt = Some(format!(\"{} paid {}\", state.data.card, state.data.cents));
    state
}

#[environment]
struct Settings {
    #[default(1)]
    seed: i64,
    #[secret]
    key: Option<String>,
}

/// Adds what was set; refuses what is negative.
#[model]
fn shift(mut state: State<Number, Settings>) -> Result<State<Number, Settings>, String> {
    if state.data.value < 0 {
        return Err(format!(\"{} is negative, {:?}\", state.data.value, state.env.key));
    }
    state.data.value += state.env.seed;
    Ok(state)
}

/// Never the same twice.
#[model]
fn stamp(mut state: State<Number>) -> State<Number> {
    state.data.value = i64::from(std::process::id());
    state
}

/// Panics if the message says so.
#[model]
fn fragile(state: State<Number>) -> State<Number> {
    assert!(state.data.value != 13 || std::env::var_os(\"SERVED\").is_some(), \"no thirteen\");
    state
}

athena_rt::main!();
";

const CAPTURED: &str = "captured.jsonl";
const RECORD: [&str; 3] = ["record", "--from-capture", CAPTURED];

fn shop() -> Project {
    Project::service("shop").file("src/main.rs", &format!("{LIBRARY}{MODELS}"))
}

/// Serves with capture, sends messages, ends.
fn produce(project: &Project, messages: &[(&str, &str)]) {
    let (mut command, _lock) = project.athena_to_start(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--grace",
        "0s",
        "--capture",
        CAPTURED,
    ]);
    command.env("KEY", "hush-hush").env("SEED", "5").env("SERVED", "1");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().expect("it serves").unwrap();
        if let Some(address) = line.strip_prefix("serving on http://") {
            break address.to_owned();
        }
    };
    for (model, body) in messages {
        let mut stream = TcpStream::connect(&address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST /models/{model} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") || answer.contains("422"), "{answer}");
    }
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Every file below a folder that has this text.
fn having(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(having(&path, text));
        } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(text) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
#[ignore = "builds a service; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn what_came_in_production_guards_the_model_tomorrow() {
    let project = shop();
    produce(
        &project,
        &[
            ("double", r#"{"value":4}"#),
            ("double", r#"{ "value": 4 }"#),
            ("double", "{}"),
            ("pay", r#"{"cents":5,"card":"4111-1111"}"#),
            ("shift", r#"{"value":1}"#),
            ("shift", r#"{"value":-1}"#),
        ],
    );
    assert_eq!(project.read(CAPTURED).lines().count(), 5);
    project
        .athena(&RECORD)
        .exits(0)
        .says("shop::double::captured: 2 recorded (fixtures/shop/double/captured.jsonl)")
        .says("shop::shift::captured: 2 recorded")
        .says("shop::pay::captured: 1 recorded");
    let pay = project.read("fixtures/shop/pay/captured.jsonl");
    assert!(pay.contains(r#""output":{"cents":5,"card":"secret","receipt":"secret paid 5"}"#));
    let shift = project.read("fixtures/shop/shift/captured.jsonl");
    assert!(shift.contains(r#""env":{"SEED":"5"},"input":{"value":1},"output":{"value":6}"#));
    // Under a placeholder, as it is recorded and replayed.
    assert!(shift.contains("is negative") && !shift.contains("KEY"), "{shift}");
    for secret in ["4111", "hush"] {
        assert_eq!(having(&project.path("."), secret), Vec::<String>::new());
    }
    project.athena(&["test"]).exits(0).says("5 cases: 5 passed, 0 failed");
    project.athena(&RECORD).exits(0).says("double::captured: 0 recorded, 2 recorded before");
    project.edit("src/main.rs", "*= 2", "*= 3");
    project.athena(&["test"]).exits(1).says("5 cases: 3 passed, 2 failed");

    // The captured outcomes differ from the current ones; the current ones are recorded.
    std::fs::remove_dir_all(project.path("fixtures")).unwrap();
    let again = [&RECORD[..], &["double", "--suite", "other"]].concat();
    project
        .athena(&again)
        .exits(0)
        .says(
            "shop::double: 2 messages had another outcome in production, for example captured.jsonl:1",
        )
        .says("double::other: 2 recorded");
    assert!(!project.has("fixtures/shop/pay"));
    project.athena(&["test"]).exits(0).says("2 cases: 2 passed, 0 failed");
}

#[test]
#[ignore = "builds a service; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn what_can_not_be_recorded_is_told_and_the_rest_is_recorded() {
    let project = shop();
    produce(
        &project,
        &[
            ("stamp", "{}"),
            ("fragile", r#"{"value":13}"#),
            ("fragile", r#"{"value":12}"#),
            ("double", "{}"),
        ],
    );
    let captured = project.read(CAPTURED);
    let gone = captured.replace("shop::double", "shop::gone").replace("shop::stamp", "shop::gone");
    let gone: Vec<&str> = gone.lines().filter(|line| line.contains("gone")).collect();
    let gone = gone.join("\n");
    let changed =
        captured.lines().last().unwrap().replace("\"input\":{}", "\"input\":{\"valu\":1}");
    project.write(CAPTURED, &format!("{captured}{changed}\n{gone}\n{{\"model\":\"shop::dou"));
    project
        .athena(&RECORD)
        .exits(1)
        .says("shop::stamp is not recorded: two runs on captured.jsonl:1 had different outcomes")
        .says("stamp::captured: 0 recorded, 1 refused")
        .says("no thirteen")
        .says("fragile::captured: 1 recorded, 1 refused")
        .says("captured.jsonl:5: /valu: unknown field")
        .says("double::captured: 1 recorded, 1 refused")
        .says("no model is named shop::gone")
        .says("has 2 of its messages");
    assert!(!project.has("fixtures/shop/stamp/captured.jsonl"));
    project.athena(&["test"]).exits(0).says("2 cases: 2 passed, 0 failed");

    // By hand, the runner does the same.
    let by_hand = |words: &[&str]| {
        let words = [&["run", "--quiet", "--", "record"], words].concat();
        project.cargo(&words)
    };
    by_hand(&["--from-capture", CAPTURED])
        .exits(1)
        .says("no model is called shop::gone: skipped 2 messages")
        .says("double::captured: 0 recorded, 1 recorded before, 1 refused");
}

#[test]
#[ignore = "builds a service; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn a_capture_that_can_not_be_recorded_at_all_says_why() {
    let project = Project::bin("plain");
    let line = |model: &str| {
        format!(
            "{{\"model\":\"{model}\",\"case\":\"a\",\"format\":1,\"env\":{{}},\"input\":{{}}}}\n"
        )
    };
    project.write(CAPTURED, &line("plain::double"));
    project.athena_with(&RECORD, &[("CI", "1")]).exits(2).says("CI only replays cases");
    assert!(!project.has("fixtures"));
    project.athena(&["record", "--from-capture", "none.jsonl"]).exits(2).says("none.jsonl");
    project.athena(&[&RECORD[..], &["-e", "A=1"]].concat()).exits(2).says("cannot be used with");
    project.write("A B.jsonl", &line("plain::double"));
    project
        .athena(&["record", "--from-capture", "A B.jsonl"])
        .exits(2)
        .says("use letters, digits, _, - and .")
        .says("--suite NAME");
    project.write("empty.jsonl", "\n");
    project.athena(&["record", "--from-capture", "empty.jsonl"]).exits(4).says("no message");
    project.write("broken.jsonl", &format!("{}nonsense\n", line("plain::double")));
    project
        .athena(&["record", "--from-capture", "broken.jsonl"])
        .exits(2)
        .says("broken.jsonl:2: not a case");
    project.athena(&RECORD).exits(0).says("1 recorded");
    let recorded = "fixtures/plain/double/captured.jsonl";
    project.athena(&["record", "--from-capture", recorded]).exits(2).says("among the recorded");
    project.athena_with(&[&RECORD[..], &["--force"]].concat(), &[("CI", "1")]).exits(0);
}
