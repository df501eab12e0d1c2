//! How long a model takes, and whether that is worth a thread of its own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A model that takes less is quick, in nanoseconds: some ten times what it takes to hand a message
/// to another thread and its outcome back.
const QUICK: u64 = 50_000;

/// What a model takes before anything is known of it: a few hundred quick calls show otherwise.
const UNKNOWN: u64 = 1_000_000;

/// The longest that is remembered: some thousand quick calls.
const LONGEST: u64 = 60_000_000_000;

/// The mean goes this far towards each call: one over it.
const WEIGHT: u64 = 64;

/// How long a model takes in the mean, the last calls most; the longer one takes, the more quick
/// ones it takes to make up for it.
pub(super) struct Pace(AtomicU64);

impl Default for Pace {
    fn default() -> Self {
        Self(UNKNOWN.into())
    }
}

impl Pace {
    /// Whether a call may run on the reactor.
    pub(super) fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed) < QUICK
    }

    /// Counts a call. Where two end at once one of them is not counted.
    pub(super) fn took(&self, took: Duration) {
        let took = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX).min(LONGEST);
        let mean = self.0.load(Ordering::Relaxed);
        if mean != u64::MAX {
            let next = mean - mean / WEIGHT + took / WEIGHT;
            let _ = self.0.compare_exchange(mean, next, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// The model does what only a thread of its own can: it is never quick again.
    pub(super) fn blocks(&self) {
        self.0.store(u64::MAX, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(pace: &Pace, micros: u64, times: usize) {
        (0..times).for_each(|_| pace.took(Duration::from_micros(micros)));
    }

    #[test]
    fn a_model_is_quick_once_it_was_for_long_and_no_more_once_it_was_not() {
        let pace = Pace::default();
        assert!(!pace.is_quick());
        calls(&pace, 5, 500);
        assert!(pace.is_quick());
        calls(&pace, 200_000, 1);
        assert!(!pace.is_quick());
        calls(&pace, 5, 200);
        assert!(!pace.is_quick(), "so long a call is not forgotten at once");
        calls(&pace, 5, 500);
        assert!(pace.is_quick());
        calls(&pace, 100, 500);
        assert!(!pace.is_quick());
        pace.blocks();
        calls(&pace, 5, 100_000);
        assert!(!pace.is_quick());
    }
}
