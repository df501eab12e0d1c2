//! Calls of plain models that run although they exceeded their limit. A thread can't be ended, so a model
//! that hangs keeps its thread: once that is so for every thread, the service reports it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// All calls of a service.
pub(super) struct LateCalls {
    threads: usize,
    late: Mutex<Late>,
}

#[derive(Default)]
struct Late {
    count: usize,
    /// Since when they occupy every thread.
    since: Option<Instant>,
}

/// A call has not begun, runs, or ran out of its time.
const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const LATE: u8 = 2;

/// One call.
pub(super) struct LateCall {
    stage: AtomicU8,
    calls: Arc<LateCalls>,
}

impl LateCalls {
    pub(super) fn new(threads: usize) -> Arc<Self> {
        Arc::new(Self { threads, late: Mutex::default() })
    }

    /// A call that has not begun.
    pub(super) fn call(self: &Arc<Self>) -> LateCall {
        LateCall { stage: AtomicU8::new(WAITING), calls: Arc::clone(self) }
    }

    pub(super) fn count(&self) -> usize {
        self.lock().count
    }

    /// For how long they have occupied every thread.
    pub(super) fn hang(&self) -> Option<Duration> {
        self.lock().since.map(|since| since.elapsed())
    }

    /// Counts a call if it runs still.
    fn add(&self, call: &LateCall) {
        let mut late = self.lock();
        // Under the lock: whoever ends the call counts it out after this.
        let set = call.stage.compare_exchange(RUNNING, LATE, Ordering::AcqRel, Ordering::Acquire);
        if set.is_err() {
            return;
        }
        late.count += 1;
        if late.count >= self.threads && late.since.is_none() {
            late.since = Some(Instant::now());
            drop(late);
            tracing::error!(
                "models that exceed the time limit occupy every thread: the service is not ready; \
                 with --processes N such a model is ended"
            );
        }
    }

    fn remove(&self) {
        let mut late = self.lock();
        late.count = late.count.saturating_sub(1);
        late.since = late.since.filter(|_| late.count >= self.threads);
    }

    fn lock(&self) -> MutexGuard<'_, Late> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LateCall {
    /// Runs the call on this thread.
    pub(super) fn run<T>(&self, work: impl FnOnce() -> T) -> T {
        self.stage.store(RUNNING, Ordering::Release);
        let done = work();
        if self.stage.swap(WAITING, Ordering::AcqRel) == LATE {
            self.calls.remove();
        }
        done
    }

    /// The limit is exceeded. A call that has not begun does not count: it is dropped.
    pub(super) fn set_late(&self) {
        self.calls.add(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hang_is_reported_while_late_calls_occupy_every_thread() {
        let calls = LateCalls::new(2);
        let [one, other, waiting] = [calls.call(), calls.call(), calls.call()];
        waiting.set_late();
        assert_eq!(calls.count(), 0);
        one.run(|| {
            one.set_late();
            assert_eq!((calls.count(), calls.hang()), (1, None));
            other.run(|| {
                other.set_late();
                assert!(calls.count() == 2 && calls.hang().is_some());
            });
            assert_eq!((calls.count(), calls.hang()), (1, None));
        });
        assert_eq!(calls.count(), 0);
    }
}
