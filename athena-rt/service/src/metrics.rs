//! Counters of requests and messages.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The statuses of requests; any other status counts as the last.
const STATUSES: [u16; 15] =
    [200, 400, 401, 403, 404, 405, 406, 408, 413, 415, 422, 503, 504, 505, 500];

/// Upper bounds of the buckets of durations, in seconds and microseconds.
const BUCKETS: [(&str, u64); 12] = [
    ("0.0005", 500),
    ("0.001", 1_000),
    ("0.0025", 2_500),
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.1", 100_000),
    ("0.25", 250_000),
    ("1", 1_000_000),
    ("2.5", 2_500_000),
    ("10", 10_000_000),
    ("60", 60_000_000),
];

/// How a message ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OutcomeStatus {
    Output,
    /// The model returned an error.
    Error,
    /// The message is invalid, the model panicked, or its output can't be written.
    Failed,
    TimedOut,
}

const OUTCOME_STATUSES: [&str; 4] = ["output", "error", "failure", "timeout"];

impl OutcomeStatus {
    /// The name of what went wrong; `None` for an output.
    pub(super) fn error(self) -> Option<&'static str> {
        (self != Self::Output).then_some(OUTCOME_STATUSES[self as usize])
    }
}

/// Counters of one model.
#[derive(Default)]
pub(super) struct Metrics {
    durations: [Durations; STATUSES.len()],
    messages: [AtomicU64; OUTCOME_STATUSES.len()],
}

/// Messages that are counted together, when this is dropped at the latest: a counter that all threads share takes
/// longer than the other work of a line.
pub(super) struct MessageCounts<'a> {
    metrics: &'a Metrics,
    counts: [u64; OUTCOME_STATUSES.len()],
}

/// A histogram of durations.
#[derive(Default)]
pub(super) struct Durations {
    /// The last one has what is longer than all bounds.
    buckets: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Metrics {
    pub(super) fn count_request(&self, status: u16, duration: Duration) {
        let at = STATUSES.iter().position(|&known| known == status).unwrap_or(STATUSES.len() - 1);
        let durations = &self.durations[at];
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.iter().position(|&(_, end)| micros <= end).unwrap_or(BUCKETS.len());
        durations.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        durations.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(super) fn count_message(&self, status: OutcomeStatus) {
        self.messages[status as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The number of messages by how they ended.
    pub(super) fn messages(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let counts = self.messages.iter().map(|count| count.load(Ordering::Relaxed));
        OUTCOME_STATUSES.into_iter().zip(counts)
    }

    /// The durations of requests by status, if there were any.
    pub(super) fn requests(&self) -> impl Iterator<Item = (u16, &Durations)> {
        STATUSES.into_iter().zip(&self.durations).filter(|(_, durations)| durations.count() > 0)
    }
}

impl<'a> MessageCounts<'a> {
    pub(super) fn new(metrics: &'a Metrics) -> Self {
        Self { metrics, counts: [0; OUTCOME_STATUSES.len()] }
    }

    pub(super) fn add(&mut self, status: OutcomeStatus) {
        self.counts[status as usize] += 1;
    }

    pub(super) fn flush(&mut self) {
        for (count, total) in self.counts.iter_mut().zip(&self.metrics.messages) {
            total.fetch_add(std::mem::take(count), Ordering::Relaxed);
        }
    }
}

impl Drop for MessageCounts<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}

impl Durations {
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.load(Ordering::Relaxed)).sum()
    }

    /// The sum in microseconds.
    pub(super) fn micros(&self) -> u64 {
        self.micros.load(Ordering::Relaxed)
    }

    /// The number of durations up to each bound.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (&'static str, u64)> {
        BUCKETS.iter().zip(&self.buckets).scan(0, |sum, (&(bound, _), bucket)| {
            *sum += bucket.load(Ordering::Relaxed);
            Some((bound, *sum))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_in_every_bucket_that_is_longer_and_always_in_the_count() {
        let metrics = Metrics::default();
        for seconds in [0, 5, 61] {
            metrics.count_request(200, Duration::from_secs(seconds));
        }
        let (status, durations) = metrics.requests().next().unwrap();
        assert_eq!((status, durations.count(), durations.micros()), (200, 3, 66_000_000));
        let buckets: Vec<_> = durations.buckets().collect();
        assert_eq!(buckets[9..], [("2.5", 1), ("10", 2), ("60", 2)]);
    }

    #[test]
    fn messages_that_are_counted_together_are_counted_when_the_last_is_done() {
        let metrics = Metrics::default();
        let count = |at: usize| metrics.messages().nth(at).unwrap().1;
        let mut counts = MessageCounts::new(&metrics);
        counts.add(OutcomeStatus::Output);
        counts.add(OutcomeStatus::Output);
        counts.flush();
        assert_eq!(count(0), 2);
        counts.add(OutcomeStatus::Failed);
        drop(counts);
        assert_eq!((count(0), count(2)), (2, 1));
    }
}
