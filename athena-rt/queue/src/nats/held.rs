//! Which deliveries a consumer still holds. The server takes the tag of a delivery whose lease has ended for
//! that of the next delivery of the same message.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::broker::{Delivery, DeliveryTag};

/// The deliveries that are not settled, and when their leases end.
pub(super) struct HeldDeliveries {
    lease: Duration,
    ends: Mutex<HashMap<DeliveryTag, Instant>>,
}

impl HeldDeliveries {
    pub(super) fn new(lease: Duration) -> Self {
        Self { lease, ends: Mutex::default() }
    }

    /// Holds deliveries from now on. Those that nobody settled in time are forgotten.
    pub(super) fn add(&self, deliveries: &[Delivery]) {
        let now = Instant::now();
        let mut ends = self.lock();
        if ends.len() > 1_000 && ends.len() == ends.capacity() {
            ends.retain(|_, end| *end > now);
        }
        ends.extend(deliveries.iter().map(|one| (one.tag.clone(), now + self.lease)));
    }

    /// Whether a delivery is still held.
    pub(super) fn has(&self, tag: &DeliveryTag) -> bool {
        self.lock().get(tag).is_some_and(|end| *end > Instant::now())
    }

    /// Extends the leases of deliveries that are held.
    pub(super) fn extend(&self, tags: &[&DeliveryTag]) {
        let end = Instant::now() + self.lease;
        let mut ends = self.lock();
        for tag in tags {
            if let Some(held) = ends.get_mut(*tag) {
                *held = end;
            }
        }
    }

    /// Forgets deliveries that are settled.
    pub(super) fn remove<'t>(&self, tags: impl Iterator<Item = &'t DeliveryTag>) {
        let mut ends = self.lock();
        tags.for_each(|tag| _ = ends.remove(tag));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<DeliveryTag, Instant>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
