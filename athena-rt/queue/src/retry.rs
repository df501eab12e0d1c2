//! How long to wait before the next try.

use std::time::Duration;

/// Twice as long each time, up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Backoff {
    first: Duration,
    most: Duration,
    times: u32,
}

impl Backoff {
    pub(super) fn new(first: Duration, most: Duration) -> Self {
        Self { first, most, times: 0 }
    }

    /// How long to wait now.
    pub(super) fn next(&mut self) -> Duration {
        self.times = self.times.saturating_add(1);
        after(self.first, self.most, self.times)
    }

    /// It went well: the next wait is the first again.
    pub(super) fn reset(&mut self) {
        self.times = 0;
    }
}

/// How long to wait after so many failures: no time before the first.
pub(super) fn after(first: Duration, most: Duration, failures: u32) -> Duration {
    match failures.checked_sub(1) {
        None => Duration::ZERO,
        Some(doublings) => {
            first.saturating_mul(2_u32.checked_pow(doublings).unwrap_or(u32::MAX)).min(most)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_the_limit() {
        let (first, most) = (Duration::from_millis(100), Duration::from_secs(1));
        let mut backoff = Backoff::new(first, most);
        let waits: Vec<_> = (0..6).map(|_| backoff.next().as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 800, 1000, 1000]);
        backoff.reset();
        assert_eq!(backoff.next(), first);
        assert_eq!(after(first, most, 0), Duration::ZERO);
        assert_eq!(after(first, most, 90), most);
    }
}
