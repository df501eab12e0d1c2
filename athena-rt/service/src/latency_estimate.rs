//! Estimates how long a model takes, to decide whether its messages need a thread of the pool.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A model with a lower mean is fast, in nanoseconds: about ten times what it takes to hand a message
/// to another thread and its outcome back.
const FAST: u64 = 50_000;

/// The estimate before the first call: it takes a few hundred fast calls to get below [`FAST`].
const INITIAL: u64 = 1_000_000;

/// The longest duration that is recorded: about a thousand fast calls make up for it.
const LONGEST: u64 = 60_000_000_000;

/// Each call moves the mean by this fraction of the difference: 1/64.
const WEIGHT: u64 = 64;

/// The estimate of a model that is never fast.
const POOL_ONLY: u64 = u64::MAX;

/// The exponentially weighted mean of a model's latency.
pub(super) struct LatencyEstimate(AtomicU64);

impl Default for LatencyEstimate {
    fn default() -> Self {
        Self(INITIAL.into())
    }
}

impl LatencyEstimate {
    /// Whether a call may run on the reactor.
    pub(super) fn is_fast(&self) -> bool {
        self.0.load(Ordering::Relaxed) < FAST
    }

    /// Records a call. If two end at once, one of them is not recorded.
    pub(super) fn record(&self, duration: Duration) {
        self.record_many(duration, 1);
    }

    /// Records this number of calls, which took so long together.
    pub(super) fn record_many(&self, total: Duration, count: u32) {
        let nanos = u64::try_from(total.as_nanos()).unwrap_or(u64::MAX);
        let each = (nanos / u64::from(count.max(1))).min(LONGEST);
        let mean = self.0.load(Ordering::Relaxed);
        if mean != POOL_ONLY {
            let record = |mean: u64, _| mean - mean / WEIGHT + each / WEIGHT;
            let next = (0..count).fold(mean, record);
            let _ = self.0.compare_exchange(mean, next, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Keeps the model on the pool for good.
    pub(super) fn keep_on_pool(&self) {
        self.0.store(POOL_ONLY, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(latency: &LatencyEstimate, micros: u64, times: usize) {
        (0..times).for_each(|_| latency.record(Duration::from_micros(micros)));
    }

    #[test]
    fn a_model_is_fast_after_many_fast_calls_and_no_longer_after_a_slow_one() {
        let latency = LatencyEstimate::default();
        assert!(!latency.is_fast());
        calls(&latency, 5, 500);
        assert!(latency.is_fast());
        calls(&latency, 200_000, 1);
        assert!(!latency.is_fast());
        calls(&latency, 5, 200);
        assert!(!latency.is_fast(), "a very slow call counts for long");
        calls(&latency, 5, 500);
        assert!(latency.is_fast());
        calls(&latency, 100, 500);
        assert!(!latency.is_fast());
        latency.keep_on_pool();
        calls(&latency, 5, 100_000);
        assert!(!latency.is_fast());
    }
}
