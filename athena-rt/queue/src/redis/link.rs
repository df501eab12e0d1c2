//! A connection to a broker that comes back by itself, and requests that end.

use std::time::Duration;

use ::redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, Value, aio::MultiplexedConnection,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::fault::Fault;

/// How long a connection, and an answer, may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// One connection, which many requests share. It is made when it is needed; one that fails is
/// dropped, and the next request makes another.
pub(super) struct Link {
    client: Client,
    shown: String,
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    connection: Option<MultiplexedConnection>,
    /// Tells one connection from the next.
    number: u64,
}

/// A script that the broker runs in one step.
pub(super) struct Script {
    code: &'static str,
    hash: String,
}

impl Link {
    pub(super) fn new(server: &ConnectionInfo, shown: &str) -> Result<Self, Fault> {
        let client = Client::open(server.clone()).map_err(|error| Fault::of(shown, &error))?;
        Ok(Self { client, shown: shown.to_owned(), current: Mutex::default() })
    }

    /// Asks, and waits so long for an answer.
    pub(super) async fn ask(&self, request: &Cmd, patience: Duration) -> Result<Value, Fault> {
        // Who waits for another's attempt to connect waits no longer than that one.
        let connected = timeout(PATIENCE, self.connection()).await;
        let (number, mut connection) =
            connected.unwrap_or_else(|_| Err(Fault::unconnected(&self.shown, PATIENCE)))?;
        let asked = timeout(patience, request.query_async(&mut connection)).await;
        let answer = match asked {
            Ok(answer) => answer.map_err(|error| Fault::of(&self.shown, &error)),
            Err(_) => Err(Fault::late(&self.shown, patience)),
        };
        if answer.as_ref().is_err_and(|fault| fault.is_of_connection) {
            self.disconnect(number).await;
        }
        answer
    }

    /// Runs a script; one that the broker does not know yet is loaded.
    pub(super) async fn run(&self, script: &Script, request: &Cmd) -> Result<Value, Fault> {
        match self.ask(request, PATIENCE).await {
            Err(fault) if fault.is_no_script => {
                let mut load = ::redis::cmd("SCRIPT");
                self.ask(load.arg("LOAD").arg(script.code), PATIENCE).await?;
                self.ask(request, PATIENCE).await
            }
            answer => answer,
        }
    }

    async fn connection(&self) -> Result<(u64, MultiplexedConnection), Fault> {
        let mut current = self.current.lock().await;
        if let Some(connection) = &current.connection {
            return Ok((current.number, connection.clone()));
        }
        // Whoever asks has a clock of their own.
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await;
        let made = made.map_err(|error| Fault::of_connecting(&self.shown, &error))?;
        current.number += 1;
        current.connection = Some(made.clone());
        Ok((current.number, made))
    }

    /// Drops a connection, unless that was done and there is another.
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

    /// A request to run it, to which arguments are added: so many, with so many bytes, about.
    pub(super) fn request(&self, keys: &[&str], arguments: usize, bytes: usize) -> Cmd {
        let mut request = Cmd::with_capacity(3 + keys.len() + arguments, 128 + bytes);
        request.arg("EVALSHA").arg(&self.hash).arg(keys.len()).arg(keys);
        request
    }
}
