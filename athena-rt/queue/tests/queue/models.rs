//! The models that workers run.

use std::process::ExitCode;
use std::time::Duration;

use athena_rt::__private::{MARKER_LENGTH, Start, marker, start};
use athena_rt::prelude::*;

#[environment]
struct Settings {
    /// Added to the id.
    #[default(1)]
    add: i64,
    /// Never shown.
    #[secret]
    key: Option<String>,
}

/// A task.
#[structure]
struct Task {
    id: i64,
    #[default(0)]
    value: i64,
    /// A failure to simulate.
    #[default(String::new())]
    act: String,
    /// How long the model sleeps.
    #[default(0)]
    wait_ms: u64,
}

/// Adds a setting to the id.
#[model(name = "queue::work")]
fn work(mut state: State<Task, Settings>) -> Result<State<Task, Settings>, String> {
    std::thread::sleep(Duration::from_millis(state.data.wait_ms));
    match state.data.act.as_str() {
        "panic" => panic!("poison {}", state.data.id),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(0),
        "hang" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        "fill" => {
            let mut held: Vec<Vec<u8>> = Vec::new();
            loop {
                held.push(vec![1; 8 << 20]);
            }
        }
        "refuse" => return Err(format!("refused {}", state.data.id)),
        _ => {}
    }
    println!("a model may print to stdout");
    let kept = state.env.key.as_ref().map_or(0, |key| i64::from(key.is_empty()));
    state.data.value = state.data.id + state.env.add + kept;
    Ok(state)
}

#[structure]
struct Count {
    to: i64,
}

#[structure]
struct Number {
    n: i64,
}

/// Counts to a number.
#[model(name = "queue::count")]
fn count(state: State<Count>) -> impl Iterator<Item = State<Number>> {
    (1..=state.data.to).map(move |n| state.with(Number { n }))
}

pub(crate) fn runner() -> ExitCode {
    static MARKER: [u8; MARKER_LENGTH] = marker();
    start(&Start {
        marker: &MARKER,
        package: "queue",
        version: "1.0.0",
        module: module_path!(),
        manifest_dir: None,
        workspace_root: "",
        is_test: false,
        is_test_target: false,
    })
}
