//! A real `redis-server` for tests.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A server on a free port that persists every write. It is killed when it is dropped.
pub(crate) struct RedisServer {
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts `redis-server`.
    pub(crate) fn redis() -> Self {
        let mut broker = Self { port: 0, folder: tempfile::tempdir().unwrap(), process: None };
        // Another test may take a port that was free a moment ago.
        for _ in 0..10 {
            broker.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if broker.try_start() {
                return broker;
            }
        }
        panic!("redis-server does not start: {}", broker.log());
    }

    /// The URL of a stream.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("redis://127.0.0.1:{}/{name}", self.port)
    }

    /// Kills it with SIGKILL.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it again with the same port and data.
    pub(crate) fn start(&mut self) {
        assert!(self.process.is_none(), "it runs");
        assert!(self.try_start(), "redis-server does not start: {}", self.log());
    }

    /// The id of its process.
    #[cfg(unix)]
    pub(crate) fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    fn try_start(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let process = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--appendonly", "yes", "--dir"])
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn();
        let process = match process {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("redis-server is missing: apt-get install -y redis-server")
            }
            process => self.process.insert(process.unwrap()),
        };
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end && process.try_wait().unwrap().is_none() {
            if answers(self.port) && process.try_wait().unwrap().is_none() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.kill();
        false
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether it answers, which it does not while it loads its data.
fn answers(port: u16) -> bool {
    let Ok(mut connection) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    connection.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    let mut answer = [0; 5];
    connection.write_all(b"PING\r\n").is_ok()
        && connection.read_exact(&mut answer).is_ok()
        && answer == *b"+PONG"
}
