//! How many messages are held, and how many a process is given at once, by how long they take.

use std::time::Duration;

/// How much work is held ahead: more would lie here while other workers have none.
const PREFETCH_TIME: Duration = Duration::from_secs(2);

/// How much work a process is given at once.
const CHUNK_TIME: Duration = Duration::from_millis(20);

/// How many messages a process is given at once at most.
const MAX_CHUNK: usize = 128;

/// How many bytes of messages are held, about: a thousand large ones would not fit into memory.
const MAX_BYTES: f64 = 128e6;

/// How much a new time or size counts among those before.
const WEIGHT: f64 = 0.05;

#[derive(Clone, Copy, Debug)]
pub(super) struct PrefetchEstimator {
    processes: usize,
    prefetch: usize,
    /// How long a message takes, in seconds; none is known at first.
    mean: Option<f64>,
    /// How many bytes a message has; none is known at first.
    size: Option<f64>,
}

impl PrefetchEstimator {
    pub(super) fn new(processes: usize, prefetch: usize) -> Self {
        Self { processes, prefetch, mean: None, size: None }
    }

    /// A message took this long.
    pub(super) fn record_duration(&mut self, took: Duration) {
        learn(&mut self.mean, took.as_secs_f64());
    }

    /// A message came that has so many bytes.
    pub(super) fn record_size(&mut self, bytes: usize) {
        #[allow(clippy::cast_precision_loss, reason = "a mean")]
        learn(&mut self.size, bytes as f64);
    }

    /// How many messages to hold.
    pub(super) fn limit(&self) -> usize {
        let least = self.processes * 2;
        self.messages_per(PREFETCH_TIME)
            .map_or(least, |one| one.saturating_mul(self.processes).max(least))
            .min(self.prefetch)
            .min(self.memory_capacity())
            .max(1)
    }

    /// How many messages to give a process at once.
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
    fn what_may_be_held_is_never_exceeded() {
        assert_eq!(PrefetchEstimator::new(8, 3).limit(), 3);
    }
}
