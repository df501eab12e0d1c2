//! A real model process and its parent. This program is both: with `ATHENA_MODEL_PROCESS` set it is the
//! child, which does what a request says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![cfg(unix)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use athena_core::error::{Error, Result};
use athena_process::{
    ModelProcess, Parent, ProcessConfig, ProcessEvent, ProcessExit, Request, Response,
    SpawnOptions, Stderr,
};
use libtest_mimic::{Arguments, Trial};

const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    if let Some(config) = ProcessConfig::from_environment().unwrap() {
        // What a program prints before it knows what it is.
        println!("{{\"not\": \"a frame\"}}");
        return match run_child(config) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        };
    }
    let tests: &[(&str, fn())] = &[
        ("requests_are_answered_whatever_a_model_prints_or_reads", answers),
        ("settings_that_can_not_be_used_are_reported", wrong_settings),
        ("a_crash_and_an_exit_are_faults_and_a_kill_is_not", ends),
        ("what_runs_too_long_is_named", late),
        ("a_process_that_takes_too_much_memory_says_so_and_ends", large),
        ("a_silent_process_is_killed", silent),
        ("a_perturbed_process_has_another_time_zone_and_folder", perturbed),
        ("what_a_process_printed_is_kept", printed),
    ];
    let trial = |&(name, test): &(&str, fn())| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let trials = tests.iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Does what requests say, with one thread.
fn run_child(config: ProcessConfig) -> Result<()> {
    let mut parent = Parent::connect(config)?;
    let open = |name: String| match name.as_str() {
        "wrong" => Err(Error::usage("no such model")),
        _ => Ok(name),
    };
    let Some(settings) = parent.open(open)? else { return Ok(()) };
    let (watchdog, responses) = (parent.watch(Duration::from_millis(10)), parent.responses());
    let mut frame = Vec::new();
    while parent.next(&mut frame)? {
        let Request { id, body, .. } = Request::read(&frame).unwrap();
        let text = std::str::from_utf8(body).unwrap();
        watchdog.begin(0, id, 3);
        let done = act(text, &settings);
        watchdog.end(0);
        responses.send(&Response::Done { id, nanos: 1, status: 2, body: done.as_bytes() });
    }
    Ok(())
}

fn act(text: &str, settings: &str) -> String {
    match text {
        "print" => {
            println!("printed\n{}", "x".repeat(100_000));
            eprintln!("printed to stderr");
        }
        "read" => return std::io::read_to_string(std::io::stdin()).unwrap(),
        "abort" => std::process::abort(),
        "exit" => std::process::exit(7),
        "kill" => {
            let id = std::process::id().to_string();
            let _ = std::process::Command::new("kill").args(["-9", &id]).status();
            std::thread::sleep(PATIENCE);
        }
        "hang" => std::thread::sleep(Duration::from_hours(1)),
        "eat" => {
            let mut held = Vec::new();
            loop {
                held.push(std::hint::black_box(vec![1_u8; 1 << 20]));
                std::thread::sleep(Duration::from_micros(200));
            }
        }
        "where" => {
            let zone = std::env::var("TZ").unwrap_or_default();
            return format!("{zone} {}", std::env::current_dir().unwrap().display());
        }
        _ => {}
    }
    format!("{settings}: {text}")
}

/// A process with these limits that has been asked to do something.
fn start(limits: &ProcessConfig, options: &SpawnOptions, request: &str) -> ModelProcess {
    let config = ProcessConfig { role: "test".to_owned(), threads: 1, ..limits.clone() };
    let mut process = ModelProcess::start(&config, options, &"model").unwrap();
    let ready = process.next_within(PATIENCE).unwrap();
    assert_eq!(Response::read(&ready), Some(Response::Ready));
    process.send(&Request { id: 9, model: 0, meta: &[], body: request.as_bytes() });
    process
}

fn plain(request: &str) -> ModelProcess {
    let options = SpawnOptions { stderr: Stderr::Discard, ..SpawnOptions::default() };
    start(&ProcessConfig::default(), &options, request)
}

/// The next response, other than that the process is at work.
fn response(process: &mut ModelProcess) -> Vec<u8> {
    loop {
        let bytes = process.next_within(PATIENCE).unwrap();
        if Response::read(&bytes) != Some(Response::Alive) {
            return bytes;
        }
    }
}

