//! The connection to a database: renewed when it breaks, with its prepared statements.

use std::collections::HashMap;
use std::future::poll_fn;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Row, Socket, Statement};

use super::error::request_error;
use super::{encrypted, schema};
use crate::address::Address;
use athena_core::error::{Error, Result};

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// The channel of notifications; the payload is the name of a queue.
pub(super) const CHANNEL: &str = "athena_messages";

/// A connection, which is opened again when it breaks.
pub(super) struct PostgresConnection {
    config: Config,
    redacted: String,
    current: Mutex<Option<Current>>,
    /// The queue whose new messages are waited for.
    listens_to: Option<String>,
    /// Notified when messages are stored in that queue.
    stored: Arc<Notify>,
}

struct Current {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

/// The settings of an address.
///
/// # Errors
///
/// The URL has an unknown or invalid setting.
pub(super) fn config(address: &Address) -> Result<Config> {
    let parsed = Config::from_str(&checked_fully(address.broker_url()));
    let mut config = parsed.map_err(|error| {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        Error::usage(cause.unwrap_or_else(|| error.to_string())).context(address.redacted())
    })?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    Ok(config)
}

/// The URL with `sslmode=require` for what libpq calls a full check: a certificate is never accepted
/// unchecked.
fn checked_fully(url: &str) -> String {
    let Some((server, settings)) = url.split_once('?') else { return url.to_owned() };
    let settings = settings.split('&').map(|setting| match setting {
        "sslmode=verify-full" | "sslmode=verify-ca" => "sslmode=require",
        other => other,
    });
    format!("{server}?{}", settings.collect::<Vec<_>>().join("&"))
}

impl PostgresConnection {
    /// Connects. Creates the tables if they are missing.
    pub(super) async fn create(address: &Address) -> Result<Self> {
        Self::new(address)?.created().await
    }

    /// The same, and is notified of messages in the queue.
    pub(super) async fn create_listening(address: &Address) -> Result<Self> {
        let listens_to = Some(address.name().to_owned());
        Self { listens_to, ..Self::new(address)? }.created().await
    }

    async fn created(self) -> Result<Self> {
        let opened = self.connect().await?;
        schema::ensure(&opened.client, &self.redacted).await?;
        *self.current.lock().await = Some(opened);
        Ok(self)
    }

    /// Connects. `None` if there are no tables.
    pub(super) async fn open_existing(address: &Address) -> Result<Option<Self>> {
        let connection = Self::new(address)?;
        let mut current = connection.current.lock().await;
        let opened = connection.connect().await?;
        if !schema::exists(&opened.client, &connection.redacted).await? {
            return Ok(None);
        }
        schema::check(&opened.client, &connection.redacted).await?;
        *current = Some(opened);
        drop(current);
        Ok(Some(connection))
    }

    /// A connection that is opened with the first request.
    pub(super) fn new(address: &Address) -> Result<Self> {
        let (config, redacted) = (config(address)?, address.redacted().to_owned());
        let (current, stored) = (Mutex::new(None), Arc::new(Notify::new()));
        Ok(Self { config, redacted, current, listens_to: None, stored })
    }

    /// Waits until a message is stored in the queue that it listens to.
    pub(super) async fn wait(&self, time: Duration) {
        let _ = timeout(time, self.stored.notified()).await;
    }

    async fn connect(&self) -> Result<Current> {
        let client = match self.config.get_ssl_mode() {
            SslMode::Require => self.open(encrypted::client(&self.redacted)?).await?,
            _ => self.open(NoTls).await?,
        };
        if self.listens_to.is_some() {
            let listening = client.batch_execute(&format!("LISTEN {CHANNEL}")).await;
            listening.map_err(|error| request_error(&self.redacted, &error))?;
        }
        Ok(Current { client, statements: HashMap::new() })
    }

    async fn open<T>(&self, tls: T) -> Result<Client>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        let opened = self.config.connect(tls).await;
        let (client, mut connection) =
            opened.map_err(|error| request_error(&self.redacted, &error))?;
        let (stored, listens_to) = (Arc::clone(&self.stored), self.listens_to.clone());
        // It ends with the client, or with the connection.
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(message) = message
                    && listens_to.as_deref() == Some(message.payload())
                {
                    stored.notify_one();
                }
            }
        });
        Ok(client)
    }

    /// Runs one statement, which is a transaction.
    pub(super) async fn query(
        &self,
        sql: &'static str,
        values: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>> {
        // A future that is dropped leaves no connection with an answer to come.
        let mut current = self.current.lock().await;
        let mut open = match current.take() {
            Some(open) if !open.client.is_closed() => open,
            _ => self.connect().await?,
        };
        let request = async {
            let statement = if let Some(statement) = open.statements.get(sql) {
                statement.clone()
            } else {
                let statement = open.client.prepare(sql).await?;
                open.statements.insert(sql, statement.clone());
                statement
            };
            open.client.query(&statement, values).await
        };
        match timeout(TIMEOUT, request).await {
            Ok(Ok(rows)) => {
                *current = Some(open);
                Ok(rows)
            }
            Ok(Err(error)) => {
                if !open.client.is_closed() && error.as_db_error().is_some() {
                    *current = Some(open);
                }
                Err(request_error(&self.redacted, &error))
            }
            Err(_) => Err(Error::failure(format!(
                "{}: no answer within {}s",
                self.redacted,
                TIMEOUT.as_secs()
            ))),
        }
    }
}
