//! When to look for messages that other readers gave no sign of life for, or that are to be tried
//! again.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// Where a look begins.
const FIRST: &str = "0-0";

/// The broker counts whole milliseconds, from when it was told.
const LATER: Duration = Duration::from_millis(5);

/// When to look next, and where to go on.
pub(super) struct ReclaimSchedule {
    pause: Duration,
    due: Option<Instant>,
    cursor: String,
    /// When those come that this reader refused.
    expected: BinaryHeap<Reverse<Instant>>,
}

impl ReclaimSchedule {
    pub(super) fn new(lease: Duration) -> Self {
        let pause = (lease / 4).max(Duration::from_millis(250));
        Self { pause, due: None, cursor: FIRST.to_owned(), expected: BinaryHeap::new() }
    }

    /// One will be there at this time.
    pub(super) fn expect(&mut self, at: Instant) {
        self.expected.push(Reverse(at + LATER));
    }

    /// Where to begin a look, if it is time for one.
    pub(super) fn begin(&mut self, now: Instant) -> Option<String> {
        if !self.wait(now).is_zero() {
            return None;
        }
        while self.expected.peek().is_some_and(|Reverse(at)| *at <= now) {
            self.expected.pop();
        }
        self.due = Some(now + self.pause);
        Some(self.cursor.clone())
    }

    /// Where a look ended: the next comes at once if there was something or there is more to look
    /// through.
    pub(super) fn end(&mut self, cursor: String, has_found: bool, now: Instant) {
        if has_found || cursor != FIRST {
            self.due = Some(now);
        }
        self.cursor = cursor;
    }

    /// How long there is nothing to look for.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let expected = self.expected.peek().map(|Reverse(at)| *at);
        let next = self.due.map(|due| expected.map_or(due, |at| at.min(due)));
        next.map_or(Duration::ZERO, |at| at.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_rare_unless_there_is_something_to_find() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut reclaim = ReclaimSchedule::new(Duration::from_secs(4));
        assert_eq!(reclaim.begin(at(0)).as_deref(), Some("0-0"));
        reclaim.end("7-0".to_owned(), false, at(1));
        assert_eq!(reclaim.begin(at(1)).as_deref(), Some("7-0"), "there is more to look through");
        reclaim.end("0-0".to_owned(), true, at(2));
        assert_eq!(reclaim.begin(at(2)).as_deref(), Some("0-0"), "there was something");
        reclaim.end("0-0".to_owned(), false, at(3));
        assert_eq!(reclaim.wait(at(502)), Duration::from_millis(500));
        assert_eq!(reclaim.begin(at(1001)), None);
        assert!(reclaim.begin(at(1002)).is_some());
    }

    #[test]
    fn a_look_comes_when_one_that_was_refused_does() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut reclaim = ReclaimSchedule::new(Duration::from_mins(1));
        assert!(reclaim.begin(at(0)).is_some());
        reclaim.expect(at(100));
        reclaim.expect(at(300));
        assert_eq!(reclaim.begin(at(100)), None);
        assert!(reclaim.begin(at(105)).is_some());
        reclaim.end("0-0".to_owned(), false, at(106));
        assert_eq!(reclaim.wait(at(205)), Duration::from_millis(100), "the other one");
        assert!(reclaim.begin(at(305)).is_some());
        assert!(reclaim.wait(at(305)) > Duration::from_secs(10));
    }
}
