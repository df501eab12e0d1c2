//! Consumes a queue.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::{try_join, try_join_all};
use lapin::Channel;
use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::connection::{AmqpConnection, Session, TIMEOUT};
use super::delay_queues::DelayQueues;
use super::in_flight::{InFlightMessages, Tagged, return_to_queue};
use super::properties::envelope;
use crate::address::Address;
use crate::broker::{
    Backlog, BrokerFuture, Capabilities, Consumer, DeadLetter, Delivery, DeliveryTag, Nack,
};
use crate::envelope::Envelope;
use athena_core::error::{Error, Result};

/// How long the server may take to answer a subscription.
const UNANSWERED: Duration = Duration::from_secs(3);

/// A queue of a server. All consumers are of one group.
pub(super) struct AmqpConsumer {
    connection: AmqpConnection,
    queue: String,
    dead: String,
    lease: Duration,
    held: Arc<InFlightMessages>,
    subscription: Mutex<Option<Subscription>>,
    /// Where messages of this consumer wait for another attempt.
    delayed: DelayQueues,
    /// How many channels were opened: a delivery is identified by its channel and its number there.
    channels: AtomicU64,
}

/// What a server sends ahead while a connection lasts.
struct Subscription {
    session: Arc<Session>,
    channels: Vec<Channel>,
    sender: mpsc::UnboundedSender<Option<Received>>,
    incoming: mpsc::UnboundedReceiver<Option<Received>>,
    /// How many messages the server may have sent that are not settled.
    limit: usize,
    /// What passes messages on, until this is dropped.
    senders: JoinSet<()>,
}

/// A message that a channel has received.
struct Received {
    channel: u64,
    message: lapin::message::Delivery,
}

impl Subscription {
    fn is_open(&self) -> bool {
        self.channels.iter().all(|channel| channel.status().connected())
    }
}

impl AmqpConsumer {
    pub(super) async fn open(address: &Address, lease: Duration) -> Result<Self> {
        let connection = AmqpConnection::new(address)?;
        let (queue, dead) = (address.name(), address.dead_letters());
        // Both now: a server that is killed right after it made a queue has lost it.
        try_join(connection.declare(queue), connection.declare(dead.name())).await?;
        Ok(Self {
            connection,
            queue: queue.to_owned(),
            dead: dead.name().to_owned(),
            lease,
            held: InFlightMessages::new(lease),
            subscription: Mutex::new(None),
            delayed: DelayQueues::new(queue.to_owned()),
            channels: AtomicU64::new(0),
        })
    }

    async fn subscribe(&self) -> Result<Subscription> {
        let session = self.connection.session().await?;
        let (sender, incoming) = mpsc::unbounded_channel();
        let (channels, senders) = (Vec::new(), JoinSet::new());
        Ok(Subscription { session, channels, sender, incoming, limit: 0, senders })
    }

    async fn next(&self, max: usize, wait: Duration) -> Result<Vec<Delivery>> {
        let mut guard = self.subscription.lock().await;
        if guard.take_if(|open| !open.is_open()).is_some() {
            self.held.clear();
        }
        let open = match &mut *guard {
            Some(open) => open,
            None => guard.insert(self.subscribe().await?),
        };
        // As many as are asked for: what is sent ahead, no other consumer has.
        let wanted = (self.held.len() + max).min(usize::from(u16::MAX));
        if wanted > open.limit
            && let Err(error) = self.widen(open, wanted).await
        {
            // The next pull asks for a connection again, unless this one delivers already.
            guard.take_if(|open| open.channels.is_empty());
            return Err(error);
        }
        let mut pulled = Vec::new();
        let end = Instant::now() + wait;
        while pulled.len() < max {
            let next = match open.incoming.try_recv() {
                Ok(next) => next,
                Err(_) if !pulled.is_empty() => break,
                Err(_) => {
                    let left = end.saturating_duration_since(Instant::now());
                    match timeout(left, open.incoming.recv()).await {
                        Ok(next) => next.flatten(),
                        Err(_) => break,
                    }
                }
            };
            let Some(received) = next else {
                // A channel has ended, or the queue is gone. The next pull subscribes again.
                for channel in open.channels.drain(..) {
                    let closed = channel.close(200, "the end of a subscription".into());
                    let _ = self.connection.limited(closed).await;
                }
                *guard = None;
                self.held.clear();
                if pulled.is_empty() {
                    let reason = format!("the server sends no more messages of {}", self.queue);
                    return Err(Error::failure(reason));
                }
                break;
            };
            pulled.push(self.hold(received));
        }
        Ok(pulled)
    }

