//! Fetches batches from a consumer over one subscription.
//!
//! A batch is requested without waiting. If there is nothing, one message is requested with
//! waiting, and after it a batch again. So a batch takes one request when there are many messages,
//! no message waits for others when there are few, and no message is delivered that nobody waits
//! for.
//!
//! A fetch that is cancelled loses nothing: its messages are returned by the next one.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::BatchConfig;
use async_nats::{Message, StatusCode, Subscriber};
use futures_util::StreamExt as _;
use tokio::time::Instant;

use super::connection::{NatsConnection, TIMEOUT};
use athena_core::error::Result;

/// The maximum size of a batch, beside one message of the largest size: a server disconnects a
/// client with more than 64 MB pending.
const MAX_BYTES: usize = 32_000_000;

/// The status of a server if the next message would exceed the size.
const TOO_MANY_BYTES: &str = "Message Size Exceeds MaxBytes";

/// The maximum number of messages in a batch: the client's buffer per subscription.
const MESSAGES: usize = 50_000;

/// The shortest wait that is requested.
const SHORTEST: Duration = Duration::from_millis(1);

/// Fetches messages from a consumer.
pub(super) struct Fetcher {
    connection: Arc<NatsConnection>,
    /// The subject for replies; the number of the request is appended.
    inbox: String,
    incoming: Subscriber,
    /// The number of requests so far.
    requests: u64,
    open: Option<FetchRequest>,
    /// Messages that are not returned yet, with the time they arrived.
    ready: VecDeque<(Instant, Message)>,
    /// Older messages are dropped: they may be delivered to others by now.
    lease: Duration,
}

struct FetchRequest {
    number: u64,
    /// The number of messages that may still arrive.
    left: usize,
    /// Whether the broker waits for messages.
    waits: bool,
    /// Without an answer by then, nobody answers.
    until: Instant,
}

impl FetchRequest {
    /// The rest of the request after a message; `None` after the last.
    fn after_message(self) -> Option<Self> {
        (self.left > 1).then(|| Self { left: self.left - 1, ..self })
    }
}

impl Fetcher {
    pub(super) async fn open(connection: Arc<NatsConnection>, lease: Duration) -> Result<Self> {
        let inbox = connection.client.new_inbox();
        let incoming = connection.client.subscribe(format!("{inbox}.*"));
        let incoming = connection.request("subscribe", incoming).await?;
        let ready = VecDeque::new();
        Ok(Self { connection, inbox, incoming, requests: 0, open: None, ready, lease })
    }

    /// Fetches at most `max` messages of a consumer, which are kept until they are
    /// [taken](Self::take). Fetches none if none arrives in time.
    ///
    /// # Errors
    ///
    /// The connection was lost, or no answer came: the consumer may be missing.
    pub(super) async fn fill(&mut self, consumer: &str, max: usize, wait: Duration) -> Result<()> {
        let deadline = Instant::now() + wait;
        let filled = self.fill_until(consumer, max.min(MESSAGES), deadline).await;
        if filled.is_err() {
            self.open = None;
        }
        filled
    }

    /// The fetched messages, without taking them.
    pub(super) fn peek(&self, max: usize) -> impl Iterator<Item = &Message> {
        self.ready.iter().take(max).map(|(_, message)| message)
    }

    /// Takes fetched messages.
    pub(super) fn take(&mut self, max: usize) -> impl Iterator<Item = Message> {
        let max = max.min(self.ready.len());
        self.ready.drain(..max).map(|(_, message)| message)
    }

    async fn fill_until(&mut self, consumer: &str, max: usize, deadline: Instant) -> Result<()> {
        let lease = self.lease;
        self.ready.retain(|(came, _)| came.elapsed() < lease);
        let mut has_asked = false;
        loop {
            if self.open.is_some() {
                self.receive(deadline).await?;
            }
            let wait = deadline.saturating_duration_since(Instant::now());
            if self.open.is_some() || self.ready.len() >= max {
                return Ok(());
            }
            if !has_asked {
                has_asked = true;
                self.request(consumer, max - self.ready.len(), None).await?;
            } else if self.ready.is_empty() && wait >= SHORTEST {
                has_asked = false;
                self.request(consumer, 1, Some(wait)).await?;
            } else {
                return Ok(());
            }
        }
    }

    /// Requests the messages that are there, or those that arrive within `wait`.
    async fn request(&mut self, consumer: &str, max: usize, wait: Option<Duration>) -> Result<()> {
        self.requests += 1;
        let number = self.requests;
        let batch = BatchConfig {
            batch: max,
            max_bytes: MAX_BYTES + self.connection.client.max_payload(),
            no_wait: wait.is_none(),
            expires: wait,
            ..BatchConfig::default()
        };
        let body = serde_json::to_vec(&batch)
            .map_err(|error| self.connection.error("fetch messages", error))?;
        let inbox = format!("{}.{number}", self.inbox);
        let subject = format!("$JS.API.CONSUMER.MSG.NEXT.{consumer}");
        let until = Instant::now() + wait.unwrap_or_default() + TIMEOUT;
        self.open = Some(FetchRequest { number, left: max, waits: wait.is_some(), until });
        let sent = self.connection.client.publish_with_reply(subject, inbox, body.into());
        self.connection.request("fetch messages", sent).await
    }

    /// Receives until the request is answered in full. A waiting request stays open at the deadline
    /// and continues in the next fetch.
    async fn receive(&mut self, deadline: Instant) -> Result<()> {
        let Some(FetchRequest { until, waits, .. }) = self.open else {
            return Ok(());
        };
        let may_stay = waits && deadline < until;
        let end = if may_stay { deadline } else { until };
        let connection = Arc::clone(&self.connection);
        let received = async {
            match tokio::time::timeout_at(end, self.receive_all()).await {
                Ok(received) => received,
                Err(_) if may_stay => Ok(()),
                Err(_) => Err("no answer".to_owned()),
            }
        };
        connection.while_connected("fetch messages", received).await
    }

    async fn receive_all(&mut self) -> Result<(), String> {
        while self.open.is_some() {
            let Some(message) = self.incoming.next().await else {
                return Err("the connection is closed".to_owned());
            };
            self.receive_message(message)?;
        }
        Ok(())
    }

    fn receive_message(&mut self, message: Message) -> Result<(), String> {
        let Some(status) = message.status else {
            self.open = self.open.take().and_then(FetchRequest::after_message);
            self.ready.push_back((Instant::now(), message));
            return Ok(());
        };
        let number = message.subject.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
        if self.open.as_ref().map(|open| open.number) != number {
            // It belongs to a cancelled request.
            return Ok(());
        }
        self.open = None;
        let reason = message.description.unwrap_or_default();
        match status {
            StatusCode::NOT_FOUND | StatusCode::TIMEOUT => Ok(()),
            StatusCode::NO_RESPONDERS => Err("the consumer does not exist".to_owned()),
            _ if reason.eq_ignore_ascii_case(TOO_MANY_BYTES) => Ok(()),
            other if reason.is_empty() => Err(other.to_string()),
            _ => Err(reason),
        }
    }
}
