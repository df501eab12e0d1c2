//! Runs runners in their own processes.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::RUNNER;

/// A runner with these arguments, not started yet.
pub(crate) fn runner(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["ADD", "KEY", "RUST_LOG", "LOG_LEVEL", "CI"] {
        command.env_remove(name);
    }
    command.env(RUNNER, "1").args(arguments).stdin(Stdio::null());
    command
}

/// The result of a runner that has exited.
pub(crate) struct Finished {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) stderr: String,
}

impl Finished {
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}", self.stderr);
        self
    }
}

pub(crate) fn run_to_end(command: &mut Command) -> Finished {
    let Output { status, stdout, stderr } = command.output().unwrap();
    Finished {
        code: status.code().unwrap_or(-1),
        out: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
    }
}

/// Submits messages to a queue.
pub(crate) fn submit(model: &str, to: &str, messages: impl Iterator<Item = String>) {
    let mut file = NamedTempFile::new().unwrap();
    for message in messages {
        writeln!(file, "{message}").unwrap();
    }
    let path = file.path().to_str().unwrap();
    run_to_end(&mut runner(&["submit", model, "--messages", path, "--to", to])).expect_code(0);
}

/// Collects all outcomes of a queue.
pub(crate) fn collect(from: &str) -> Vec<Value> {
    lines(&run_to_end(&mut runner(&["collect", "--from", from])).expect_code(0).out)
}

/// The dead letters of a queue.
pub(crate) fn dead(from: &str) -> Vec<Value> {
    lines(&run_to_end(&mut runner(&["collect", "--dead", "--from", from])).expect_code(0).out)
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The number of outcomes per id, and the outcomes without a value.
pub(crate) fn by_id(outcomes: &[Value]) -> (BTreeMap<i64, usize>, Vec<&Value>) {
    let mut seen = BTreeMap::new();
    let mut others = Vec::new();
    for outcome in outcomes {
        match outcome["id"].as_i64() {
            Some(id) => {
                assert_eq!(outcome["value"], id + 1, "{outcome}");
                *seen.entry(id).or_default() += 1;
            }
            None => others.push(outcome),
        }
    }
    (seen, others)
}

/// A running worker. It is killed when it is dropped.
pub(crate) struct Worker {
    child: Child,
    /// What it said, where it was asked to keep that.
    said: Option<NamedTempFile>,
}

impl Worker {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let said = NamedTempFile::new().unwrap();
        let mut command = runner(&["work"]);
        command.args(arguments).stdout(Stdio::null()).stderr(said.reopen().unwrap());
        let mut worker = Self::spawn(&mut command);
        worker.said = Some(said);
        worker
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap(), said: None }
    }

    /// Starts it and waits until it is likely to have taken messages.
    pub(crate) fn at_work(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        while !lines.next().unwrap().unwrap().starts_with("working on ") {}
        std::thread::spawn(move || lines.for_each(drop));
        std::thread::sleep(Duration::from_secs(1));
        Self { child, said: None }
    }

    /// Kills it with -9.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for its exit code.
    #[track_caller]
    pub(crate) fn wait(&mut self, patience: Duration) -> Option<i32> {
        let began = Instant::now();
        while began.elapsed() < patience {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it runs on; it said last:\n{}", self.last_words());
    }

    /// What it said so far.
    pub(crate) fn said(&self) -> String {
        let said = self.said.as_ref().map(|file| std::fs::read(file.path()).unwrap());
        String::from_utf8_lossy(&said.unwrap_or_default()).into_owned()
    }

    /// The end of what it said.
    fn last_words(&self) -> String {
        let said = self.said();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
