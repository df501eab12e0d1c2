//! The messages that a consumer holds, and their leases.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use lapin::Acker;
use lapin::options::BasicNackOptions;
use tokio::time::timeout;

use crate::broker::{Delivery, DeliveryTag};
use crate::envelope::Envelope;

/// A message that was delivered and is not settled.
pub(super) struct HeldMessage {
    pub(super) acker: Acker,
    pub(super) envelope: Envelope,
    pub(super) failures: u32,
    pub(super) deliveries: u32,
}

/// A message and when its lease ends.
struct Leased {
    message: Arc<HeldMessage>,
    due: Instant,
}

/// A message by the tag of its delivery.
pub(super) type Tagged = (DeliveryTag, Arc<HeldMessage>);

/// The messages of a consumer. It returns those whose lease ends to the queue, while it lives; the server
/// does so when its connection ends.
pub(super) struct InFlightMessages {
    messages: Mutex<HashMap<DeliveryTag, Leased>>,
    lease: Duration,
}

impl InFlightMessages {
    /// Watches the leases until it is dropped.
    pub(super) fn new(lease: Duration) -> Arc<Self> {
        let held = Arc::new(Self { messages: Mutex::default(), lease });
        let interval = (lease / 8).clamp(Duration::from_millis(10), Duration::from_secs(1));
        tokio::spawn(watch(Arc::downgrade(&held), interval));
        held
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeliveryTag, Leased>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Holds a message from now on.
    pub(super) fn add(&self, delivery: &Delivery, acker: Acker) {
        let message = HeldMessage {
            acker,
            envelope: delivery.envelope.clone(),
            failures: delivery.failures,
            deliveries: delivery.deliveries,
        };
        let leased = Leased { message: Arc::new(message), due: Instant::now() + self.lease };
        self.lock().insert(delivery.tag.clone(), leased);
    }

    /// Extends the leases of messages that are still held.
    pub(super) fn extend(&self, tags: &[DeliveryTag]) {
        let due = Instant::now() + self.lease;
        let mut messages = self.lock();
        for tag in tags {
            if let Some(leased) = messages.get_mut(tag) {
                leased.due = due;
            }
        }
    }

    /// The answer to a request that may take longer than a lease. The messages stay held meanwhile.
    pub(super) async fn kept<T>(
        &self,
        tags: &[DeliveryTag],
        request: impl Future<Output = T>,
    ) -> T {
        let mut request = pin!(request);
        loop {
            self.extend(tags);
            if let Ok(answer) = timeout(self.lease / 4, &mut request).await {
                return answer;
            }
        }
    }

    /// Those of the messages that are still held. They are held on until they are removed: a request that is
    /// dropped half way can be repeated.
    pub(super) fn find<'a>(&self, tags: impl Iterator<Item = &'a DeliveryTag>) -> Vec<Tagged> {
        let messages = self.lock();
        let found =
            |tag: &DeliveryTag| Some((tag.clone(), Arc::clone(&messages.get(tag)?.message)));
        tags.filter_map(found).collect()
    }

    /// Forgets messages that are settled.
    pub(super) fn remove(&self, settled: &[Tagged]) {
        let mut messages = self.lock();
        for (tag, _) in settled {
            messages.remove(tag);
        }
    }

    /// Forgets all: the connection has ended, and the server delivers them again.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    async fn return_expired(&self) {
        let now = Instant::now();
        let expired: Vec<_> = self
            .lock()
            .extract_if(|_, leased| leased.due <= now)
            .map(|(_, leased)| leased)
            .collect();
        for leased in expired {
            let _ = return_to_queue(&leased.message.acker).await;
        }
    }
}

/// Returns a message to its queue at once.
pub(super) async fn return_to_queue(acker: &Acker) -> lapin::Result<bool> {
    acker.nack(BasicNackOptions { requeue: true, ..BasicNackOptions::default() }).await
}

async fn watch(held: Weak<InFlightMessages>, interval: Duration) {
    loop {
        tokio::time::sleep(interval).await;
        match held.upgrade() {
            Some(held) => held.return_expired().await,
            None => return,
        }
    }
}
