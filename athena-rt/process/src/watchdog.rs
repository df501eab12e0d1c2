//! Which messages run in a model process, since when, and which of them takes too long or too much memory.

use std::sync::atomic::{AtomicU64, Ordering};

/// The start of a message whose time is not limited: later than any time.
const PAUSED: u64 = u64::MAX;

/// Which message each thread runs, and since when.
#[derive(Debug)]
pub struct Watchdog {
    slots: Vec<Slot>,
    /// Milliseconds since the start, plus one. Only the thread that watches asks the system for the
    /// time: to ask twice for each case would cost a twentieth of a replay.
    now: AtomicU64,
    /// The memory limit of the message that runs, in bytes, and the most memory that was seen while none had one.
    own_memory_limit: AtomicU64,
    most_memory: AtomicU64,
}

/// The message that a thread runs.
#[derive(Debug, Default)]
struct Slot {
    request: AtomicU64,
    /// Its index within the request.
    index: AtomicU64,
    /// [`Watchdog::now`] when it began; 0 while the thread has nothing to do.
    since: AtomicU64,
}

/// No message has a memory limit of its own.
const UNLIMITED: u64 = u64::MAX;

impl Watchdog {
    /// A watchdog that nothing drives: no time passes.
    pub fn idle(threads: usize) -> Self {
        let slots = (0..threads).map(|_| Slot::default()).collect();
        Self {
            slots,
            now: AtomicU64::new(1),
            own_memory_limit: AtomicU64::new(UNLIMITED),
            most_memory: AtomicU64::new(0),
        }
    }

    /// Milliseconds since the start, as of this tick.
    pub(super) fn tick(&self, now: u64) {
        self.now.store(now, Ordering::Release);
    }

    /// Milliseconds since the start, as of the last tick.
    pub fn now(&self) -> u64 {
        self.now.load(Ordering::Relaxed)
    }

    /// A thread begins a message.
    pub fn begin(&self, thread: usize, request: u64, index: u64) {
        let slot = &self.slots[thread];
        slot.request.store(request, Ordering::Release);
        slot.index.store(index, Ordering::Release);
        slot.since.store(self.now(), Ordering::Release);
    }

    /// A thread begins a message as if it had run for this many milliseconds already: its time limit is shorter
    /// by them, as far as the process is as old.
    pub fn begin_late(&self, thread: usize, request: u64, index: u64, already: u64) {
        self.begin(thread, request, index);
        self.slots[thread]
            .since
            .store(self.now().saturating_sub(already).max(1), Ordering::Release);
    }

    /// The message that begins next may not have the process take more memory than this, if that is less than what
    /// the process may take. `None` ends that limit. For a process with a single thread.
    pub fn limit_memory(&self, bytes: Option<u64>) {
        self.own_memory_limit.store(bytes.unwrap_or(UNLIMITED), Ordering::Release);
    }

    /// The most memory that the process was seen to take while no message had a limit of its own.
    pub fn most_memory(&self) -> u64 {
        self.most_memory.load(Ordering::Relaxed)
    }

    /// A model has answered, and its thread works on: it is busy, and no time limit applies.
    pub fn pause(&self, thread: usize) {
        self.slots[thread].since.store(PAUSED, Ordering::Release);
    }

    /// A thread has nothing to run.
    pub fn end(&self, thread: usize) {
        self.slots[thread].since.store(0, Ordering::Release);
    }

    /// A message that has run longer than `timeout`.
    pub(super) fn late(&self, now: u64, timeout: u64) -> Option<(u64, u64)> {
        self.slots.iter().find_map(|slot| {
            let since = slot.since.load(Ordering::Acquire);
            let index = slot.index.load(Ordering::Acquire);
            let request = slot.request.load(Ordering::Acquire);
            let is_late = since != 0 && now.saturating_sub(since) > timeout;
            // It is the same message still, or it has ended meanwhile.
            (is_late && slot.since.load(Ordering::Acquire) == since).then_some((request, index))
        })
    }

    pub(super) fn is_busy(&self) -> bool {
        self.slots.iter().any(|slot| slot.since.load(Ordering::Acquire) != 0)
    }

    /// The memory of the process, if that is more than it may take, or than the message may that runs.
    pub(super) fn too_much_memory(
        &self,
        limit: u64,
        used: impl Fn() -> Option<u64>,
    ) -> Option<u64> {
        let own_limit = self.own_memory_limit.load(Ordering::Acquire);
        let running = self.only_running();
        let bytes = used()?;
        if own_limit == UNLIMITED {
            self.most_memory.fetch_max(bytes, Ordering::Relaxed);
        }
        // It is the same message still, or this is not its memory.
        let is_its = || running.is_some() && running == self.only_running();
        (bytes > limit || (bytes > own_limit && is_its())).then_some(bytes)
    }

    /// The request that runs, with the index of its message, if no other does.
    pub(super) fn only_running(&self) -> Option<(u64, u64)> {
        let busy = |slot: &&Slot| !matches!(slot.since.load(Ordering::Acquire), 0 | PAUSED);
        let mut busy = self.slots.iter().filter(busy);
        let first = busy.next()?;
        let numbers = [&first.request, &first.index].map(|number| number.load(Ordering::Acquire));
        busy.next().is_none().then_some(numbers.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_that_is_late_is_found_and_no_other() {
        let watchdog = Watchdog::idle(3);
        watchdog.begin(0, 7, 2);
        watchdog.now.store(50, Ordering::Release);
        watchdog.begin(1, 8, 3);
        assert_eq!(watchdog.only_running(), None);
        assert_eq!(watchdog.late(100, 98), Some((7, 2)));
        assert_eq!(watchdog.late(100, 99), None);
        watchdog.end(0);
        assert_eq!(watchdog.only_running(), Some((8, 3)));
        assert_eq!(watchdog.late(100, 40), Some((8, 3)));
        watchdog.pause(1);
        assert!(watchdog.is_busy() && watchdog.late(1_000_000, 1).is_none());
        assert_eq!(watchdog.only_running(), None);
        watchdog.begin_late(2, 9, 4, 20);
        assert_eq!(watchdog.late(100, 69), Some((9, 4)));
        assert_eq!(watchdog.late(100, 70), None);
        watchdog.begin_late(2, 9, 4, 200);
        assert_eq!(watchdog.late(100, 98), Some((9, 4)));
        watchdog.end(2);
        watchdog.end(1);
        assert!(!watchdog.is_busy() && watchdog.late(1000, 1).is_none());
    }

    #[test]
    fn a_message_may_have_less_memory_than_the_process() {
        let watchdog = Watchdog::idle(1);
        watchdog.begin(0, 7, 0);
        assert_eq!(watchdog.too_much_memory(100, || Some(60)), None);
        assert_eq!(watchdog.too_much_memory(100, || Some(101)), Some(101));
        watchdog.begin(0, 7, 1);
        watchdog.limit_memory(Some(50));
        assert_eq!(watchdog.too_much_memory(100, || Some(50)), None);
        assert_eq!(watchdog.too_much_memory(100, || Some(51)), Some(51));
        // Another message has begun meanwhile, or the process does something else.
        let other = || {
            watchdog.begin(0, 8, 0);
            Some(51)
        };
        assert_eq!(watchdog.too_much_memory(100, other), None);
        watchdog.pause(0);
        assert_eq!(watchdog.too_much_memory(100, || Some(51)), None);
        watchdog.limit_memory(None);
        assert_eq!(watchdog.too_much_memory(100, || Some(51)), None);
        assert_eq!(watchdog.most_memory(), 101);
    }
}
