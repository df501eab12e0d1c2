//! A broker in its own process, on a free port, which keeps its data when it is killed.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{postgres, rabbitmq};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BrokerKind {
    Redis,
    Nats,
    Sqlite,
    Postgres,
    Amqp,
}

impl BrokerKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Nats => "nats",
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Amqp => "amqp",
        }
    }
}

pub(crate) struct Broker {
    pub(crate) kind: BrokerKind,
    pub(crate) port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Broker {
    pub(crate) fn start(kind: BrokerKind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut broker = Self { kind, port: free_port(), folder, child: None };
        broker.restart();
        broker
    }

    /// Starts it with the same port and data. A file has no server.
    pub(crate) fn restart(&mut self) {
        let port = self.port.to_string();
        let folder = self.folder.path().to_str().unwrap();
        let (program, arguments) = match self.kind {
            BrokerKind::Redis => (
                "redis-server",
                vec![
                    "--port",
                    &port,
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--dir",
                    folder,
                    "--appendonly",
                    "yes",
                    "--appendfsync",
                    "always",
                ],
            ),
            BrokerKind::Nats => {
                ("nats-server", vec!["-a", "127.0.0.1", "-p", &port, "-js", "-sd", folder])
            }
            BrokerKind::Sqlite => return,
            BrokerKind::Postgres => return postgres::start(self.folder.path(), self.port),
            BrokerKind::Amqp => {
                self.child = Some(rabbitmq::start(self.folder.path(), self.port));
                return;
            }
        };
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().unwrap_or_else(|error| {
            panic!("{program}: {error}; install it: apt-get install -y {program}")
        });
        self.child = Some(child);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "{program} does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Kills it with -9.
    pub(crate) fn kill(&mut self) {
        if self.kind == BrokerKind::Postgres {
            postgres::stop(self.folder.path());
        }
        if let (BrokerKind::Amqp, Some(child)) = (self.kind, &self.child) {
            rabbitmq::kill(child, self.port);
        }
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            child.wait().unwrap();
        }
    }

    pub(crate) fn url(&self, name: &str) -> String {
        self.url_at(self.port, name)
    }

    /// The URL through a proxy at this port.
    pub(crate) fn url_at(&self, port: u16, name: &str) -> String {
        match self.kind {
            BrokerKind::Sqlite => format!("sqlite:{}?queue={name}", self.file().display()),
            BrokerKind::Postgres => {
                format!("postgres://postgres@127.0.0.1:{port}/postgres?queue={name}")
            }
            BrokerKind::Amqp => format!("amqp://guest:guest@127.0.0.1:{port}/%2f?queue={name}"),
            _ => format!("{}://127.0.0.1:{port}/{name}", self.kind.name()),
        }
    }

    /// The file of `SQLite`.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("tasks.db")
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
