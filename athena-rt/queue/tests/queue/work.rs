//! How a worker handles messages, valid ones and others.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::Tests;
use crate::broker::{Broker, BrokerKind};
use crate::runner::{Worker, by_id, collect, dead, run_to_end, runner, submit};

pub(crate) const TESTS: Tests = &[
    ("each_message_has_one_outcome_and_the_worker_ends_when_nothing_is_left", each_has_one),
    ("messages_that_crash_do_not_delay_the_others", crashes),
    ("the_same_submit_again_goes_on_and_stores_nothing_twice", submits_again),
    ("an_error_is_an_outcome_and_states_are_a_list", errors_and_lists),
    ("what_kills_a_process_is_a_dead_letter_and_the_rest_goes_on", poison),
    ("what_is_no_message_is_a_dead_letter_at_once", unreadable),
    ("a_message_for_another_worker_uses_no_attempt_and_is_dead_if_there_is_none", unknown_model),
    ("a_worker_that_is_terminated_returns_messages_it_has_not_begun", drains),
    ("a_long_message_stays_with_its_worker", heartbeat),
    ("processes_end_with_their_worker", orphans),
    ("counts_are_served", metrics),
];

const IDLE: [&str; 4] = ["--exit-when-idle", "1s", "--lease", "2s"];

/// Runs a worker until the queue is empty.
fn drain(broker: &Broker, more: &[&str]) -> String {
    let (from, to) = (broker.url("tasks"), broker.url("results"));
    let mut command = runner(&["work", "--from", &from, "--to", &to]);
    run_to_end(command.args(IDLE).args(more)).expect_code(0).stderr
}

fn each_has_one(kind: BrokerKind) {
    let broker = Broker::start(kind);
    submit("work", &broker.url("tasks"), (0..1000).map(|id| format!("{{\"id\":{id}}}")));
    let stderr = drain(&broker, &["--processes", "2"]);
    assert!(stderr.contains("1000 outcomes, 0 dead letters"), "{stderr}");
    assert!(stderr.contains("ADD=1 (default)") && stderr.contains("KEY is not set"), "{stderr}");
    let outcomes = collect(&broker.url("results"));
    let (seen, others) = by_id(&outcomes);
    assert!(others.is_empty());
    assert!(seen.keys().copied().eq(0..1000) && seen.values().all(|&count| count == 1));
    assert!(collect(&broker.url("results")).is_empty(), "collected twice");
    only_what_exists_is_read(&broker);
}

/// A mistyped name makes no queue, and does not look like an empty one.
fn only_what_exists_is_read(broker: &Broker) {
    let mistyped = broker.url("resluts");
    let commands = [
        &["collect", "--from", &mistyped][..],
        &["collect", "--from", &mistyped, "--keep"],
        &["collect", "--from", &mistyped, "--dead"],
        &["collect", "--from", &mistyped, "--dead", "--requeue"],
        &["queue", "status", &mistyped],
    ];
    // Twice: the first round makes none.
    for command in commands.iter().chain(&commands[..1]) {
        let refused = run_to_end(&mut runner(command)).expect_code(2).stderr;
        assert!(refused.contains("resluts") && refused.contains("does not exist"), "{refused}");
        // RabbitMQ lists no queues.
        let is_named = refused.contains("did you mean `results`?");
        assert_eq!(is_named, broker.kind != BrokerKind::Amqp, "{refused}");
    }
    let queue = broker.url("results");
    run_to_end(&mut runner(&["queue", "status", &queue])).expect_code(0);
}

fn crashes(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let aborts = (0..10).map(|id| format!("{{\"id\":{id},\"act\":\"abort\"}}"));
    let others = (10..310).map(|id| format!("{{\"id\":{id}}}"));
    submit("work", &broker.url("tasks"), aborts.chain(others));
    let began = Instant::now();
    let stderr = drain(&broker, &["--attempts", "1", "--processes", "2"]);
    assert!(stderr.contains("300 outcomes, 10 dead letters"), "{stderr}");
    // With a pause after each crash, doubled up to ten seconds, this took half a minute.
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}

fn submits_again(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let tasks = broker.url("tasks");
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let again = ["submit", "work", "--messages", &path, "--to", &tasks, "--run", "nightly"];
    for part in [0..50, 50..100] {
        for id in part {
            writeln!(file, "{{\"id\":{id}}}").unwrap();
        }
        let done = run_to_end(&mut runner(&again)).expect_code(0);
        assert!(done.stderr.contains("--run nightly"), "{}", done.stderr);
    }
    let stderr = drain(&broker, &[]);
    assert!(stderr.contains("100 outcomes, 0 dead letters"), "{stderr}");
    let wrong = ["submit", "work", "-m", "{}", "--to", &tasks, "--run", "a b"];
    let refused = run_to_end(&mut runner(&wrong)).expect_code(2);
    assert!(refused.stderr.contains("not a name of a run"), "{}", refused.stderr);
}

