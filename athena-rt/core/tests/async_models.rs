//! Models that are `async fn`, run, recorded and replayed. This program is runner and tests: started
//! with [`RUNNER`] set it is a runner of the models below.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![allow(missing_docs, reason = "a test")]

use std::fs;
use std::io::Write as _;
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use athena_rt::__private::{MARKER_LENGTH, Start, marker, start};
use athena_rt::prelude::*;
use libtest_mimic::{Arguments, Trial};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// Set where this program is the runner.
const RUNNER: &str = "ATHENA_ASYNC_TEST_RUNNER";

/// Where no time limit is looked at, nothing takes so long.
const LONG: Duration = Duration::from_secs(30);

#[environment]
struct Settings {
    #[default(1)]
    add: i64,
}

#[structure]
struct Task {
    id: i64,
    /// What the model does.
    #[default("add")]
    what: String,
}

/// Does what it is told.
#[model(name = "asynchronous::act")]
async fn act(mut state: State<Task, Settings>) -> Result<State<Task, Settings>, String> {
    let refused = |error: &dyn std::fmt::Display| error.to_string();
    let id = state.data.id;
    state.data.id = match state.data.what.as_str() {
        "wait" => {
            sleep(Duration::from_millis(20)).await;
            id + state.env.add
        }
        "refuse" => return Err("refused".to_owned()),
        "panic" => {
            sleep(Duration::from_millis(1)).await;
            panic!("poison")
        }
        "panic when dropped" => {
            let _held = PanicsWhenDropped;
            sleep(Duration::from_millis(1)).await;
            id
        }
        "hang" => std::future::pending().await,
        "call home" => echoed(id).await.map_err(|error| refused(&error))?,
        "spawn" => {
            let twice = tokio::spawn(async move { id * 2 }).await;
            twice.map_err(|error| refused(&error))?
        }
        "block elsewhere" => {
            let work = tokio::task::spawn_blocking(move || id * 3);
            work.await.map_err(|error| refused(&error))?
        }
        "spawn a panic" => {
            let task = tokio::spawn(async { panic!("in a task") });
            task.await.map_err(|_| "the task panicked".to_owned())?
        }
        "leave a task" => {
            drop(tokio::spawn(async {
                let _held = Counts;
                sleep(Duration::from_millis(5)).await;
                LATER.fetch_add(1, Ordering::Relaxed);
            }));
            tokio::task::yield_now().await;
            id
        }
        "leave work" => {
            drop(tokio::task::spawn_blocking(|| std::thread::sleep(LONG)));
            id
        }
        "count what is left" => {
            sleep(Duration::from_millis(20)).await;
            LATER.load(Ordering::Relaxed) * 100 + DROPPED.load(Ordering::Relaxed)
        }
        "nest" => {
            let inner = tokio::runtime::Builder::new_current_thread().build();
            inner.map_err(|error| refused(&error))?.block_on(async { id })
        }
        "drop a runtime" => {
            drop(tokio::runtime::Builder::new_current_thread().build());
            id
        }
        _ => id + state.env.add,
    };
    Ok(state)
}

/// How many tasks that were left have gone on, and have been dropped.
static LATER: AtomicI64 = AtomicI64::new(0);
static DROPPED: AtomicI64 = AtomicI64::new(0);

struct Counts;

impl Drop for Counts {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("on the way out");
    }
}

/// What comes back over a socket.
async fn echoed(id: i64) -> std::io::Result<i64> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let echo = async {
        let (stream, _) = listener.accept().await?;
        let given = read(&stream).await?;
        write(&stream, given).await
    };
    let ask = async {
        let stream = TcpStream::connect(address).await?;
        write(&stream, id).await?;
        read(&stream).await
    };
    tokio::try_join!(echo, ask).map(|((), id)| id)
}

/// Eight bytes come in one piece here.
async fn read(stream: &TcpStream) -> std::io::Result<i64> {
    let mut bytes = [0; 8];
    loop {
        stream.readable().await?;
        match stream.try_read(&mut bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            read => return read.map(|_| i64::from_be_bytes(bytes)),
        }
    }
}

async fn write(stream: &TcpStream, id: i64) -> std::io::Result<()> {
    stream.writable().await?;
    stream.try_write(&id.to_be_bytes()).map(drop)
}

/// Counts, and need not be `Send` once it does.
#[model(name = "asynchronous::count")]
async fn count(state: State<Task>) -> impl Iterator<Item = State<Task>> {
    sleep(Duration::from_millis(1)).await;
    let state = std::rc::Rc::new(state);
    (1..=state.data.id).map(move |id| state.with(Task { id, what: String::new() }))
}

/// A plain model beside them.
#[model(name = "asynchronous::plain")]
fn plain(mut state: State<Task>) -> State<Task> {
    // A runtime of its own is its own affair.
    let inner = tokio::runtime::Builder::new_current_thread().build().unwrap();
    state.data.id = inner.block_on(async { state.data.id + 1 });
    state
}

fn main() -> ExitCode {
    if std::env::var_os(RUNNER).is_some() {
        static MARKER: [u8; MARKER_LENGTH] = marker();
        let (package, module) = ("asynchronous", "asynchronous");
        return start(&Start {
            marker: &MARKER,
            package,
            version: "1.0.0",
            module,
            manifest_dir: option_env!("CARGO_MANIFEST_DIR"),
            workspace_root: "../..",
            is_test: false,
            is_test_target: false,
        });
    }
    let tests: [(&str, fn()); 8] = [
        ("a_model_waits_and_gives_its_outcome", gives),
        ("a_model_uses_timers_sockets_tasks_and_blocking_work", uses),
        ("a_panic_is_a_failed_message_with_its_words_and_the_next_ones_run", panics),
        ("a_runtime_inside_a_model_is_a_panic_with_tokios_words", nests),
        ("a_task_that_is_left_never_runs_beside_the_next_message", leaves),
        ("blocking_work_that_is_left_holds_up_nothing", leaves_work),
        ("what_is_recorded_is_replayed_and_a_difference_fails", replays),
        ("the_time_limit_ends_a_model_that_awaits_for_ever", hangs),
    ];
    let trials = tests.map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit_code()
}

