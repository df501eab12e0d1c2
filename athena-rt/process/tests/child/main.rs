//! A real model process and its parent. This program is both: with `ATHENA_MODEL_PROCESS` set it is the
//! child, which does what a request says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]
#![cfg(unix)]

use std::io::Write as _;
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
        ("requests_that_the_pipe_has_no_room_for_arrive_in_their_order", many),
        ("a_crash_and_an_exit_are_faults_and_a_kill_is_not", ends),
        ("what_runs_too_long_is_named", late),
        ("a_process_that_takes_too_much_memory_says_so_and_ends", large),
        ("a_silent_process_is_killed", silent),
        ("a_perturbed_process_has_another_time_zone_and_folder", perturbed),
        ("what_a_process_printed_is_kept", printed),
        ("a_process_that_stops_itself_is_ended", stopped),
        ("a_process_that_closes_its_pipe_is_ended", closed),
        ("nothing_is_written_to_a_file_that_got_the_number_of_the_pipe", reused),
        ("half_a_frame_is_not_waited_for", torn),
        ("what_a_model_has_started_ends_with_its_process", group),
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
            kill("-9");
            std::thread::sleep(PATIENCE);
        }
        "stop" => kill("-STOP"),
        "close" => {
            close_pipe();
            std::thread::sleep(PATIENCE);
        }
        "reuse" => {
            let path = close_pipe();
            std::mem::forget(std::fs::File::create(path).unwrap());
        }
        "tear" => {
            let pipe = format!("/proc/self/fd/{}", pipe_number());
            let mut pipe = std::fs::OpenOptions::new().write(true).open(pipe).unwrap();
            let config = std::env::var("ATHENA_MODEL_PROCESS").unwrap();
            let nonce = config.split('"').nth(3).unwrap();
            pipe.write_all(&[nonce.as_bytes(), &[0, 0, 0, 0, 1, 0, 0, 0], b"half"].concat())
                .unwrap();
            std::thread::sleep(PATIENCE);
        }
        "start" => {
            #[expect(clippy::zombie_processes, reason = "it outlives the request")]
            let child = std::process::Command::new("sleep").arg("3600").spawn().unwrap();
            return child.id().to_string();
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

fn kill(signal: &str) {
    let id = std::process::id().to_string();
    let _ = std::process::Command::new("kill").args([signal, &id]).status();
}

/// The number of the handle that responses are written to: the higher of the two pipes.
fn pipe_number() -> i32 {
    let is_pipe = |number: &i32| {
        let target = std::fs::read_link(format!("/proc/self/fd/{number}")).unwrap_or_default();
        target.to_string_lossy().starts_with("pipe:")
    };
    let writable = |number: &i32| {
        let flags = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap();
        flags.lines().any(|line| line.starts_with("flags:") && line.ends_with('1'))
    };
    (3..20).filter(is_pipe).find(writable).unwrap()
}

/// Closes the pipe as a model may do it. Returns a path for a file of its own.
fn close_pipe() -> std::path::PathBuf {
    rustix::stdio::dup2_stderr(std::fs::File::open("/dev/null").unwrap()).unwrap();
    let number = pipe_number();
    #[allow(unsafe_code, reason = "what a model may do")]
    drop(unsafe { <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(number) });
    std::env::temp_dir().join(format!("athena-reused-{}", std::process::id()))
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

/// More requests than the pipe has room for.
fn many() {
    let mut process = plain("first");
    let text = |number: usize| format!("{number} {}", "z".repeat(1_000));
    for number in 0..2_000 {
        process.send(&Request { id: 9, model: 0, meta: &[], body: text(number).as_bytes() });
    }
    assert_eq!(done(&mut process), "model: first");
    for number in 0..2_000 {
        assert!(done(&mut process) == format!("model: {}", text(number)), "{number}");
    }
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
    let Some(Response::OutOfMemory { running: Some((9, 3)), bytes }) = Response::read(&bytes)
    else {
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

fn stopped() {
    let began = Instant::now();
    let exit = exit(&mut plain("stop"));
    let stopped = "was stopped by signal 19 (SIGSTOP) and did not continue";
    assert_eq!(exit, ProcessExit::Fault(stopped.to_owned()));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

fn closed() {
    let began = Instant::now();
    // It finds out when it reports next.
    let closed = "exited with code 1 before it was done";
    assert_eq!(exit(&mut plain("close")), ProcessExit::Fault(closed.to_owned()));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

fn reused() {
    let mut process = plain("reuse");
    let id = process.id();
    let exit = exit(&mut process);
    let path = std::env::temp_dir().join(format!("athena-reused-{id}"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "");
    std::fs::remove_file(path).unwrap();
    assert_eq!(exit, ProcessExit::Fault("exited with code 1 before it was done".to_owned()));
}

fn torn() {
    let began = Instant::now();
    assert_eq!(exit(&mut plain("tear")), ProcessExit::Fault("sent half a frame".to_owned()));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

fn group() {
    let is_there = |id: &str| {
        let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        !state.is_empty() && !state.contains(") Z ")
    };
    for is_done in [true, false] {
        let mut process = plain("start");
        let id = done(&mut process);
        assert!(is_there(&id));
        process.stop(is_done);
        let began = Instant::now();
        while is_there(&id) && began.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert!(!is_there(&id), "{id}, {is_done}");
    }
}