    fn hold(&self, Received { channel, message }: Received) -> Delivery {
        let tag = DeliveryTag(format!("{channel}:{}", message.delivery_tag));
        let (mut found, deliveries) = envelope(&message.properties, message.data);
        let failures = std::mem::take(&mut found.failures);
        let mut delivery = Delivery::new(tag, found);
        delivery.failures = failures;
        delivery.deliveries = deliveries;
        self.held.add(&delivery, message.acker);
        delivery
    }

    /// Lets the server send more messages, by another channel beside those that there are.
    async fn widen(&self, open: &mut Subscription, wanted: usize) -> Result<()> {
        let more = u16::try_from(wanted - open.limit).unwrap_or(u16::MAX);
        let began = Instant::now();
        let (channel, mut messages) = loop {
            match timeout(UNANSWERED, self.consume(&open.session, more)).await {
                Ok(subscribed) => break subscribed?,
                // A server that has just started, or that moves the queue, never answers a request that
                // came before the queue had a leader. It answers the next one, of another channel.
                Err(_) if began.elapsed() < TIMEOUT => {}
                Err(_) => return Err(self.connection.silent().await),
            }
        };
        open.channels.push(channel);
        open.limit = wanted;
        let channel = self.channels.fetch_add(1, Ordering::Relaxed);
        let sender = open.sender.clone();
        open.senders.spawn(async move {
            while let Some(Ok(message)) = messages.next().await {
                if sender.send(Some(Received { channel, message })).is_err() {
                    return;
                }
            }
            let _ = sender.send(None);
        });
        Ok(())
    }

    async fn consume(&self, session: &Session, more: u16) -> Result<(Channel, lapin::Consumer)> {
        let subscribed = self.connection.limited(async {
            let channel = session.channel().await?;
            channel.basic_qos(more, BasicQosOptions::default()).await?;
            let options = BasicConsumeOptions::default();
            let queue = self.queue.as_str().into();
            let messages =
                channel.basic_consume(queue, "".into(), options, FieldTable::default()).await?;
            Ok((channel, messages))
        });
        subscribed.await
    }

    /// Acknowledges messages.
    async fn settle(&self, messages: Vec<Tagged>) -> Result<()> {
        let acks = messages.iter().map(|(_, one)| one.acker.ack(BasicAckOptions::default()));
        self.connection.limited(try_join_all(acks)).await?;
        self.held.remove(&messages);
        Ok(())
    }

    async fn return_all(&self, nacks: &[Nack]) -> Result<()> {
        for nack in nacks {
            let found = self.held.find(std::iter::once(&nack.tag));
            let Some((_, message)) = found.first() else { continue };
            if nack.delay.is_zero() && nack.failures == message.failures {
                self.connection.limited(return_to_queue(&message.acker)).await?;
                self.held.remove(&found);
                continue;
            }
            // The server can't change a message, so that it is stored again with its failures.
            let again = Envelope { failures: nack.failures, ..message.envelope.clone() };
            let stored = (&again, message.deliveries);
            if nack.delay.is_zero() {
                self.connection.publish(&self.queue, std::iter::once(stored)).await?;
            } else {
                self.delayed.store(&self.connection, nack.delay, stored).await?;
            }
            self.settle(found).await?;
        }
        Ok(())
    }

    async fn store_dead(&self, dead: &[DeadLetter]) -> Result<()> {
        let found = self.held.find(dead.iter().map(|letter| &letter.tag));
        if found.is_empty() {
            return Ok(());
        }
        let letters = dead.iter().filter(|one| found.iter().any(|(tag, _)| *tag == one.tag));
        self.connection.publish(&self.dead, letters.map(|letter| (&letter.envelope, 0))).await?;
        self.settle(found).await
    }

    /// The server tells how many messages wait, not how many other consumers hold.
    async fn count(&self) -> Result<Backlog> {
        let counts = self.connection.counts(&self.queue).await?.unwrap_or_default();
        let mut in_flight = self.held.len() as u64;
        if let Some(open) = &*self.subscription.lock().await {
            in_flight += open.incoming.len() as u64;
        }
        in_flight += self.delayed.count(&self.connection).await?;
        Ok(Backlog::new(counts.messages, in_flight))
    }
}

impl Consumer for AmqpConsumer {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease).with_ids(false)
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(self.next(max, wait))
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        Box::pin(self.settle(self.held.find(tags.iter())))
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        Box::pin(async move {
            // The worker does not extend the leases of messages that it returns.
            let tags: Vec<_> = nacks.iter().map(|nack| nack.tag.clone()).collect();
            self.held.kept(&tags, self.return_all(nacks)).await
        })
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        Box::pin(self.store_dead(dead))
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        self.held.extend(tags);
        Box::pin(std::future::ready(Ok(())))
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        Box::pin(self.count())
    }
}
