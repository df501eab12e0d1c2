//! A broker in memory, sound or with one fault, written with the public API only.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use athena_queue::{
    Address, Backlog, Broker, BrokerFuture, Browser, Capabilities, Consumer, ConsumerOptions,
    DeadLetter, DeadLetters, Delivery, DeliveryTag, Envelope, Lookup, Nack, Producer, QueueStatus,
    StoredDeadLetter,
};

/// Each fault, and the only promise that it breaks.
pub(crate) const FAULTS: &[(&str, &str)] = &[
    ("drops-headers", "an_envelope_comes_back_whole"),
    ("drops-trace-states", "an_envelope_comes_back_whole"),
    ("rejects-everything", "an_envelope_comes_back_whole"),
    ("drops-large-messages", "an_empty_and_a_large_message_come_back_whole"),
    ("forgets-ids", "an_id_is_stored_once_after_its_message_is_done"),
    ("browses-by-taking", "a_browser_takes_nothing"),
    ("makes-what-it-reads", "a_queue_exists_when_it_was_opened_to_work_and_not_when_it_was_read"),
    ("returns-what-another-holds", "a_stale_tag_does_not_return_what_was_delivered_again"),
    ("browses-too-much", "a_browser_takes_nothing"),
    ("revives-what-is-done", "an_acknowledged_message_is_gone"),
    ("counts-nothing", "the_backlog_counts_what_waits_and_what_is_held"),
    ("ignores-delays", "a_nacked_message_comes_back_after_its_delay"),
    ("forgets-failures", "the_failures_of_a_nack_come_back"),
    ("nacks-by-lease", "a_nack_without_delay_comes_back_at_once"),
    ("shortens-dead-letters", "a_dead_letter_is_whole_and_its_message_gone"),
    ("completes-twice", "an_outcome_is_stored_in_the_step_that_acknowledges"),
    ("requeues-failures", "a_dead_letter_can_be_returned_or_removed"),
    ("counts-a-lease-as-a-failure", "a_message_is_redelivered_when_its_lease_ends"),
    ("ignores-keep-alive", "a_lease_can_be_extended"),
    ("refuses-late-acknowledgements", "an_expired_message_can_still_be_acknowledged"),
    ("counts-no-dead-letters", "the_status_counts_messages_and_dead_letters"),
];

athena_queue::broker! {
    schemes: ["memory"],
    example: "memory:FAULT?queue=NAME",
    broker: Memory,
}

struct Memory;

/// A queue by its URL.
static QUEUES: LazyLock<Mutex<HashMap<String, Queue>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Queue {
    last: u64,
    messages: BTreeMap<u64, Message>,
    ids: HashSet<String>,
}

struct Message {
    envelope: Envelope,
    failures: u32,
    deliveries: u32,
    /// When it may be delivered again. `None` if it never was.
    due: Option<Instant>,
    is_nacked: bool,
}

/// A handle to a queue, of any kind.
#[derive(Clone)]
struct Handle {
    address: Address,
    fault: String,
    lease: Duration,
    to: Option<Address>,
    after: u64,
}

impl Handle {
    fn new(address: &Address) -> Self {
        let fault = address.path();
        Self { address: address.clone(), fault, lease: Duration::ZERO, to: None, after: 0 }
    }

    fn has(&self, fault: &str) -> bool {
        self.fault == fault
    }

    fn store(&self, queues: &mut HashMap<String, Queue>, to: &Address, envelope: &Envelope) {
        let mut envelope = envelope.clone();
        if self.has("drops-headers") && !envelope.trace.is_empty() {
            envelope.trace.clear();
        }
        if self.has("drops-trace-states") {
            envelope.trace_state.clear();
        }
        if self.has("drops-large-messages") && envelope.bytes.len() > 100_000 {
            envelope.bytes.truncate(100_000);
        }
        let queue = queues.entry(to.url()).or_default();
        if queue.ids.insert(envelope.id.clone()) {
            queue.add(envelope);
        }
    }
}

impl Queue {
    fn add(&mut self, envelope: Envelope) {
        self.last += 1;
        let message = Message { envelope, failures: 0, deliveries: 0, due: None, is_nacked: false };
        self.messages.insert(self.last, message);
    }

    /// The message of a tag, if this delivery holds it.
    fn held(&mut self, tag: &DeliveryTag) -> Option<&mut Message> {
        let (number, delivery) = parts(tag);
        self.messages.get_mut(&number).filter(|message| message.deliveries == delivery)
    }
}

