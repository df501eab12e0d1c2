//! Consumes a queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_nats::RequestErrorKind;
use async_nats::jetstream::AckKind;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::consumer::{self, AckPolicy, DeliverPolicy};
use tokio::sync::Mutex;

use super::connection::NatsConnection;
use super::delivery_tag::{self, AckSubject};
use super::envelopes;
use super::failure_counts::FailureCounts;
use super::fetch::Fetcher;
use super::held::HeldDeliveries;
use super::producer::NatsProducer;
use super::recovery::{has_forgotten_messages, stale_acks};
use super::stream::{self, stream_name};
use super::stream_check::check;
use crate::address::{Address, ConsumerOptions};
use crate::broker::{
    Backlog, BrokerFuture, Capabilities, Consumer, DeadLetter, Delivery, DeliveryTag, Nack,
};
use athena_core::error::Result;

/// No limit; `JetStream` has a default otherwise.
const UNLIMITED: i64 = -1;

/// A subject, consumed by a group through a durable consumer.
pub(super) struct NatsConsumer {
    connection: Arc<NatsConnection>,
    subject: String,
    consumer: String,
    lease: Duration,
    /// Locked, so that there is one fetch at a time.
    fetcher: Mutex<Fetcher>,
    /// The name of the stream that was found last.
    stream: std::sync::Mutex<String>,
    failures: FailureCounts,
    held: HeldDeliveries,
    dead: NatsProducer,
    /// A fetch failed: the stream and the consumer must be checked.
    must_check: AtomicBool,
    /// When forgotten messages were last looked for.
    last_recovery: std::sync::Mutex<Instant>,
}

/// How often forgotten messages are looked for: they may show only once other messages are done.
const RECOVERY_INTERVAL: Duration = Duration::from_secs(30);

impl NatsConsumer {
    /// Connects. Creates the stream and the consumer if they are missing.
    pub(super) async fn open(address: &Address, options: &ConsumerOptions) -> Result<Self> {
        let connection = Arc::new(NatsConnection::open(address).await?);
        let queue = Self {
            fetcher: Mutex::new(Fetcher::open(Arc::clone(&connection), options.lease).await?),
            subject: address.name.clone(),
            consumer: consumer_name(&options.group, &address.name),
            lease: options.lease,
            stream: std::sync::Mutex::default(),
            failures: FailureCounts::new(Arc::clone(&connection)),
            held: HeldDeliveries::new(options.lease),
            dead: NatsProducer::new(Arc::clone(&connection), &address.sibling("dead").name),
            must_check: AtomicBool::new(false),
            last_recovery: std::sync::Mutex::new(Instant::now()),
            connection,
        };
        queue.ensure_consumer().await?;
        let stream = queue.stream().clone();
        check(&queue.connection, &queue.subject, &stream, false).await?;
        let dead = address.sibling("dead").name;
        if let Some(stream) = stream::find(&queue.connection, &dead).await? {
            check(&queue.connection, &dead, &stream, true).await?;
        }
        queue.clear_stale_acks(queue.info().await?).await?;
        Ok(queue)
    }

    /// Creates the stream if it is missing, and creates or updates the consumer.
    async fn ensure_consumer(&self) -> Result<()> {
        let stream = stream::find_or_create(&self.connection, &self.subject).await?;
        let config = Config {
            durable_name: Some(self.consumer.clone()),
            description: Some("made by athena".to_owned()),
            filter_subject: self.subject.clone(),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.lease,
            max_deliver: UNLIMITED,
            // Messages that wait for another attempt count as well.
            max_ack_pending: UNLIMITED,
            ..Config::default()
        };
        let created = self.connection.jetstream.create_consumer_on_stream(config, &stream);
        let created = self.connection.request("create the consumer", created).await;
        created.map_err(|error| {
            let stream = &stream;
            error.help(format!(
                "the stream {stream} must allow a durable pull consumer on {}; with work-queue \
                 retention it allows only one group of workers",
                self.subject
            ))
        })?;
        *self.stream() = stream;
        Ok(())
    }

    fn is_recovery_due(&self) -> bool {
        let mut last = self.last_recovery.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let is_time = last.elapsed() >= RECOVERY_INTERVAL;
        if is_time {
            *last = Instant::now();
        }
        is_time
    }