fn errors_and_lists(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let tasks = broker.url("tasks");
    submit("work", &tasks, ["{\"id\":1,\"act\":\"refuse\"}".to_owned()].into_iter());
    submit("count", &tasks, ["{\"to\":2}".to_owned(), "{\"to\":0}".to_owned()].into_iter());
    drain(&broker, &[]);
    let mut outcomes: Vec<String> =
        collect(&broker.url("results")).iter().map(ToString::to_string).collect();
    outcomes.sort();
    let refused = r#"{"error":{"kind":"String","message":"refused 1"}}"#;
    assert_eq!(outcomes, ["[]", r#"[{"n":1},{"n":2}]"#, refused]);
}

fn poison(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let acts = ["panic", "abort", "exit", "hang", "fill"];
    let messages = (0..500).map(|id| {
        let act = if id % 100 == 50 { acts[id / 100] } else { "" };
        format!("{{\"id\":{id},\"act\":\"{act}\"}}")
    });
    submit("work", &broker.url("tasks"), messages);
    let stderr = drain(
        &broker,
        &["--attempts", "2", "--backoff", "100ms", "--timeout", "1s", "--memory-limit", "300MB"],
    );
    assert!(stderr.contains("495 outcomes, 5 dead letters"), "{stderr}");
    let outcomes = collect(&broker.url("results"));
    let (seen, _) = by_id(&outcomes);
    assert!(seen.len() == 495 && seen.values().all(|&count| count == 1), "{}", seen.len());
    let mut letters = dead(&broker.url("tasks"));
    assert_eq!(letters, dead(&broker.url("tasks")), "to look takes nothing away");
    letters.sort_by_key(|letter| letter["message"]["id"].as_i64());
    for (letter, reason) in letters.iter().zip([
        "panicked: poison 50",
        "SIGABRT",
        "exited with code 0",
        "takes too long",
        "too much memory",
    ]) {
        assert_eq!((&letter["tries"], &letter["model"]), (&2.into(), &"queue::work".into()));
        assert!(letter["reason"].as_str().unwrap().contains(reason), "{letter}");
    }
    assert_eq!(letters.len(), 5);
}

fn unreadable(kind: BrokerKind) {
    let broker = Broker::start(kind);
    // The sender's type knows more fields than the worker's.
    let mut raw = Raw::connect(&broker);
    raw.put("{\"id\":1,\"idd\":2}");
    raw.put("{\"id\":2}");
    let stderr = drain(&broker, &["work", "--attempts", "3"]);
    assert!(stderr.contains("1 outcome, 1 dead letter"), "{stderr}");
    let letters = dead(&broker.url("tasks"));
    assert_eq!(letters[0]["tries"], 1);
    assert_eq!(letters[0]["message"]["idd"], 2);
    assert!(letters[0]["reason"].as_str().unwrap().contains("unknown field"), "{letters:?}");
}

fn unknown_model(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    submit("count", &tasks, ["{\"to\":1}".to_owned()].into_iter());
    // A worker without the model uses no attempt, so that one with the model can run it.
    let arguments = ["--from", &tasks, "--to", &results, "--backoff", "50ms"];
    let mut other =
        Worker::at_work(runner(&["work", "work"]).args(arguments).args(["--attempts", "99"]));
    other.terminate();
    assert_eq!(other.wait(Duration::from_secs(20)), Some(0));
    let stderr = drain(&broker, &["count", "--attempts", "9"]);
    assert!(stderr.contains("1 outcome, 0 dead letters"), "{stderr}");
    // If no worker has it, the message does not circulate for ever.
    submit("count", &tasks, ["{\"to\":1}".to_owned()].into_iter());
    let stderr = drain(&broker, &["work", "--attempts", "1", "--backoff", "50ms"]);
    assert!(stderr.contains("0 outcomes, 1 dead letter"), "{stderr}");
    let letters = dead(&tasks);
    assert!(letters[0]["reason"].as_str().unwrap().contains("count"), "{letters:?}");
}

fn drains(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    let messages = (0..200).map(|id| format!("{{\"id\":{id},\"wait_ms\":100}}"));
    submit("work", &tasks, messages);
    let arguments = ["--from", &tasks, "--to", &results, "--processes", "2", "--lease", "5m"];
    let mut worker = Worker::at_work(runner(&["work"]).args(arguments));
    worker.terminate();
    assert_eq!(worker.wait(Duration::from_secs(20)), Some(0));
    let outcomes = collect(&results);
    let done = by_id(&outcomes).0.len();
    assert!((1..200).contains(&done), "{done}");
    // With a lease of minutes, messages are available at once only if they were returned.
    let began = Instant::now();
    drain(&broker, &["--processes", "8"]);
    assert!(began.elapsed() < Duration::from_mins(1));
    assert_eq!(by_id(&collect(&results)).0.len(), 200 - done);
}

fn heartbeat(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let (tasks, results) = (broker.url("tasks"), broker.url("results"));
    submit("work", &tasks, ["{\"id\":1,\"wait_ms\":8000}".to_owned()].into_iter());
    let arguments = [
        "--from",
        &tasks,
        "--to",
        &results,
        "--lease",
        "1s",
        "--exit-when-idle",
        "1s",
        "--processes",
        "1",
    ];
    let mut first = Worker::at_work(runner(&["work"]).args(arguments));
    let second = run_to_end(runner(&["work"]).args(arguments)).expect_code(0);
    assert!(second.stderr.contains("0 outcomes, 0 dead letters"), "{}", second.stderr);
    assert_eq!(first.wait(Duration::from_secs(30)), Some(0));
    assert_eq!(collect(&results).len(), 1);
}

fn orphans(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let tasks = broker.url("tasks");
    submit("work", &tasks, (0..4).map(|id| format!("{{\"id\":{id},\"act\":\"hang\"}}")));
    let mark = format!("ORPHANS_{}", broker.port);
    let mut command = runner(&["work", "--from", &tasks, "--processes", "2"]);
    let worker = Worker::spawn(command.env(&mark, "1").stderr(Stdio::null()));
    let with_mark = || {
        let has = |entry: &std::fs::DirEntry| {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            String::from_utf8_lossy(&environment).contains(&mark)
        };
        std::fs::read_dir("/proc").unwrap().flatten().filter(has).count()
    };
    let began = Instant::now();
    while with_mark() < 3 {
        assert!(began.elapsed() < Duration::from_secs(20), "{} of 3", with_mark());
        std::thread::sleep(Duration::from_millis(50));
    }
    worker.kill();
    let began = Instant::now();
    while with_mark() > 0 {
        assert!(began.elapsed() < Duration::from_secs(20), "{} are left", with_mark());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn metrics(kind: BrokerKind) {
    let broker = Broker::start(kind);
    let tasks = broker.url("tasks");
    submit("work", &tasks, (0..10).map(|id| format!("{{\"id\":{id}}}")));
    let mut command = runner(&["work", "--from", &tasks, "--metrics", "127.0.0.1:0"]);
    command.env("ATHENA_TOKEN", "0123456789abcdef");
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| Some(line.strip_prefix("metrics on http://")?.to_owned()));
    let address = address.unwrap();
    let address = address.split('/').next().unwrap().to_owned();
    let _worker = std::thread::spawn(move || lines.for_each(drop));
    let ask_as = |path: &str, headers: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\n{headers}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let token = "authorization: Bearer 0123456789abcdef";
    let ask = |path: &str| ask_as(path, &format!("host: {address}\r\n{token}"));
    let began = Instant::now();
    let wanted = "athena_messages_total{model=\"queue::work\",outcome=\"output\"} 10";
    while !ask("/metrics").contains(wanted) {
        assert!(began.elapsed() < Duration::from_secs(20), "{}", ask("/metrics"));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(ask("/readyz").starts_with("HTTP/1.1 200"));
    assert!(ask("/nothing").starts_with("HTTP/1.1 404"));
    let local = format!("host: {address}");
    assert!(ask_as("/readyz", &local).starts_with("HTTP/1.1 200"), "health needs no token");
    assert!(ask_as("/metrics", &local).starts_with("HTTP/1.1 401"));
    let other = format!("host: evil.example\r\n{token}");
    assert!(ask_as("/metrics", &other).starts_with("HTTP/1.1 403"));
    child.kill().unwrap();
    child.wait().unwrap();
    let public = ["work", "--from", &tasks, "--metrics", "0.0.0.0:0"];
    let refused = run_to_end(&mut runner(&public)).expect_code(2).stderr;
    assert!(refused.contains("--token-file FILE"), "{refused}");
}

/// A client that writes the broker's protocol directly.
enum Raw {
    Server { stream: TcpStream, kind: BrokerKind },
    File(rusqlite::Connection),
}

impl Raw {
    fn connect(broker: &Broker) -> Self {
        // The stream must be there before anybody publishes to it.
        if broker.kind == BrokerKind::Nats {
            drain(broker, &[]);
        }
        if broker.kind == BrokerKind::Sqlite {
            drain(broker, &[]);
            return Self::File(rusqlite::Connection::open(broker.file()).unwrap());
        }
        let stream = TcpStream::connect(("127.0.0.1", broker.port)).unwrap();
        Self::Server { stream, kind: broker.kind }
    }

    fn put(&mut self, message: &str) {
        let length = message.len();
        let (stream, kind) = match self {
            Self::Server { stream, kind } => (stream, *kind),
            Self::File(file) => {
                let sql = "INSERT INTO athena_messages (queue, stored_at, headers, body) \
                           VALUES ('tasks', 0, '{}', ?1)";
                file.execute(sql, [message.as_bytes()]).unwrap();
                return;
            }
        };
        let arguments = match kind {
            BrokerKind::Redis => format!(
                "*5\r\n$4\r\nXADD\r\n$5\r\ntasks\r\n$1\r\n*\r\n$4\r\ndata\r\n${length}\r\n{message}\r\n"
            ),
            BrokerKind::Sqlite | BrokerKind::Postgres | BrokerKind::Amqp => {
                unreachable!("not a raw protocol")
            }
            BrokerKind::Nats => format!(
                "CONNECT {{\"verbose\":false}}\r\nPUB tasks {length}\r\n{message}\r\nPING\r\n"
            ),
        };
        stream.write_all(arguments.as_bytes()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut answer = [0; 4096];
        assert!(stream.read(&mut answer).unwrap() > 0);
    }
}
