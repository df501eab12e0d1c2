//! A broker that is started for the benchmark and stopped afterwards.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy};
use athena_bench_support::{Ended, MESSAGE};
use redis::aio::MultiplexedConnection;
use tokio::sync::OnceCell;

use super::NAME;

/// The number of messages sent before waiting for their confirmations.
const AT_ONCE: usize = 1_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broker {
    Redis,
    Nats,
}

impl Broker {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Redis => "Redis",
            Self::Nats => "JetStream",
        }
    }
}

pub(crate) struct Server {
    pub(crate) broker: Broker,
    port: u16,
    process: Ended,
    /// The database of the messages, and that of Celery's results.
    redis: [OnceCell<MultiplexedConnection>; 2],
    nats: OnceCell<Context>,
    /// Its data.
    _folder: tempfile::TempDir,
}

type ServerResult<T> = Result<T, String>;

impl Server {
    /// Starts a broker and waits for it.
    pub(crate) fn start(broker: Broker) -> ServerResult<Self> {
        let folder = tempfile::tempdir().map_err(to_message)?;
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(to_message)?.port();
        let mut command = match broker {
            Broker::Redis => {
                let mut command = Command::new("redis-server");
                command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
                command.args(["--save", "", "--appendonly", "no", "--dir"]).arg(folder.path());
                command
            }
            Broker::Nats => {
                let mut command = Command::new("nats-server");
                command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "-js", "-sd"]);
                command.arg(folder.path());
                command
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = Ended(command.spawn().map_err(|error| {
            let program = command.get_program().display().to_string();
            format!("{program}: {error}; apt-get install {program}")
        })?);
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > Duration::from_secs(20) {
                return Err(format!("{} does not start", broker.name()));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let (redis, nats) = Default::default();
        Ok(Self { broker, port, process, redis, nats, _folder: folder })
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.0.id()
    }

    pub(crate) fn url(&self, name: &str) -> String {
        let scheme = if self.broker == Broker::Redis { "redis" } else { "nats" };
        format!("{scheme}://127.0.0.1:{}/{name}", self.port)
    }

    async fn redis(&self, database: usize) -> ServerResult<MultiplexedConnection> {
        let connect = async || {
            let client = redis::Client::open(self.url(&database.to_string()))?;
            client.get_multiplexed_async_connection().await
        };
        self.redis[database].get_or_try_init(connect).await.cloned().map_err(to_message)
    }

    async fn nats(&self) -> ServerResult<&Context> {
        let connect = async || {
            let client = async_nats::connect(self.url("").trim_end_matches('/')).await?;
            Ok::<_, async_nats::ConnectError>(async_nats::jetstream::new(client))
        };
        self.nats.get_or_try_init(connect).await.map_err(to_message)
    }

    /// Deletes everything.
    pub(crate) async fn empty(&self) -> ServerResult<()> {
        if self.broker == Broker::Redis {
            let mut connection = self.redis(0).await?;
            return redis::cmd("FLUSHALL").exec_async(&mut connection).await.map_err(to_message);
        }
        let jetstream = self.nats().await?;
        for subject in [NAME.to_owned(), format!("{NAME}.outcomes")] {
            let name = subject.replace('.', "-");
            let _ = jetstream.delete_stream(&name).await;
            // The stream that a worker creates.
            let config = Config {
                name,
                subjects: vec![subject],
                retention: RetentionPolicy::WorkQueue,
                discard: DiscardPolicy::New,
                duplicate_window: Duration::from_mins(2),
                num_replicas: 1,
                ..Config::default()
            };
            jetstream.create_stream(config).await.map_err(to_message)?;
        }
        Ok(())
    }

    /// Adds messages.
    pub(crate) async fn fill(&self, count: usize) -> ServerResult<()> {
        let all: Vec<usize> = (0..count).collect();
        for some in all.chunks(AT_ONCE) {
            if self.broker == Broker::Redis {
                let mut connection = self.redis(0).await?;
                let mut pipe = redis::pipe();
                for id in some {
                    pipe.cmd("XADD").arg(NAME).arg("*").arg("athena-id").arg(id);
                    pipe.arg("athena-model").arg("bill").arg("data").arg(MESSAGE).ignore();
                }
                pipe.exec_async(&mut connection).await.map_err(to_message)?;
                continue;
            }
            let jetstream = self.nats().await?;
            let mut sent = Vec::new();
            for id in some {
                let mut headers = HeaderMap::new();
                headers.insert(NATS_MESSAGE_ID, id.to_string());
                headers.insert("athena-model", "bill");
                let message = jetstream.publish_with_headers(NAME, headers, MESSAGE.into());
                sent.push(message.await.map_err(to_message)?);
            }
            for confirmation in sent {
                confirmation.await.map_err(to_message)?;
            }
        }
        Ok(())
    }

    /// Returns the number of outcomes; Celery's have a queue of their own.
    pub(crate) async fn done(&self, is_celery: bool) -> ServerResult<usize> {
        if self.broker == Broker::Redis {
            let mut connection = self.redis(usize::from(is_celery)).await?;
            let mut ask = redis::cmd(if is_celery { "DBSIZE" } else { "XLEN" });
            if !is_celery {
                ask.arg(format!("{NAME}:outcomes"));
            }
            return ask.query_async(&mut connection).await.map_err(to_message);
        }
        let jetstream = self.nats().await?;
        let stream = jetstream.get_stream(format!("{NAME}-outcomes")).await.map_err(to_message)?;
        usize::try_from(stream.cached_info().state.messages).map_err(to_message)
    }
}

fn to_message(error: impl std::fmt::Display) -> String {
    error.to_string()
}
