//! How many cases are sent at once: many if they are quick, since a message costs more than a quick case, and few at
//! the end, so that no thread is left with most of them.

use std::time::Duration;

/// The cases of the first chunks, whose time is not known.
const FIRST: usize = 8;

/// How many chunks a thread has at a time: of the first ones, of which each is done sooner than the next one comes, and
/// of those whose size is known.
const FIRST_AHEAD: usize = 4;
const AHEAD: usize = 2;

/// The most cases of a chunk.
const MOST: usize = 1_024;

/// The most that a chunk grows at once: the first cases may be quicker than the others.
const GROWTH: usize = 16;

/// How long a chunk should take.
const LONG: Duration = Duration::from_millis(20);

/// How long a chunk takes at least, if it has more than one case.
const SHORT: Duration = Duration::from_micros(250);

/// The size of the next chunk, by measured time.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChunkSize {
    most: usize,
    least: usize,
    /// How many chunks a thread has at a time.
    pub(super) ahead: usize,
}

impl ChunkSize {
    pub(super) fn new() -> Self {
        Self { most: FIRST, least: FIRST, ahead: FIRST_AHEAD }
    }

    /// Learns from a chunk of N cases.
    pub(super) fn measure(&mut self, cases: usize, took: Duration) {
        let each = (took.as_nanos() / cases.max(1) as u128).max(1);
        let fits = |time: Duration| {
            usize::try_from(time.as_nanos() / each).unwrap_or(usize::MAX).clamp(1, MOST)
        };
        self.most = fits(LONG).min(self.most.saturating_mul(GROWTH));
        self.least = fits(SHORT).min(self.most);
        self.ahead = AHEAD;
    }

    /// The number of cases of the next chunk for one of N threads.
    pub(super) fn of(self, left: usize, threads: usize) -> usize {
        (left / (AHEAD * threads.max(1))).clamp(self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_cases_come_in_large_chunks_and_slow_ones_one_by_one() {
        let mut size = ChunkSize::new();
        assert_eq!((size.of(1_000, 2), size.of(3, 2), size.ahead), (FIRST, FIRST, 4));
        let micros = Duration::from_micros;
        size.measure(8, micros(16));
        assert_eq!((size.of(100_000, 2), size.of(1_000, 2), size.of(10, 2)), (128, 128, 125));
        assert_eq!(size.ahead, 2);
        size.measure(128, micros(256));
        assert_eq!((size.of(100_000, 2), size.of(1_000, 2), size.of(10, 2)), (1_024, 250, 125));
        size.measure(1_024, micros(1_024_000));
        assert_eq!((size.of(1_000, 2), size.of(16, 2), size.of(2, 2)), (20, 4, 1));
        size.measure(20, Duration::from_mins(1));
        assert_eq!(size.of(1_000, 2), 1);
        size.measure(1, Duration::ZERO);
        assert_eq!(size.of(1_000, 2), 16);
    }
}
