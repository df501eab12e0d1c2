//! A service in a separate process.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::RUNNER;

pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The output so far.
    printed: Arc<Mutex<String>>,
}

/// The command of a runner with these arguments.
pub(crate) fn runner(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in ["ATHENA_TOKEN", "ADD", "KEY", "RUST_LOG", "LOG_LEVEL"] {
        command.env_remove(name);
    }
    command.env(RUNNER, "1").args(arguments).stdin(Stdio::null());
    command
}

/// Waits for a runner that ends by itself.
pub(crate) fn ended(command: &mut Command) -> (i32, String) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code().unwrap_or(-1), String::from_utf8(stderr).unwrap())
}

impl Server {
    /// Serves on a free port of loopback, with further arguments.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(runner(&["serve", "--listen", "127.0.0.1:0", "--grace", "0s"]).args(arguments))
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

    /// The output, once it contains this text.
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
        self.signal("TERM");
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let name = format!("-{name}");
        assert!(Command::new("kill").args([&name, &id]).status().unwrap().success());
    }

    /// Waits for the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// The peak of memory in MB.
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
