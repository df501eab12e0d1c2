//! How many messages are held, and how many a process is given at once, by how long they take.

use std::time::Duration;

/// How much work is held ahead: more would lie here while other workers have none.
const AHEAD: Duration = Duration::from_secs(2);

/// How much work a process is given at once.
const CHUNK: Duration = Duration::from_millis(20);

/// How many messages a process is given at once at most.
const MOST: usize = 128;

/// How many bytes of messages are held, about: a thousand large ones would not fit into memory.
const BYTES: f64 = 128e6;

/// How much a new time or size counts among those before.
const WEIGHT: f64 = 0.05;

#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    processes: usize,
    prefetch: usize,
    /// How long a message takes, in seconds; none is known at first.
    mean: Option<f64>,
    /// How many bytes a message has; none is known at first.
    size: Option<f64>,
}

impl Pace {
    pub(super) fn new(processes: usize, prefetch: usize) -> Self {
        Self { processes, prefetch, mean: None, size: None }
    }

    /// A message took this long.
    pub(super) fn took(&mut self, took: Duration) {
        learn(&mut self.mean, took.as_secs_f64());
    }

    /// A message came that has so many bytes.
    pub(super) fn weighs(&mut self, bytes: usize) {
        #[allow(clippy::cast_precision_loss, reason = "a mean")]
        learn(&mut self.size, bytes as f64);
    }

    /// How many messages to hold.
    pub(super) fn hold(&self) -> usize {
        let least = self.processes * 2;
        self.fit(AHEAD)
            .map_or(least, |one| one.saturating_mul(self.processes).max(least))
            .min(self.prefetch)
            .min(self.room())
            .max(1)
    }

    /// How many messages to give a process at once.
    pub(super) fn chunk(&self) -> usize {
        self.fit(CHUNK).unwrap_or(1).clamp(1, MOST)
    }

    /// How many messages fit into memory.
    fn room(&self) -> usize {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to 128e6")]
        self.size.map_or(usize::MAX, |size| (BYTES / size.max(1.0)) as usize)
    }

    /// How many messages fit into a time.
    fn fit(&self, time: Duration) -> Option<usize> {
        let fit = time.as_secs_f64() / self.mean?.max(1e-6);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to 2e6")]
        Some(fit as usize)
    }
}

fn learn(mean: &mut Option<f64>, new: f64) {
    *mean = Some(mean.map_or(new, |mean| mean + WEIGHT * (new - mean)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(took: Duration) -> Pace {
        let mut pace = Pace::new(2, 1000);
        pace.took(took);
        pace
    }

    #[test]
    fn slow_messages_are_held_few_at_a_time_and_quick_ones_many() {
        assert_eq!((Pace::new(2, 1000).hold(), Pace::new(2, 1000).chunk()), (4, 1));
        let slow = pace(Duration::from_secs(10));
        assert_eq!((slow.hold(), slow.chunk()), (4, 1));
        let middling = pace(Duration::from_millis(10));
        assert_eq!((middling.hold(), middling.chunk()), (400, 2));
        let quick = pace(Duration::ZERO);
        assert_eq!((quick.hold(), quick.chunk()), (1000, 128));
    }

    #[test]
    fn large_messages_are_held_few_at_a_time() {
        let mut quick = pace(Duration::ZERO);
        quick.weighs(1000);
        assert_eq!(quick.hold(), 1000);
        (0..256).for_each(|_| quick.weighs(1_000_000));
        assert_eq!(quick.hold(), 128);
        (0..256).for_each(|_| quick.weighs(1_000_000_000));
        assert_eq!(quick.hold(), 1);
    }

    #[test]
    fn what_may_be_held_is_never_exceeded() {
        assert_eq!(Pace::new(8, 3).hold(), 3);
    }
}
