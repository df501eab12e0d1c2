//! Schedules the search for messages to claim: those whose consumer stopped responding, and those
//! that are due for another attempt.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

/// The cursor of a new search.
const FIRST: &str = "0-0";

/// The broker counts whole milliseconds from when it received the request.
const LATER: Duration = Duration::from_millis(5);

/// When to search next, and where to continue.
pub(super) struct ReclaimSchedule {
    pause: Duration,
    due: Option<Instant>,
    cursor: String,
    /// When the messages that this consumer returned are due.
    expected: BinaryHeap<Reverse<Instant>>,
}

impl ReclaimSchedule {
    pub(super) fn new(lease: Duration) -> Self {
        let pause = (lease / 4).max(Duration::from_millis(250));
        Self { pause, due: None, cursor: FIRST.to_owned(), expected: BinaryHeap::new() }
    }

    /// Expects a message at this time.
    pub(super) fn expect(&mut self, at: Instant) {
        self.expected.push(Reverse(at + LATER));
    }

    /// The cursor of the next search, if one is due.
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

    /// Records the end of a search. The next one is due at once if this one found messages or is
    /// incomplete.
    pub(super) fn end(&mut self, cursor: String, has_found: bool, now: Instant) {
        if has_found || cursor != FIRST {
            self.due = Some(now);
        }
        self.cursor = cursor;
    }

    /// How long until the next search.
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
    fn searches_are_rare_unless_there_is_something_to_find() {
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
    fn a_search_is_due_when_a_returned_message_is() {
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
