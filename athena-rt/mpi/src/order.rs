//! When what is done comes out: in the order of the input, or as it is done.

use std::collections::BTreeMap;

/// How many batches may be done or out ahead of the first that is not done: what is kept of each is
/// a few numbers, its outcomes are in the journal.
const WINDOW: u64 = 1 << 18;

/// Where a batch's outcomes are in the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) offset: u64,
    pub(super) length: u64,
}

impl Kept {
    fn end(self) -> u64 {
        self.offset + self.length
    }
}

#[derive(Debug)]
pub(super) struct Order {
    is_ordered: bool,
    /// What is done, by its number, or by when it was done.
    done: BTreeMap<u64, Kept>,
    /// What comes out next.
    next: u64,
    /// How many were done.
    count: u64,
}

impl Order {
    pub(super) fn new(is_ordered: bool) -> Self {
        Self { is_ordered, done: BTreeMap::new(), next: 0, count: 0 }
    }

    /// Whether the batch of this number may be dealt.
    pub(super) fn has_room(&self, number: u64) -> bool {
        !self.is_ordered || number < self.next + WINDOW
    }

    /// A batch is done.
    pub(super) fn done(&mut self, number: u64, kept: Kept) {
        let key = if self.is_ordered { number } else { self.count };
        self.done.insert(key, kept);
        self.count += 1;
    }

    /// What comes out now; `durable`: up to where the journal has reached the disk.
    pub(super) fn next(&mut self, durable: u64) -> Option<Kept> {
        let first = self.done.first_entry()?;
        if *first.key() != self.next || first.get().end() > durable {
            return None;
        }
        self.next += 1;
        Some(first.remove())
    }

    /// Whether all that is done came out.
    pub(super) fn is_empty(&self) -> bool {
        self.done.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(at: u64) -> Kept {
        Kept { offset: at * 10, length: 10 }
    }

    #[test]
    fn what_is_done_comes_out_in_order_once_it_is_durable() {
        let mut order = Order::new(true);
        order.done(1, kept(0));
        assert_eq!(order.next(u64::MAX), None);
        order.done(0, kept(1));
        assert_eq!(order.next(19), None);
        assert_eq!(order.next(20), Some(kept(1)));
        assert_eq!(order.next(20), Some(kept(0)));
        assert_eq!(order.next(20), None);
        assert!(order.is_empty());
    }

    #[test]
    fn without_order_it_comes_out_as_it_is_done() {
        let mut order = Order::new(false);
        order.done(7, kept(0));
        order.done(3, kept(1));
        assert_eq!(order.next(15), Some(kept(0)));
        assert_eq!(order.next(15), None);
        assert!(order.has_room(u64::MAX));
    }

    #[test]
    fn who_is_too_far_ahead_waits_for_the_first() {
        let mut order = Order::new(true);
        assert!(order.has_room(WINDOW - 1) && !order.has_room(WINDOW));
        order.done(0, kept(0));
        order.next(u64::MAX);
        assert!(order.has_room(WINDOW));
    }
}
