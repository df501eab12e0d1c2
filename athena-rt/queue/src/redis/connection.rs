//! A connection that is replaced when it fails, and requests with a time limit.

use std::time::Duration;

use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ConnectionInfo, Value,
    aio::MultiplexedConnection,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::error::RequestError;

/// How long connecting, and an answer, may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a broker may take to answer in clear text.
const PROBE: Duration = Duration::from_secs(1);

/// One connection, shared by many requests. It is opened when it is needed, and dropped when it
/// fails; the next request opens another.
pub(super) struct RedisConnection {
    client: Client,
    redacted: String,
    current: Mutex<SharedConnection>,
}

#[derive(Default)]
struct SharedConnection {
    connection: Option<MultiplexedConnection>,
    /// Distinguishes one connection from the next.
    number: u64,
}

/// A script, which the broker runs atomically.
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

impl RedisConnection {
    pub(super) fn new(server: &ConnectionInfo, redacted: &str) -> Result<Self, RequestError> {
        let client = Client::open(server.clone())
            .map_err(|error| RequestError::from_redis(redacted, &error))?;
        Ok(Self { client, redacted: redacted.to_owned(), current: Mutex::default() })
    }

    /// Sends a request and waits for the answer, with a time limit.
    pub(super) async fn send(
        &self,
        request: &Cmd,
        timeout_after: Duration,
    ) -> Result<Value, RequestError> {
        // A request that waits for another's attempt to connect waits no longer than that one.
        let connected = timeout(TIMEOUT, self.connection()).await;
        let connected = connected
            .unwrap_or_else(|_| Err(RequestError::connect_timeout(&self.redacted, TIMEOUT)));
        let (number, mut connection) = match connected {
            Err(_) if self.answers_without_tls().await => {
                return Err(RequestError::no_tls(&self.redacted));
            }
            connected => connected?,
        };
        let asked = timeout(timeout_after, request.query_async(&mut connection)).await;
        let answer = match asked {
            Ok(answer) => answer.map_err(|error| RequestError::from_redis(&self.redacted, &error)),
            Err(_) => Err(RequestError::response_timeout(&self.redacted, timeout_after)),
        };
        if answer.as_ref().is_err_and(|error| error.breaks_connection) {
            self.disconnect(number).await;
        }
        answer
    }

    /// Runs a script, and loads it if the broker does not know it.
    pub(super) async fn run(&self, script: &Script, request: &Cmd) -> Result<Value, RequestError> {
        match self.send(request, TIMEOUT).await {
            Err(error) if error.is_missing_script => {
                let mut load = ::redis::cmd("SCRIPT");
                self.send(load.arg("LOAD").arg(script.code), TIMEOUT).await?;
                self.send(request, TIMEOUT).await
            }
            answer => answer,
        }
    }

    async fn connection(&self) -> Result<(u64, MultiplexedConnection), RequestError> {
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((current.number, connection.clone()));
        }
        // Requests have a time limit of their own.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let made = made.map_err(|error| RequestError::from_connect(&self.redacted, &error))?;
        current.number += 1;
        current.connection = Some(made.clone());
        Ok((current.number, made))
    }

    /// Whether TLS was asked for, and the broker answers at that port without it: it waits for the end of
    /// the line that the client's greeting seems to be.
    async fn answers_without_tls(&self) -> bool {
        let ConnectionAddr::TcpTls { host, port, .. } = self.client.get_connection_info().addr()
        else {
            return false;
        };
        let asked = async {
            let mut stream = TcpStream::connect((host.as_str(), *port)).await?;
            stream.write_all(b"PING\r\n").await?;
            let mut first = [0];
            stream.read_exact(&mut first).await?;
            // An answer, or an error of Redis.
            Ok::<_, std::io::Error>(matches!(&first, b"+" | b"-"))
        };
        matches!(timeout(PROBE, asked).await, Ok(Ok(true)))
    }

    /// Drops a connection, unless it was replaced already.
    async fn disconnect(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.number == number {
            current.connection = None;
        }
    }
}

impl Script {
    pub(super) fn new(code: &'static str) -> Self {
        Self { code, hash: ::redis::Script::new(code).get_hash().to_owned() }
    }

    /// A request to run the script. `arguments` and `bytes` are estimates of what will be added.
    pub(super) fn request(&self, keys: &[&str], arguments: usize, bytes: usize) -> Cmd {
        let mut request = Cmd::with_capacity(3 + keys.len() + arguments, 128 + bytes);
        request.arg("EVALSHA").arg(&self.hash).arg(keys.len()).arg(keys);
        request
    }
}