/// What came of the request.
fn done(process: &mut ModelProcess) -> String {
    let bytes = response(process);
    let Some(Response::Done { id: 9, nanos: 1, status: 2, body }) = Response::read(&bytes) else {
        panic!("{bytes:?}");
    };
    String::from_utf8(body.to_vec()).unwrap()
}

fn exit(process: &mut ModelProcess) -> ProcessExit {
    loop {
        match process.next_within(PATIENCE) {
            Ok(bytes) => assert_eq!(Response::read(&bytes), Some(Response::Alive)),
            Err(exit) => return exit,
        }
    }
}

fn answers() {
    let mut process = plain("one");
    assert_eq!(done(&mut process), "model: one");
    let large = "y".repeat(3 << 20);
    for (request, wanted) in [("print", "model: print"), ("read", ""), (&large, "")] {
        process.send_shared(&Request { id: 9, model: 0, meta: &[], body: &[] }, request.to_owned());
        let found = done(&mut process);
        let wanted = if request == large { format!("model: {large}") } else { wanted.to_owned() };
        assert!(found == wanted, "{} bytes", found.len());
    }
    assert!(matches!(process.next(Duration::from_millis(1)), ProcessEvent::Nothing));
    assert_eq!(process.stop(true), None);
}

fn wrong_settings() {
    let config = ProcessConfig::new("test", 1);
    let mut process = ModelProcess::start(&config, &SpawnOptions::default(), &"wrong").unwrap();
    let bytes = process.next_within(PATIENCE).unwrap();
    let failed = Response::Failed { exit: 2, message: "no such model" };
    assert_eq!(Response::read(&bytes), Some(failed));
}

fn ends() {
    let fault = |text: &str| ProcessExit::Fault(text.to_owned());
    let abort = "was killed by signal 6 (SIGABRT: abort, or a stack overflow)";
    assert_eq!(exit(&mut plain("abort")), fault(abort));
    assert_eq!(exit(&mut plain("exit")), fault("exited with code 7 before it was done"));
    let kill = ProcessExit::Killed("was killed by signal 9 (SIGKILL)".to_owned());
    assert_eq!(exit(&mut plain("kill")), kill);
}

fn late() {
    let limits = ProcessConfig { timeout_ms: Some(200), ..ProcessConfig::default() };
    let mut process = start(&limits, &SpawnOptions::default(), "hang");
    let bytes = response(&mut process);
    assert_eq!(Response::read(&bytes), Some(Response::TimedOut { id: 9, index: 3 }));
    assert!(matches!(exit(&mut process), ProcessExit::Fault(_)));
}

fn large() {
    const LIMIT: u64 = 100_000_000;
    let limits = ProcessConfig { memory_limit: Some(LIMIT), ..ProcessConfig::default() };
    let mut process = start(&limits, &SpawnOptions::default(), "eat");
    let bytes = response(&mut process);
    let Some(Response::OutOfMemory { id: Some(9), bytes }) = Response::read(&bytes) else {
        panic!("{bytes:?}");
    };
    assert!(bytes > LIMIT, "{bytes}");
    assert!(matches!(exit(&mut process), ProcessExit::Fault(_)));
}

fn silent() {
    let mut process = plain("hang");
    let began = Instant::now();
    // It says that it is alive, but not as often as that.
    let exit = process.next_within(Duration::from_millis(300)).unwrap_err();
    assert!(exit.to_string().starts_with("did not respond for 300ms"), "{exit}");
    assert!(began.elapsed() < PATIENCE);
}

fn perturbed() {
    let options = SpawnOptions { perturbed: true, ..SpawnOptions::default() };
    let place = done(&mut start(&ProcessConfig::default(), &options, "where"));
    let here = std::env::current_dir().unwrap();
    let (zone, folder) = place.split_once(' ').unwrap();
    assert_ne!(zone, std::env::var("TZ").unwrap_or_default());
    assert_ne!(folder, here.display().to_string());
}

fn printed() {
    let options = SpawnOptions { stderr: Stderr::Capture, ..SpawnOptions::default() };
    let mut process = start(&ProcessConfig::default(), &options, "print");
    done(&mut process);
    process.send(&Request { id: 9, model: 0, meta: &[], body: b"abort" });
    exit(&mut process);
    let output = process.output();
    assert!(output.starts_with("printed\nxxx"), "{output}");
    assert!(output.ends_with("printed to stderr"), "{output}");
}
