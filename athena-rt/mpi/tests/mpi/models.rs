//! The models that jobs run.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use athena_rt::__private::{MARKER_LENGTH, Start, marker, start};
use athena_rt::prelude::*;

/// Bytes in which another build differs.
#[used]
pub(crate) static BUILD: [u8; 24] = *b"a build of these models.";

#[environment]
struct Settings {
    /// The number that is added.
    #[default(1)]
    add: i64,
    /// The path of a file. The process that creates it kills itself, as if from outside.
    killed: Option<String>,
}

/// A task.
#[structure]
struct Task {
    id: i64,
    /// What happens: `err`, `panic`, `abort`, `exit`, `overflow`, `hang`, `eat`, `kill`,
    /// `host`.
    then: Option<String>,
    /// How long it takes.
    #[default(0)]
    micros: u64,
    text: Option<String>,
}

/// Adds a setting to the id, or does what the task says.
#[model(name = "mpi::work")]
fn work(mut state: State<Task, Settings>) -> Result<State<Task, Settings>, String> {
    let began = Instant::now();
    while began.elapsed() < Duration::from_micros(state.data.micros) {
        std::hint::spin_loop();
    }
    match state.data.then.as_deref() {
        Some("err") => return Err("refused".to_owned()),
        Some("panic") => panic!("poison"),
        Some("abort") => std::process::abort(),
        Some("exit") => std::process::exit(0),
        Some("overflow") => state.data.id = overflow(state.data.id),
        Some("hang") => std::thread::sleep(Duration::from_hours(1)),
        Some("eat") => eat(),
        Some("kill") => {
            let path = state.env.killed.clone().unwrap_or_default();
            if std::fs::OpenOptions::new().write(true).create_new(true).open(path).is_ok() {
                kill();
            }
        }
        Some("killed") => kill(),
        Some("host") => {
            let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
            state.data.text = Some(name.trim().to_owned());
        }
        _ => {}
    }
    state.data.id += state.env.add;
    Ok(state)
}

/// Allocates memory, a megabyte at a time, until the process ends.
fn eat() {
    let mut held = Vec::new();
    loop {
        held.push(std::hint::black_box(vec![1_u8; 1 << 20]));
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn kill() {
    let id = std::process::id().to_string();
    let _ = std::process::Command::new("kill").args(["-9", &id]).status();
    std::thread::sleep(Duration::from_secs(10));
}

#[allow(unconditional_recursion, reason = "it overflows the stack")]
fn overflow(depth: i64) -> i64 {
    let room = std::hint::black_box([depth; 1000]);
    overflow(depth + 1) + room[usize::try_from(depth % 1000).unwrap_or(0)]
}

#[structure]
struct Count {
    to: i64,
}

#[structure]
struct Number {
    n: i64,
}

/// Counts.
#[model(name = "mpi::count")]
fn count(state: State<Count>) -> impl Iterator<Item = State<Number>> {
    let to = state.data.to;
    (0..to).map(move |n| state.with(Number { n }))
}

/// Runs the command line.
pub(crate) fn runner() -> ExitCode {
    static MARKER: [u8; MARKER_LENGTH] = marker();
    start(&Start {
        marker: &MARKER,
        package: "mpi",
        version: "1.0.0",
        module: "mpi",
        manifest_dir: option_env!("CARGO_MANIFEST_DIR"),
        workspace_root: "../..",
        is_test: false,
        is_test_target: false,
    })
}