fn parts(tag: &DeliveryTag) -> (u64, u32) {
    let (number, delivery) = tag.0.split_once(':').unwrap();
    (number.parse().unwrap(), delivery.parse().unwrap())
}

fn queues() -> MutexGuard<'static, HashMap<String, Queue>> {
    QUEUES.lock().unwrap_or_else(PoisonError::into_inner)
}

fn ready<'a, T: Send + 'a>(value: T) -> BrokerFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Broker for Memory {
    fn consumer<'a>(
        &'a self,
        address: &'a Address,
        options: &'a ConsumerOptions,
    ) -> BrokerFuture<'a, Arc<dyn Consumer>> {
        let (lease, to) = (options.lease, options.to.clone());
        queues().entry(address.url()).or_default();
        ready(Arc::new(Handle { lease, to, ..Handle::new(address) }) as Arc<dyn Consumer>)
    }

    fn producer<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Arc<dyn Producer>> {
        queues().entry(address.url()).or_default();
        ready(Arc::new(Handle::new(address)) as Arc<dyn Producer>)
    }

    fn lookup<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Lookup> {
        let known = queues();
        ready(Lookup::among(&address.url(), known.keys().cloned().collect()))
    }

    fn browser<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn Browser>> {
        let handle = Handle::new(address);
        if handle.has("makes-what-it-reads") {
            queues().entry(address.url()).or_default();
        }
        ready(Box::new(handle) as Box<dyn Browser>)
    }

    fn dead_letters<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, Box<dyn DeadLetters>> {
        ready(Box::new(Handle::new(address)) as Box<dyn DeadLetters>)
    }

    fn status<'a>(&'a self, address: &'a Address) -> BrokerFuture<'a, QueueStatus> {
        let handle = Handle::new(address);
        let is_blind = handle.has("counts-no-dead-letters");
        let count = |url: String| queues().get(&url).map_or(0, |queue| queue.messages.len() as u64);
        let dead = if is_blind { 0 } else { count(address.dead_letters().url()) };
        ready(QueueStatus::new(Backlog::new(count(address.url()), 0), dead))
    }
}

impl Producer for Handle {
    fn rejection(&self, _: &Envelope) -> Option<String> {
        self.has("rejects-everything").then(|| "it is an envelope".to_owned())
    }

    fn store<'a>(&'a self, envelopes: &'a [Envelope]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        for envelope in envelopes {
            self.store(&mut queues, &self.address, envelope);
        }
        ready(())
    }
}

