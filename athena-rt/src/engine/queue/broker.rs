//! Real brokers for tests: each on a free port of this machine, gone with the test.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A broker that keeps its data in a folder.
pub(super) struct Broker {
    kind: Kind,
    port: u16,
    folder: TempDir,
    process: Option<Child>,
}

/// A program, and how one knows that it answers.
#[derive(Clone, Copy)]
enum Kind {
    Redis,
    Nats,
}

impl Broker {
    /// Starts `redis-server`, which writes down whatever it is told.
    pub(super) fn redis() -> Self {
        Self::new(Kind::Redis)
    }

    /// Starts `nats-server`, with streams.
    pub(super) fn nats() -> Self {
        Self::new(Kind::Nats)
    }

    fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut broker = Self { kind, port: 0, folder, process: None };
        // Another test may take a port that was free a moment ago.
        for _ in 0..10 {
            broker.port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if broker.try_start() {
                return broker;
            }
        }
        panic!("{} does not start: {}", kind.program(), broker.log());
    }

    /// What a stream there is called.
    pub(super) fn url(&self, name: &str) -> String {
        format!("{}://127.0.0.1:{}/{name}", self.kind.scheme(), self.port)
    }

    /// Kills it, as a crash of the machine would, but for what the system had not written yet.
    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Starts it again, at the same port with the same data.
    pub(super) fn start(&mut self) {
        assert!(self.process.is_none(), "it runs");
        assert!(self.try_start(), "{} does not start: {}", self.kind.program(), self.log());
    }

    /// Its process, as the system calls it.
    #[cfg(all(unix, feature = "redis"))]
    pub(super) fn id(&self) -> u32 {
        self.process.as_ref().unwrap().id()
    }

    fn try_start(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(self.log_file()).unwrap();
        let mut command = self.kind.command(self.port, self.folder.path());
        let command = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let process = match command.spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                panic!("{} is missing: apt-get install -y {0}", self.kind.program())
            }
            process => process.unwrap(),
        };
        let process = self.process.insert(process);
        let end = Instant::now() + Duration::from_secs(20);
        while Instant::now() < end && process.try_wait().unwrap().is_none() {
            if self.kind.answers(self.port) && process.try_wait().unwrap().is_none() {
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

    fn log_file(&self) -> std::path::PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Redis => "redis-server",
            Self::Nats => "nats-server",
        }
    }

    fn scheme(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Nats => "nats",
        }
    }

    fn command(self, port: u16, folder: &Path) -> Command {
        let port = port.to_string();
        let mut command = Command::new(self.program());
        match self {
            Self::Redis => command
                .args(["--port", &port, "--bind", "127.0.0.1", "--save", ""])
                .args(["--appendonly", "yes", "--dir"])
                .arg(folder),
            Self::Nats => command.args(["-a", "127.0.0.1", "-p", &port, "-js", "-sd"]).arg(folder),
        };
        command
    }

    fn answers(self, port: u16) -> bool {
        let Ok(mut connection) = TcpStream::connect(("127.0.0.1", port)) else { return false };
        connection.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        let (question, expected) = match self {
            Self::Redis => ("PING\r\n", "+PONG"),
            Self::Nats => ("", "INFO "),
        };
        let mut answer = [0; 5];
        connection.write_all(question.as_bytes()).is_ok()
            && connection.read_exact(&mut answer).is_ok()
            && answer == expected.as_bytes()
    }
}
