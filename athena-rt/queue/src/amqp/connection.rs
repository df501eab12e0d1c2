//! The connection to a server: renewed when it breaks. Queues, and publishing that the server confirms.

use std::future::Future;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use lapin::{Channel, Confirmation, Connection, ConnectionProperties};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::error::{is_missing, request_error};
use super::properties::properties;
use crate::address::Address;
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// How long a request may take.
pub(super) const TIMEOUT: Duration = Duration::from_secs(10);

/// How long it may take to connect. A server that starts accepts connections before it answers.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The time between two signs of life, in seconds: a server gives up a client after two of them.
const HEARTBEAT: u16 = 10;

/// How long a new queue can be lost with its messages. A server that is killed within the first second
/// after it made a quorum queue has the queue when it starts again, and never answers for it: seen with 0.5
/// s and not with 1.5 s, in 3.10.
const UNSAVED: Duration = Duration::from_secs(2);

/// How often a message may come back to its queue: as often as it has to. Newer servers drop it after 20
/// times if nothing is said.
const REDELIVERIES: i32 = i32::MAX;

/// A connection, which is opened again when it breaks.
pub(super) struct AmqpConnection {
    uri: AMQPUri,
    redacted: String,
    current: Mutex<Option<Arc<Session>>>,
}

/// A connection while it lasts.
pub(super) struct Session {
    connection: Connection,
    /// Publishes; the server confirms each message.
    publisher: Channel,
}

/// What the server counts in a queue.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct QueueCounts {
    /// Messages that are not delivered.
    pub(super) messages: u64,
    pub(super) consumers: u64,
}

/// The URI of an address.
///
/// # Errors
///
/// The URL has an unknown or invalid setting.
pub(super) fn uri(address: &Address) -> Result<AMQPUri> {
    address.expect_settings(&["heartbeat", "connection_timeout", "auth_mechanism"])?;
    let uri = AMQPUri::from_str(address.broker_url());
    let mut uri = uri.map_err(|error| Error::usage(error).context(address.redacted()))?;
    uri.query.heartbeat.get_or_insert(HEARTBEAT);
    Ok(uri)
}

impl Session {
    fn is_open(&self) -> bool {
        self.connection.status().connected() && self.publisher.status().connected()
    }

    /// A channel of its own: an error of a request ends its channel.
    pub(super) async fn channel(&self) -> lapin::Result<Channel> {
        self.connection.create_channel().await
    }
}

impl AmqpConnection {
    /// Connects when it is first used.
    pub(super) fn new(address: &Address) -> Result<Self> {
        let redacted = address.redacted().to_owned();
        Ok(Self { uri: uri(address)?, redacted, current: Mutex::new(None) })
    }

    /// The error of a request to this server.
    pub(super) fn error(&self, error: &lapin::Error) -> Error {
        request_error(&self.redacted, error)
    }

    /// The open connection, or a new one.
    pub(super) async fn session(&self) -> Result<Arc<Session>> {
        let mut current = self.current.lock().await;
        if let Some(session) = current.as_ref().filter(|session| session.is_open()) {
            return Ok(Arc::clone(session));
        }
        *current = None;
        let opened = timeout(CONNECT_TIMEOUT, async {
            let properties = ConnectionProperties::default().with_connection_name("athena".into());
            let connection = Connection::connect_uri(self.uri.clone(), properties).await?;
            let publisher = connection.create_channel().await?;
            publisher.confirm_select(ConfirmSelectOptions::default()).await?;
            Ok(Arc::new(Session { connection, publisher }))
        });
        let opened: lapin::Result<_> = opened.await.map_err(|_| self.no_answer(CONNECT_TIMEOUT))?;
        let session = opened.map_err(|error| self.error(&error))?;
        *current = Some(Arc::clone(&session));
        Ok(session)
    }

