//! How many messages to prefetch and to send to a process, by how long they take.

use std::time::Duration;

/// How much work is prefetched: other workers cannot run what is held here.
const PREFETCH_TIME: Duration = Duration::from_secs(2);

/// How much work a process gets at once.
const CHUNK_TIME: Duration = Duration::from_millis(20);

/// The maximum number of messages that a process gets at once.
const MAX_CHUNK: usize = 128;

/// The approximate maximum size of the messages held, so that they fit into memory.
const MAX_BYTES: f64 = 128e6;

/// The weight of a new value in the moving average.
const WEIGHT: f64 = 0.05;

#[derive(Clone, Copy, Debug)]
pub(super) struct PrefetchEstimator {
    processes: usize,
    prefetch: usize,
    /// Mean duration of a message in seconds, once it is known.
    mean: Option<f64>,
    /// Mean size of a message in bytes, once it is known.
    size: Option<f64>,
}

impl PrefetchEstimator {
    pub(super) fn new(processes: usize, prefetch: usize) -> Self {
        Self { processes, prefetch, mean: None, size: None }
    }

    /// Records how long a message took.
    pub(super) fn record_duration(&mut self, took: Duration) {
        learn(&mut self.mean, took.as_secs_f64());
    }

    /// Records the size of a message.
    pub(super) fn record_size(&mut self, bytes: usize) {
        #[allow(clippy::cast_precision_loss, reason = "a mean")]
        learn(&mut self.size, bytes as f64);
    }

    /// The maximum number of messages to hold.
    pub(super) fn limit(&self) -> usize {
        let least = self.processes * 2;
        self.messages_per(PREFETCH_TIME)
            .map_or(least, |one| one.saturating_mul(self.processes).max(least))
            .min(self.prefetch)
            .min(self.memory_capacity())
            .max(1)
    }

    /// How many messages to send to a process at once.
    pub(super) fn chunk_size(&self) -> usize {
        self.messages_per(CHUNK_TIME).unwrap_or(1).clamp(1, MAX_CHUNK)
    }

    /// How many messages fit into memory.
    fn memory_capacity(&self) -> usize {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to 128e6")]
        self.size.map_or(usize::MAX, |size| (MAX_BYTES / size.max(1.0)) as usize)
    }

    /// How many messages fit into a time.
    fn messages_per(&self, time: Duration) -> Option<usize> {
        let messages_per = time.as_secs_f64() / self.mean?.max(1e-6);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to 2e6")]
        Some(messages_per as usize)
    }
}

fn learn(mean: &mut Option<f64>, new: f64) {
    *mean = Some(mean.map_or(new, |mean| mean + WEIGHT * (new - mean)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimator(took: Duration) -> PrefetchEstimator {
        let mut prefetch = PrefetchEstimator::new(2, 1000);
        prefetch.record_duration(took);
        prefetch
    }

    #[test]
    fn slow_messages_are_held_few_at_a_time_and_quick_ones_many() {
        assert_eq!(
            (PrefetchEstimator::new(2, 1000).limit(), PrefetchEstimator::new(2, 1000).chunk_size()),
            (4, 1)
        );
        let slow = estimator(Duration::from_secs(10));
        assert_eq!((slow.limit(), slow.chunk_size()), (4, 1));
        let middling = estimator(Duration::from_millis(10));
        assert_eq!((middling.limit(), middling.chunk_size()), (400, 2));
        let quick = estimator(Duration::ZERO);
        assert_eq!((quick.limit(), quick.chunk_size()), (1000, 128));
    }

    #[test]
    fn large_messages_are_held_few_at_a_time() {
        let mut quick = estimator(Duration::ZERO);
        quick.record_size(1000);
        assert_eq!(quick.limit(), 1000);
        (0..256).for_each(|_| quick.record_size(1_000_000));
        assert_eq!(quick.limit(), 128);
        (0..256).for_each(|_| quick.record_size(1_000_000_000));
        assert_eq!(quick.limit(), 1);
    }

    #[test]
    fn the_configured_prefetch_is_never_exceeded() {
        assert_eq!(PrefetchEstimator::new(8, 3).limit(), 3);
    }
}