    fn stream(&self) -> std::sync::MutexGuard<'_, String> {
        self.stream.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    async fn next(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>> {
        let mut fetcher = self.fetcher.lock().await;
        if self.must_check.load(Ordering::Relaxed) {
            self.ensure_consumer().await?;
            self.clear_stale_acks(self.info().await?).await?;
            self.must_check.store(false, Ordering::Relaxed);
        } else if self.is_recovery_due() {
            self.redeliver_forgotten(self.info().await?).await?;
        }
        let consumer_path = format!("{}.{}", self.stream(), self.consumer);
        let filled = fetcher.fill(&consumer_path, max, wait).await;
        // Old servers don't answer for a consumer that is gone, or that waits for deleted messages.
        self.must_check.store(filled.is_err(), Ordering::Relaxed);
        filled?;
        let redelivered_key = |message: &async_nats::Message| {
            let origin = AckSubject::read(message.reply.as_deref()?)?;
            (origin.deliveries > 1).then(|| origin.key())
        };
        let keys_of_redelivered: Vec<Option<String>> =
            fetcher.peek(max).map(redelivered_key).collect();
        let keys: Vec<String> = keys_of_redelivered.iter().flatten().cloned().collect();
        let mut failures = self.failures.read(&keys).await?.into_iter();
        let failures = keys_of_redelivered
            .iter()
            .map(|key| key.as_ref().and_then(|_| failures.next()).unwrap_or(0));
        let taken: Vec<Delivery> = fetcher
            .take(max)
            .zip(failures)
            .filter_map(|(message, failures)| delivery(message, failures))
            .collect();
        self.held.add(&taken);
        Ok(taken)
    }

    /// Sends acknowledgements of any kind.
    async fn acknowledge_with(
        &self,
        action: &str,
        acknowledgements: &[(&str, AckKind)],
    ) -> Result<()> {
        let Some(((last, kind), before)) = acknowledgements.split_last() else {
            return Ok(());
        };
        let client = &self.connection.client;
        let acknowledgements = async {
            for (subject, kind) in before {
                let sent = client.publish((*subject).to_owned(), (*kind).into()).await;
                sent.map_err(|error| error.to_string())?;
            }
            // A consumer handles them in order: the answer to the last one confirms all.
            match client.request((*last).to_owned(), (*kind).into()).await {
                Ok(_) => Ok(()),
                // The consumer is gone, with its state.
                Err(error) if error.kind() == RequestErrorKind::NoResponders => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        };
        self.connection.request(action, acknowledgements).await
    }

    async fn acknowledge_all(
        &self,
        action: &str,
        tags: impl Iterator<Item = &DeliveryTag>,
        kind: AckKind,
    ) -> Result<()> {
        let acknowledgements: Vec<_> = tags.map(|tag| (delivery_tag::subject(tag), kind)).collect();
        self.acknowledge_with(action, &acknowledgements).await
    }

    async fn acknowledge_done(&self, tags: &[DeliveryTag]) -> Result<()> {
        self.acknowledge_all("acknowledge messages", tags.iter(), AckKind::Ack).await?;
        self.held.remove(tags.iter());
        self.forget(tags).await;
        Ok(())
    }

    async fn forget(&self, tags: &[DeliveryTag]) {
        let keys: Vec<String> = tags.iter().filter_map(delivery_tag::failed_key).collect();
        self.failures.forget(&keys).await;
    }

    async fn nack_all(&self, nacks: &[Nack]) -> Result<()> {
        let nacks: Vec<&Nack> = nacks.iter().filter(|nack| self.held.has(&nack.tag)).collect();
        let key = |nack: &&Nack| {
            let origin = AckSubject::read(delivery_tag::subject(&nack.tag))?;
            // A message that never failed has no entry; nobody would delete one.
            (nack.failures > 0).then(|| (origin.key(), nack.failures))
        };
        let failures: Vec<_> = nacks.iter().filter_map(key).collect();
        self.failures.write(&failures).await?;
        let later = |nack: &Nack| AckKind::Nak(Some(nack.delay));
        let acknowledgements: Vec<_> =
            nacks.iter().map(|nack| (delivery_tag::subject(&nack.tag), later(nack))).collect();
        self.acknowledge_with("return messages", &acknowledgements).await?;
        self.held.remove(nacks.iter().map(|nack| &nack.tag));
        Ok(())
    }

    async fn extend_leases(&self, tags: &[DeliveryTag]) -> Result<()> {
        let held: Vec<&DeliveryTag> = tags.iter().filter(|tag| self.held.has(tag)).collect();
        self.acknowledge_all("extend leases", held.iter().copied(), AckKind::Progress).await?;
        self.held.extend(&held);
        Ok(())
    }

    async fn dead_letter_all(&self, dead: &[DeadLetter]) -> Result<()> {
        // Not deduplicated by the envelope's id: a message that is submitted again may fail again.
        let dedup_id = |dead_letter: &DeadLetter| {
            let origin = AckSubject::read(delivery_tag::subject(&dead_letter.tag));
            origin.map_or_else(|| dead_letter.envelope.id.clone(), |origin| origin.key())
        };
        let max = self.connection.client.max_payload();
        let shortened: Vec<_> = dead
            .iter()
            .map(|dead_letter| (dedup_id(dead_letter), &dead_letter.envelope))
            .map(|(dedup_id, envelope)| (envelopes::shortened(envelope, &dedup_id, max), dedup_id))
            .collect();
        let envelopes: Vec<_> =
            shortened.iter().map(|(envelope, dedup_id)| (&**envelope, dedup_id.clone())).collect();
        self.dead.store_with_ids(&envelopes).await?;
        let tags: Vec<DeliveryTag> =
            dead.iter().map(|dead_letter| dead_letter.tag.clone()).collect();
        self.acknowledge_all("remove dead letters", tags.iter(), AckKind::Term).await?;
        self.held.remove(tags.iter());
        self.forget(&tags).await;
        Ok(())
    }

    async fn count(&self) -> Result<Backlog> {
        let info = self.info().await?;
        // If nothing is new and all held messages are redeliveries, or nothing is held, the
        // consumer may wait for deleted messages.
        let may_be_stale =
            info.num_pending == 0 && (info.num_ack_pending == 0 || info.num_redelivered > 0);
        if may_be_stale { self.clear_stale_acks(info).await } else { Ok(backlog(&info)) }
    }

    /// Repairs what a killed server left inconsistent, and counts what is really left.
    async fn clear_stale_acks(&self, mut info: consumer::Info) -> Result<Backlog> {
        let gone = stale_acks(&self.connection, &info).await?;
        if !gone.is_empty() {
            let acknowledgements: Vec<_> =
                gone.iter().map(|gone| (gone.as_str(), AckKind::Ack)).collect();
            self.acknowledge_with("acknowledge deleted messages", &acknowledgements).await?;
            info = self.info().await?;
        }
        self.redeliver_forgotten(info).await.map(|info| backlog(&info))
    }

    /// Recreates the consumer if it has forgotten messages, so that they are redelivered.
    async fn redeliver_forgotten(&self, info: consumer::Info) -> Result<consumer::Info> {
        if !has_forgotten_messages(&self.connection, &self.subject, &info).await? {
            return Ok(info);
        }
        // Messages in progress elsewhere are delivered twice, and their outcomes deduplicated. That
        // is better than never.
        let (consumer, stream) = (&self.consumer, self.stream().clone());
        let deleted = self.connection.jetstream.delete_consumer_from_stream(consumer, &stream);
        // Another worker may have been faster.
        let _ = self.connection.request("recreate the consumer", deleted).await;
        self.ensure_consumer().await?;
        self.info().await
    }

    async fn info(&self) -> Result<consumer::Info> {
        let stream = self.stream().clone();
        let found = async {
            let stream = self.connection.jetstream.get_stream_no_info(stream).await;
            let stream = stream.map_err(|error| error.to_string())?;
            stream.consumer_info(&self.consumer).await.map_err(|error| error.to_string())
        };
        let found = self.connection.request("count messages", found).await;
        if found.is_err() {
            // The consumer may be gone.
            self.ensure_consumer().await?;
        }
        found
    }
}

impl Consumer for NatsConsumer {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease)
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(self.next(max, wait))
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(self.acknowledge_done(tags))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        Box::pin(self.nack_all(nacks))
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(self.dead_letter_all(dead))
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(self.extend_leases(tags))
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        Box::pin(self.count())
    }
}

