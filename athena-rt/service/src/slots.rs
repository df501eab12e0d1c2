//! Slots for plain models that run at once, on threads of the pool or of the reactor.
//!
//! Handing a message to another thread and its outcome back takes longer than a small model does,
//! so fast models run on the reactor. If a fast model is slow once, the reactor still works: it has
//! one thread more than models may occupy. A thread of the reactor must not wait for a slot, because
//! other threads can't take over the task that it would run next.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The slots of a service.
pub(super) struct ModelSlots {
    limit: usize,
    reactor_limit: usize,
    usage: Mutex<Usage>,
    /// Signalled when a slot may be free for a thread of the pool.
    freed: Condvar,
}

#[derive(Default)]
struct Usage {
    /// Slots in use, on the pool and the reactor.
    total: usize,
    on_reactor: usize,
    /// Threads of the pool that wait for a slot.
    waiting: usize,
}

impl ModelSlots {
    pub(super) fn new(limit: usize, uses_reactor: bool) -> Arc<Self> {
        Arc::new(Self {
            limit,
            reactor_limit: if uses_reactor { limit.min(cores()) } else { 0 },
            usage: Mutex::default(),
            freed: Condvar::new(),
        })
    }

    /// How many threads the reactor needs.
    pub(super) fn reactor_threads() -> usize {
        cores() + 1
    }

    /// A slot on the reactor, if one is free.
    pub(super) fn try_acquire_on_reactor(self: &Arc<Self>) -> Option<Slot> {
        let mut usage = self.lock();
        if usage.total >= self.limit || usage.on_reactor >= self.reactor_limit {
            return None;
        }
        usage.total += 1;
        usage.on_reactor += 1;
        Some(Slot { slots: Arc::clone(self), is_on_reactor: true })
    }

    /// Waits for a slot, on a thread of the pool.
    pub(super) fn acquire_on_pool(self: &Arc<Self>) -> Slot {
        let mut usage = self.lock();
        usage.waiting += 1;
        while usage.total >= self.limit {
            usage = self.freed.wait(usage).unwrap_or_else(PoisonError::into_inner);
        }
        usage.waiting -= 1;
        usage.total += 1;
        Slot { slots: Arc::clone(self), is_on_reactor: false }
    }

    fn lock(&self) -> MutexGuard<'_, Usage> {
        self.usage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A slot in use until this is dropped.
pub(super) struct Slot {
    slots: Arc<ModelSlots>,
    is_on_reactor: bool,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut usage = self.slots.lock();
        usage.total -= 1;
        if self.is_on_reactor {
            usage.on_reactor -= 1;
        }
        if usage.waiting > 0 {
            self.slots.freed.notify_one();
        }
    }
}
