//! A service in a process of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::RUNNER;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// What it has printed.
    printed: Arc<Mutex<String>>,
}

/// A runner with these words, not started yet.
pub(crate) fn runner(words: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["ATHENA_TOKEN", "ADD", "KEY", "RUST_LOG", "LOG_LEVEL"] {
        command.env_remove(name);
    }
    command.env(RUNNER, "1").args(words).stdin(Stdio::null());
    command
}

/// A runner that is to end by itself.
pub(crate) fn ended(command: &mut Command) -> (i32, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code().unwrap_or(-1), String::from_utf8(stderr).unwrap())
}

impl Server {
    /// Serves on a free port of loopback, with more words.
    pub(crate) fn start(words: &[&str]) -> Self {
        Self::spawn(runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "0s"]).args(words))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut printed = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("it ended: {printed}")).unwrap();
            printed.push_str(&line);
            printed.push('\n');
            if let Some(address) = line.strip_prefix("serving on ") {
                break address.split("//").nth(1).unwrap().parse().unwrap();
            }
        };
        let printed = Arc::new(Mutex::new(printed));
        let kept = Arc::clone(&printed);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut kept = kept.lock().unwrap();
                kept.push_str(&line);
                kept.push('\n');
            }
        });
        Self { child, address, printed }
    }

    /// What it has printed, once that has this text.
    pub(crate) fn printed(&self, text: &str) -> String {
        let began = Instant::now();
        loop {
            let printed = self.printed.lock().unwrap().clone();
            if printed.contains(text) {
                return printed;
            }
            assert!(began.elapsed() < Duration::from_secs(10), "no {text:?} in {printed}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// How it ends.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// The most memory it has had, in MB.
    pub(crate) fn peak(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
