//! `cargo athena record --generate` of models that take memory, wait, leave threads behind or draw lots.

use std::time::{Duration, Instant};

use crate::support::{Outcome, Project};

const MODELS: &str = r#"use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

use athena_rt::prelude::*;

#[structure]
struct Count {
    n: u64,
}

/// Under mutants the text doubles without end, or numbers and blocks are taken until a limit stops it.
#[model]
fn grows(state: State<Count>) -> State<Count> {
    let n = state.data.n;
    let mut text = format!("{n}.");
    while text.len() < least(n) {
        text.push_str(&text.clone());
    }
    let numbers: Vec<u64> = (0..).take_while(|at| is_below(*at, n)).collect();
    let (mut blocks, mut left) = (Vec::new(), n % 20);
    while left > 0 {
        blocks.push(vec![n; 1 << 10]);
        left -= 1;
    }
    let n = text.len() + 2 * numbers.len() + 3 * blocks.len();
    state.with(Count { n: n as u64 })
}

fn least(n: u64) -> usize {
    (n % 100) as usize
}

fn is_below(at: u64, n: u64) -> bool {
    at < n % 10
}

/// Waits for a clock in each run, and nothing notices its mutants.
#[model]
fn waits(state: State<Count>) -> State<Count> {
    std::thread::sleep(Duration::from_millis(10));
    look(state.data.n);
    state.with(Count { n: 0 })
}

fn look(n: u64) {
    std::hint::black_box(n > 3);
}

fn sum(n: u64) -> u64 {
    let mut sum = 0;
    for at in 0..2_000 {
        if at % 3 == n % 3 {
            sum += at;
        }
    }
    sum
}

fn size(n: u64) -> u64 {
    if n > 7 { 1 } else { 0 }
}

/// Its threads end a little later than the call.
#[model]
fn late(state: State<Count>) -> State<Count> {
    let n = state.data.n;
    std::thread::spawn(move || std::hint::black_box(sum(n)));
    state.with(Count { n: size(n) })
}

/// Its thread never ends.
#[model]
fn forever(state: State<Count>) -> State<Count> {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        std::thread::spawn(|| {
            for n in 0.. {
                std::hint::black_box(sum(n));
            }
        });
    });
    state.with(Count { n: size(state.data.n) })
}

/// One time in ten its outcome is another one.
#[model]
fn seldom(state: State<Count>) -> State<Count> {
    let drawn = std::collections::hash_map::RandomState::new().build_hasher().finish();
    state.with(Count { n: u64::from(drawn % 10 == 0) })
}

athena_rt::main!();
"#;

/// How long a search may take, on a loaded machine too. That of `waits` would take ten minutes without a limit.
const LONG: Duration = Duration::from_mins(3);

fn generate(project: &Project, model: &str) -> Outcome {
    let began = Instant::now();
    let made = project.athena(&["record", "--generate", model]);
    let took = began.elapsed();
    assert!(took < LONG, "{model} took {took:?}: {}", made.err);
    made
}

#[test]
#[ignore = "builds and searches a program with mutants; `cargo test -p cargo-athena --test functional -- --ignored`"]
fn models_that_take_memory_wait_or_leave_threads_behind_are_searched_in_minutes() {
    let project = Project::bin("hostile");
    project.write("src/main.rs", MODELS);
    // Builds it with its mutants, which is not timed.
    project.athena(&["record", "--generate", "late", "--cases", "1", "--dry-run"]).exits(0);
    let suite = |model: &str| format!("fixtures/hostile/{model}/generated.jsonl");

    // Each mutant that takes memory without end is caught, and the model as it is has no finding.
    let made = generate(&project, "grows");
    made.exits(0).never_says("finding");
    let first = project.read(&suite("grows"));
    std::fs::remove_file(project.path(&suite("grows"))).unwrap();
    generate(&project, "grows").exits(0);
    assert_eq!(project.read(&suite("grows")), first);
    project.athena(&["test", "grows"]).exits(0);

    generate(&project, "waits").exits(0).says("the time limit ended the search");

    // What the thread of a call runs is code of that call, and of no other.
    generate(&project, "late").exits(0).never_says("work on after it has returned");
    let first = project.read(&suite("late"));
    std::fs::remove_file(project.path(&suite("late"))).unwrap();
    project.athena(&["record", "--generate", "late", "--jobs", "1"]).exits(0);
    assert_eq!(project.read(&suite("late")), first);
    let forever = generate(&project, "forever");
    forever.exits(0).says("threads of the model work on after it has returned");

    // By luck the runs of a search may agree.
    generate(&project, "seldom").exits(1).says("had different outcomes");
    assert!(!project.has(&suite("seldom")));
}
