//! A real `nats-server` for tests.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::address::Address;
use crate::open;

/// A server on a free port, with its own folder. It is killed when it is dropped.
pub(crate) struct NatsServer {
    folder: TempDir,
    port: u16,
    more: Vec<String>,
    child: Child,
}

impl NatsServer {
    /// Starts a server with `JetStream`.
    pub(crate) fn start() -> Self {
        Self::start_with(&["-js"])
    }

    /// Starts a server with these options.
    pub(crate) fn start_with(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let more: Vec<String> = more.iter().map(|option| (*option).to_owned()).collect();
        let child = spawn(folder.path(), port, &more);
        Self { folder, port, more, child }
    }

    /// The URL of a queue.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("nats://127.0.0.1:{}/{name}", self.port)
    }

    /// The queue of this name there.
    pub(crate) fn address(&self, name: &str) -> Address {
        open::address(&self.url(name)).unwrap()
    }

    /// The folder of a stream: `msgs`, and its consumers in `obs`.
    pub(crate) fn state_of(&self, stream: &str) -> PathBuf {
        self.folder.path().join("jetstream/$G/streams").join(stream)
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops it gracefully.
    pub(crate) fn stop(&mut self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("nats-server").arg("--signal").arg(format!("quit={pid}")).status();
        assert!(asked.unwrap().success());
        self.child.wait().unwrap();
    }

    /// Starts it again with the same port and data.
    pub(crate) fn restart(&mut self) {
        let _ = self.child.kill();
        self.child.wait().unwrap();
        self.child = spawn(self.folder.path(), self.port, &self.more);
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &Path, port: u16, more: &[String]) -> Child {
    let log = folder.join("log");
    let child = Command::new("nats-server")
        .args(["-a", "127.0.0.1", "-p", &port.to_string()])
        .arg("-sd")
        .arg(folder)
        .arg("-l")
        .arg(&log)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut child = child.unwrap_or_else(|error| {
        panic!("can't start nats-server: {error}\nhelp: apt-get install -y nats-server")
    });
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        let log = || std::fs::read_to_string(&log).unwrap_or_default();
        if let Some(status) = child.try_wait().unwrap() {
            panic!("nats-server ended with {status}:\n{}", log());
        }
        assert!(start.elapsed() < Duration::from_secs(30), "nats-server is slow:\n{}", log());
        sleep(Duration::from_millis(20));
    }
    child
}