/// The name of a group's consumer on a subject. A stream of several subjects has several consumers.
pub(super) fn consumer_name(group: &str, subject: &str) -> String {
    match group.strip_prefix("athena").unwrap_or(group) {
        "" => format!("athena-{}", stream_name(subject)),
        group => format!(
            "athena-{}-{}",
            stream_name(group.trim_start_matches('-')),
            stream_name(subject)
        ),
    }
}

fn backlog(info: &consumer::Info) -> Backlog {
    Backlog { waiting: info.num_pending, in_flight: info.num_ack_pending as u64 }
}

/// The delivery of a message that failed this many times. `None` if it is not from a stream.
fn delivery(message: async_nats::Message, failures: u32) -> Option<Delivery> {
    let reply = message.reply?;
    let origin = AckSubject::read(&reply)?;
    let headers = message.headers.as_ref();
    let envelope = envelopes::envelope(headers, message.payload.into(), || origin.fallback_id());
    let deliveries = origin.deliveries;
    Some(Delivery { tag: delivery_tag::tag(&reply, failures > 0), failures, deliveries, envelope })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consumer_is_named_after_group_and_subject() {
        assert_eq!(consumer_name("athena", "tasks.a"), "athena-tasks-a");
        assert_eq!(consumer_name("athena-nightly", "tasks"), "athena-nightly-tasks");
        assert_eq!(consumer_name("night ly", "tasks"), "athena-night-ly-tasks");
    }
}