impl Consumer for Handle {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.lease).with_atomic(self.to.is_some())
    }

    fn pull(&self, max: usize, wait: Duration) -> BrokerFuture<'_, Vec<Delivery>> {
        Box::pin(async move {
            let end = Instant::now() + wait;
            loop {
                let mut pulled = Vec::new();
                {
                    let mut queues = queues();
                    let queue = queues.entry(self.address.url()).or_default();
                    let now = Instant::now();
                    for (number, message) in &mut queue.messages {
                        if pulled.len() < max && message.due.is_none_or(|due| due <= now) {
                            let is_expired = message.due.is_some() && !message.is_nacked;
                            if self.has("counts-a-lease-as-a-failure") && is_expired {
                                message.failures += 1;
                            }
                            message.is_nacked = false;
                            message.deliveries += 1;
                            message.due = Some(now + self.lease);
                            let tag = DeliveryTag(format!("{number}:{}", message.deliveries));
                            let mut delivery = Delivery::new(tag, message.envelope.clone());
                            delivery.failures = message.failures;
                            delivery.deliveries = message.deliveries;
                            pulled.push(delivery);
                        }
                    }
                }
                if !pulled.is_empty() || Instant::now() >= end {
                    return Ok(pulled);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    }

    fn acknowledge<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        let queue = queues.entry(self.address.url()).or_default();
        for tag in tags {
            if self.has("refuses-late-acknowledgements") && queue.held(tag).is_none() {
                let error = athena_core::error::Error::failure("the delivery is not held");
                let is_there = queue.messages.contains_key(&parts(tag).0);
                if is_there {
                    return Box::pin(std::future::ready(Err(error)));
                }
            }
            if let Some(done) = queue.messages.remove(&parts(tag).0)
                && self.has("forgets-ids")
            {
                queue.ids.remove(&done.envelope.id);
            }
        }
        ready(())
    }

    fn complete<'a>(&'a self, done: &'a [(DeliveryTag, Envelope)]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        for (tag, envelope) in done {
            let to = self.to.as_ref().unwrap();
            let queue = queues.entry(self.address.url()).or_default();
            let was_there = queue.messages.remove(&parts(tag).0).is_some();
            if self.has("completes-twice") {
                queues.entry(to.url()).or_default().add(envelope.clone());
            } else if was_there {
                self.store(&mut queues, to, envelope);
            }
        }
        ready(())
    }

    fn nack<'a>(&'a self, nacks: &'a [Nack]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        let queue = queues.entry(self.address.url()).or_default();
        for nack in nacks {
            let is_done = !queue.messages.contains_key(&parts(&nack.tag).0);
            if self.has("revives-what-is-done") && is_done {
                queue.add(Envelope::new(nack.id.as_str(), ""));
            }
            let number = parts(&nack.tag).0;
            let message = if self.has("returns-what-another-holds") {
                queue.messages.get_mut(&number)
            } else {
                queue.held(&nack.tag)
            };
            let Some(message) = message else { continue };
            let by_lease = self.has("nacks-by-lease") && nack.delay.is_zero();
            let delay = if by_lease { self.lease } else { nack.delay };
            let delay = if self.has("ignores-delays") { Duration::ZERO } else { delay };
            message.is_nacked = true;
            message.due = Some(Instant::now() + delay);
            message.failures = if self.has("forgets-failures") { 0 } else { nack.failures };
        }
        ready(())
    }

    fn dead_letter<'a>(&'a self, dead: &'a [DeadLetter]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        for letter in dead {
            let queue = queues.entry(self.address.url()).or_default();
            if queue.messages.remove(&parts(&letter.tag).0).is_some() {
                let mut envelope = letter.envelope.clone();
                if self.has("shortens-dead-letters") {
                    envelope.reason.truncate(5);
                }
                queues.entry(self.address.dead_letters().url()).or_default().add(envelope);
            }
        }
        ready(())
    }

    fn keep_alive<'a>(&'a self, tags: &'a [DeliveryTag]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        let queue = queues.entry(self.address.url()).or_default();
        for tag in tags {
            if let Some(message) = queue.held(tag)
                && !self.has("ignores-keep-alive")
            {
                message.due = Some(Instant::now() + self.lease);
            }
        }
        ready(())
    }

    fn backlog(&self) -> BrokerFuture<'_, Backlog> {
        let mut queues = queues();
        let queue = queues.entry(self.address.url()).or_default();
        let held = queue.messages.values().filter(|message| message.due.is_some()).count() as u64;
        let waiting = queue.messages.len() as u64 - held;
        let is_blind = self.has("counts-nothing");
        ready(if is_blind { Backlog::default() } else { Backlog::new(waiting, held) })
    }
}

impl Browser for Handle {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<Envelope>> {
        let mut queues = queues();
        let Some(queue) = queues.get_mut(&self.address.url()) else { return ready(Vec::new()) };
        let max = if self.has("browses-too-much") { max + 1 } else { max };
        let found: Vec<_> = queue.messages.range(self.after + 1..).take(max).collect();
        self.after = found.last().map_or(self.after, |(number, _)| **number);
        let found: Vec<_> = found.into_iter().map(|(_, one)| one.envelope.clone()).collect();
        if self.has("browses-by-taking") {
            queue.messages.clear();
        }
        ready(found)
    }
}

impl DeadLetters for Handle {
    fn next(&mut self, max: usize) -> BrokerFuture<'_, Vec<StoredDeadLetter>> {
        let queues = queues();
        let Some(queue) = queues.get(&self.address.dead_letters().url()) else {
            return ready(Vec::new());
        };
        let letter = |(number, message): (&u64, &Message)| {
            StoredDeadLetter::new(DeliveryTag(format!("{number}:0")), message.envelope.clone())
        };
        let found = queue.messages.range(self.after + 1..).take(max).map(letter).collect();
        ready(found)
    }

    fn requeue<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        for letter in letters {
            let dead = queues.entry(self.address.dead_letters().url()).or_default();
            if dead.messages.remove(&parts(&letter.tag).0).is_some() {
                let is_faulty = self.has("requeues-failures");
                let revived = letter.envelope.revived();
                let envelope = if is_faulty { letter.envelope.clone() } else { revived };
                queues.entry(self.address.url()).or_default().add(envelope);
            }
        }
        ready(())
    }

    fn remove<'a>(&'a mut self, letters: &'a [StoredDeadLetter]) -> BrokerFuture<'a, ()> {
        let mut queues = queues();
        let dead = queues.entry(self.address.dead_letters().url()).or_default();
        for letter in letters {
            dead.messages.remove(&parts(&letter.tag).0);
        }
        ready(())
    }
}
