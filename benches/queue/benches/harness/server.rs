//! A broker that is started for the benchmark and stopped afterwards.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use athena_bench_support::MESSAGE;
use athena_rt::queue::{Envelope, queues};
use tempfile::TempDir;

use super::{postgres, rabbitmq};

/// The number of messages that are stored at once.
const AT_ONCE: usize = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broker {
    Sqlite,
    Postgres,
    RabbitMq,
    Redis,
    Nats,
}

impl Broker {
    pub(crate) const ALL: [Self; 5] =
        [Self::Redis, Self::Nats, Self::Sqlite, Self::Postgres, Self::RabbitMq];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::RabbitMq => "RabbitMQ",
            Self::Redis => "Redis",
            Self::Nats => "JetStream",
        }
    }
}

pub(crate) struct Server {
    pub(crate) broker: Broker,
    port: u16,
    process: Option<Child>,
    /// Its data.
    folder: TempDir,
}

type ServerResult<T> = Result<T, String>;

impl Server {
    /// Starts a broker and waits for it.
    pub(crate) fn start(broker: Broker) -> ServerResult<Self> {
        let folder = tempfile::tempdir().map_err(to_message)?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(to_message)?.port();
        let process = match broker {
            Broker::Sqlite => None,
            Broker::Postgres => {
                postgres::start(folder.path(), port);
                None
            }
            Broker::RabbitMq => Some(rabbitmq::start(folder.path(), port)),
            Broker::Redis | Broker::Nats => Some(spawn(broker, folder.path(), port)?),
        };
        Ok(Self { broker, port, process, folder })
    }

    /// Its process, if it is one: `PostgreSQL` has one for each connection, and `RabbitMQ` is started by a
    /// script.
    pub(crate) fn process(&self) -> Option<u32> {
        let process = self.process.as_ref()?;
        (self.broker != Broker::RabbitMq).then(|| process.id())
    }

    /// The URL of a queue.
    pub(crate) fn url(&self, name: &str) -> String {
        let port = self.port;
        match self.broker {
            Broker::Sqlite => {
                format!("sqlite:{}/tasks.db?queue={name}", self.folder.path().display())
            }
            Broker::Postgres => {
                format!("postgres://postgres@127.0.0.1:{port}/postgres?queue={name}")
            }
            Broker::RabbitMq => format!("amqp://guest:guest@127.0.0.1:{port}/%2f?queue={name}"),
            Broker::Redis => format!("redis://127.0.0.1:{port}/{name}"),
            Broker::Nats => format!("nats://127.0.0.1:{port}/{name}"),
        }
    }

    /// The URL of the server, for Celery.
    pub(crate) fn address(&self) -> String {
        match self.broker {
            Broker::RabbitMq => format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.port),
            _ => format!("redis://127.0.0.1:{}", self.port),
        }
    }

    /// The URL of the outcomes of a queue.
    pub(crate) fn outcomes(&self, name: &str) -> String {
        let separator = if self.broker == Broker::Nats { "." } else { ":" };
        self.url(&format!("{name}{separator}outcomes"))
    }

    /// Makes a queue with so many messages, and that of their outcomes.
    pub(crate) async fn fill(&self, name: &str, count: usize) -> ServerResult<()> {
        let open = async |url: &str| queues::producer(&queues::address(url)?).await;
        open(&self.outcomes(name)).await.map_err(to_message)?;
        let producer = open(&self.url(name)).await.map_err(to_message)?;
        let all: Vec<Envelope> = (0..count).map(message).collect();
        for some in all.chunks(AT_ONCE) {
            producer.store(some).await.map_err(to_message)?;
        }
        Ok(())
    }

    /// The number of outcomes.
    pub(crate) async fn done(&self, name: &str) -> ServerResult<usize> {
        let outcomes = queues::address(&self.outcomes(name)).map_err(to_message)?;
        let status = queues::status(&outcomes).await.map_err(to_message)?;
        usize::try_from(status.waiting).map_err(to_message)
    }

    /// Deletes everything in Redis.
    pub(crate) async fn empty(&self) -> ServerResult<()> {
        self.redis(0, &redis::cmd("FLUSHALL")).await
    }

    /// The number of results that Celery has stored in the second database of Redis.
    pub(crate) async fn results(&self) -> ServerResult<usize> {
        self.redis(1, &redis::cmd("DBSIZE")).await
    }

    async fn redis<T: redis::FromRedisValue>(
        &self,
        database: usize,
        command: &redis::Cmd,
    ) -> ServerResult<T> {
        let asked = async {
            let client = redis::Client::open(format!("{}/{database}", self.address()))?;
            command.query_async(&mut client.get_multiplexed_async_connection().await?).await
        };
        asked.await.map_err(|error: redis::RedisError| error.to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.broker == Broker::Postgres {
            postgres::stop(self.folder.path());
        }
        if let Some(mut process) = self.process.take() {
            if self.broker == Broker::RabbitMq {
                rabbitmq::kill(&process, self.port);
            }
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

pub(super) fn message(id: usize) -> Envelope {
    let mut message = Envelope::new(id.to_string(), MESSAGE);
    "bill".clone_into(&mut message.model);
    message
}

fn spawn(broker: Broker, folder: &Path, port: u16) -> ServerResult<Child> {
    let port_text = port.to_string();
    let mut command = if broker == Broker::Redis {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port_text]);
        command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder);
        command
    } else {
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port_text, "-js", "-sd"]).arg(folder);
        command
    };
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().map_err(|error| {
        let program = command.get_program().display().to_string();
        format!("{program}: {error}; apt-get install {program}")
    })?;
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if began.elapsed() > Duration::from_secs(20) {
            return Err(format!("{} does not start", broker.name()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(child)
}

pub(super) fn to_message(error: impl std::fmt::Display) -> String {
    error.to_string()
}