/// Exit code, what was printed, what was said.
type Done = (i32, String, String);

fn runner(words: &[&str], input: &str) -> Done {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env_remove("ADD").env_remove("CI").env(RUNNER, "1").args(words);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Messages one after the other, on one thread.
fn act_on(whats: &[&str]) -> Done {
    let mut lines = String::new();
    for what in whats {
        lines.push_str(&format!("{{\"id\":7,\"what\":\"{what}\"}}\n"));
    }
    runner(&["run", "act", "--jobs", "1", "--messages", "-"], &lines)
}

/// The ids that come out.
fn ids(printed: &str) -> Vec<i64> {
    let id = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["id"].as_i64().unwrap()
    };
    printed.lines().map(id).collect()
}

fn gives() {
    let (code, out, _) =
        runner(&["run", "act", "-e", "ADD=3", "--message", r#"{"id":1,"what":"wait"}"#], "");
    assert_eq!((code, out.as_str()), (0, "{\"id\":4,\"what\":\"wait\"}\n"));
    let (code, out, said) = runner(&["run", "act", "--message", r#"{"id":1,"what":"refuse"}"#], "");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(said.contains("refused"), "{said}");
    let (code, _, said) = runner(&["run", "act", "--message", r#"{"idd":1}"#], "");
    assert!(code == 2 && said.contains("/idd"), "{code}: {said}");
    let (code, out, _) = runner(&["run", "count", "--message", r#"{"id":3}"#], "");
    assert_eq!((code, ids(&out)), (0, vec![1, 2, 3]));
    let (code, out, _) = runner(&["run", "plain", "--message", r#"{"id":3}"#], "");
    assert_eq!((code, ids(&out)), (0, vec![4]));
}

fn uses() {
    let (code, out, said) = act_on(&["call home", "spawn", "block elsewhere", "wait", "add"]);
    assert_eq!((code, ids(&out)), (0, vec![7, 14, 21, 8, 8]), "{said}");
}

fn panics() {
    let (code, out, said) =
        act_on(&["panic", "add", "panic when dropped", "spawn a panic", "wait"]);
    assert_eq!((code, ids(&out)), (1, vec![8, 8]), "{said}");
    assert!(said.contains("line 1: panic: the model panicked: poison, at "), "{said}");
    assert!(said.contains("line 3: panic: the model panicked: on the way out"), "{said}");
    assert!(said.contains("line 4: String: the task panicked"), "{said}");
}

fn nests() {
    let (code, out, said) = act_on(&["nest", "drop a runtime", "wait"]);
    assert_eq!((code, ids(&out)), (1, vec![8]), "{said}");
    assert!(said.contains("line 1: panic: ") && said.contains("within a runtime"), "{said}");
    assert!(said.contains("line 2: panic: ") && said.contains("drop a runtime"), "{said}");
}

fn leaves() {
    let (code, out, said) = act_on(&["leave a task", "count what is left"]);
    assert_eq!((code, ids(&out)), (0, vec![7, 1]), "dropped once, and never gone on: {said}");
}

fn leaves_work() {
    let began = Instant::now();
    let (code, out, said) = act_on(&["leave work", "add"]);
    assert_eq!((code, ids(&out)), (0, vec![7, 8]), "{said}");
    assert!(began.elapsed() < LONG / 2, "{:?}", began.elapsed());
}

/// A folder of recorded cases.
fn recorded(whats: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    for (at, what) in whats.iter().enumerate() {
        let message = format!("{{\"id\":7,\"what\":\"{what}\"}}");
        let words = ["--fixtures", place, "record", "act", "--case", &format!("case-{at}")];
        let (code, _, said) = runner(&[&words[..], &["--message", &message]].concat(), "");
        assert_eq!(code, 0, "{said}");
    }
    folder
}

fn replays() {
    let folder = recorded(&["wait", "call home", "refuse", "spawn"]);
    let place = folder.path().to_str().unwrap();
    let (code, out, said) = runner(&["--fixtures", place, "test"], "");
    assert_eq!(code, 0, "{out}{said}");
    let case = folder.path().join("asynchronous/act/case-0.json");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("\"id\": 8", "\"id\": 9")).unwrap();
    let (code, out, said) = runner(&["--fixtures", place, "test"], "");
    let both = out + &said;
    assert_eq!(code, 1, "{both}");
    assert!(both.contains("case-0") && both.contains("3 passed; 1 failed"), "{both}");
    let (code, _, said) = runner(
        &["--fixtures", place, "record", "act", "--message", r#"{"id":7,"what":"panic"}"#],
        "",
    );
    assert!(code == 1 && said.contains("a panic is never recorded"), "{code}: {said}");
}

fn hangs() {
    let folder = recorded(&["wait", "add"]);
    let place = folder.path().to_str().unwrap();
    let case = folder.path().join("asynchronous/act/case-1.json");
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("\"add\"", "\"hang\"")).unwrap();
    let began = Instant::now();
    let (code, out, said) = runner(&["--fixtures", place, "test", "--timeout", "500ms"], "");
    let both = out + &said;
    assert_eq!(code, 1, "{both}");
    assert!(both.contains("case-1") && both.contains("1 passed; 1 failed"), "{both}");
    assert!(began.elapsed() < LONG / 2, "{:?}", began.elapsed());
}