    /// Waits for an answer, but not for ever.
    pub(super) async fn limited<T>(
        &self,
        request: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T> {
        match timeout(TIMEOUT, request).await {
            Ok(answer) => answer.map_err(|error| self.error(&error)),
            Err(_) => Err(self.silent().await),
        }
    }

    /// The error of a server that does not answer. The next request connects again: the client may not have
    /// noticed that the connection has ended.
    pub(super) async fn silent(&self) -> Error {
        *self.current.lock().await = None;
        self.no_answer(TIMEOUT)
    }

    fn no_answer(&self, limit: Duration) -> Error {
        let limit = limit.as_secs();
        Error::failure(format!("{}: no answer within {limit}s", self.redacted))
            .help("a server that is short of memory or disk space accepts no messages; a queue that was made in the second before its server crashed never answers: delete it")
    }

    /// Creates a queue, if it is missing.
    ///
    /// # Errors
    ///
    /// It exists with other settings.
    pub(super) async fn declare(&self, queue: &str) -> Result<()> {
        let mut arguments = quorum();
        arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(REDELIVERIES));
        let is_new = self.counts(queue).await?.is_none();
        self.declare_with(queue, arguments).await?;
        if is_new {
            tokio::time::sleep(UNSAVED).await;
        }
        Ok(())
    }

    /// Creates a queue of the server's quorum type, if it is missing, and waits until a crash does not lose
    /// it: another process may have made it a moment ago.
    pub(super) async fn declare_saved(
        &self,
        queue: &str,
        settings: impl IntoIterator<Item = (&'static str, AMQPValue)>,
    ) -> Result<()> {
        let mut arguments = quorum();
        for (setting, value) in settings {
            arguments.insert(setting.into(), value);
        }
        self.declare_with(queue, arguments).await?;
        tokio::time::sleep(UNSAVED).await;
        Ok(())
    }

    async fn declare_with(&self, queue: &str, arguments: FieldTable) -> Result<()> {
        let session = self.session().await?;
        let declared = self.limited(async {
            let channel = session.channel().await?;
            channel.queue_declare(queue.into(), QueueDeclareOptions::durable(), arguments).await
        });
        declared.await.map(|_| ())
    }

    /// What is in a queue; `None` if it does not exist.
    pub(super) async fn counts(&self, queue: &str) -> Result<Option<QueueCounts>> {
        let session = self.session().await?;
        let options = QueueDeclareOptions::durable().passive();
        let asked = self.limited(async {
            let channel = session.channel().await?;
            match channel.queue_declare(queue.into(), options, FieldTable::default()).await {
                Ok(queue) => Ok(Some(QueueCounts {
                    messages: queue.message_count().into(),
                    consumers: queue.consumer_count().into(),
                })),
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(error),
            }
        });
        asked.await
    }

    /// Stores envelopes, each with the number of its earlier deliveries. Returns when the server has all on
    /// disk.
    pub(super) async fn publish<'a>(
        &self,
        queue: &str,
        envelopes: impl Iterator<Item = (&'a Envelope, u32)>,
    ) -> Result<()> {
        let session = self.session().await?;
        let channel = &session.publisher;
        // A message for a queue that is gone comes back.
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let published = self.limited(async {
            let mut confirms = Vec::new();
            for (envelope, deliveries) in envelopes {
                let properties = properties(envelope, deliveries);
                let sent = channel.basic_publish(
                    "".into(),
                    queue.into(),
                    options,
                    &envelope.bytes,
                    properties,
                );
                confirms.push(sent.await?);
            }
            let mut refused = 0;
            for confirm in confirms {
                refused += usize::from(!matches!(confirm.await?, Confirmation::Ack(None)));
            }
            Ok(refused)
        });
        match published.await? {
            0 => Ok(()),
            refused => Err(Error::failure(format!(
                "{}: the server did not store {refused} messages in {queue}",
                self.redacted
            ))),
        }
    }
}

fn quorum() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments
}
